import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { ProgrammeBus } from './programme-bus';
import { audioEndUs, framesToUs, type AudioPacket, type VideoConfig, type VideoPacket } from './packets';
import { tone } from './testing/fixture';

const FRAME_US = 1e6 / 30;
const CONFIG: VideoConfig = {
  codec: 'avc1.42c01f',
  description: Uint8Array.of(1, 0x42, 0xc0, 0x1f, 0xff),
  width: 1280,
  height: 720,
  fps: 30,
};
const OTHER: VideoConfig = { ...CONFIG, description: Uint8Array.of(1, 0x42, 0xc0, 0x20, 0xff) };

/** Remembers everything it is given. */
class Spy {
  readonly name = 'spy';
  readonly video: VideoPacket[] = [];
  readonly audio: AudioPacket[] = [];
  readonly configs: VideoConfig[] = [];
  startUs: number | null = null;

  onStart(config: VideoConfig, startUs: number): void {
    this.configs.push(config);
    this.startUs = startUs;
  }
  onConfig(config: VideoConfig): void {
    this.configs.push(config);
  }
  onVideo(packet: VideoPacket): void {
    this.video.push(packet);
  }
  onAudio(packet: AudioPacket): void {
    this.audio.push(packet);
  }

  largestVideoGapUs(): number {
    return Math.max(
      0,
      ...this.video.slice(1).map((packet, i) => packet.timestampUs - this.video[i]!.timestampUs),
    );
  }
  /** Deviation from sound without a hole, in microseconds. */
  largestAudioHoleUs(): number {
    return Math.max(
      0,
      ...this.audio.slice(1).map((packet, i) => Math.abs(packet.timestampUs - audioEndUs(this.audio[i]!))),
    );
  }
}

let nowUs: number;
let requests: number;
let bus: ProgrammeBus;

beforeEach(() => {
  nowUs = 10_000_000;
  requests = 0;
  bus = new ProgrammeBus({ nowUs: () => nowUs, onKeyFrameNeeded: () => (requests += 1) });
  bus.setVideoConfig(CONFIG);
});

function picture(timestampUs: number, key: boolean, mark = 0): VideoPacket {
  return { data: Uint8Array.of(mark), timestampUs: Math.round(timestampUs), durationUs: 33_333, key };
}

function slate(): VideoPacket[] {
  return Array.from({ length: 15 }, (_, i) => picture(i * FRAME_US, i === 0, 200 + i));
}

/** Plays pictures and sound until `untilUs`, with the clock, a tick each 50 ms; a key frame each second. */
function play(
  untilUs: number,
  give: { video?: boolean; audio?: boolean } = { video: true, audio: true },
): void {
  let frame = Math.ceil(nowUs / FRAME_US);
  let sound = Math.ceil(nowUs / 10_000);
  for (; nowUs < untilUs; nowUs += 10_000) {
    for (; frame * FRAME_US <= nowUs; frame += 1) {
      if (give.video) bus.pushVideo(picture(frame * FRAME_US, frame % 30 === 0));
    }
    for (; sound * 10_000 <= nowUs; sound += 1) if (give.audio) bus.pushAudio(tone(sound * 10_000));
    if (nowUs % 50_000 === 0) bus.tick();
  }
}

describe('a sink', () => {
  it('starts at the next key frame, which it asks for', () => {
    const spy = new Spy();
    play(10_500_000);
    bus.addSink(spy);
    expect(requests).toBeGreaterThan(0);
    play(12_500_000);
    expect(spy.video[0]!.key).toBe(true);
    expect(spy.startUs).toBe(spy.video[0]!.timestampUs);
  });

  it('gets sound from exactly its first picture on, also when the sound came earlier', () => {
    const spy = new Spy();
    play(10_500_000);
    bus.addSink(spy);
    for (let at = 10_500_000; at < 10_900_000; at += 10_000) bus.pushAudio(tone(at));
    bus.pushVideo(picture(10_633_333, true));
    expect(Math.abs(spy.audio[0]!.timestampUs - 10_633_333)).toBeLessThan(25);
    expect(spy.largestAudioHoleUs()).toBeLessThan(1);
    expect(audioEndUs(spy.audio.at(-1)!)).toBeCloseTo(10_900_000, -1);
  });

  it('gets silence at its start where there was no sound yet', () => {
    const spy = new Spy();
    bus.addSink(spy);
    play(10_800_000, { video: true });
    play(12_000_000);
    expect(Math.abs(spy.audio[0]!.timestampUs - spy.startUs!)).toBeLessThan(25);
    expect(spy.audio[0]!.samples.every((value) => value === 0)).toBe(true);
    expect(spy.audio.some((packet) => packet.samples.some((value) => value !== 0))).toBe(true);
  });

  it('that throws is detached; the others go on', () => {
    const broken = new Spy();
    broken.onVideo = () => {
      throw new Error('broken');
    };
    const spy = new Spy();
    bus.addSink(broken);
    bus.addSink(spy);
    play(12_000_000);
    expect(spy.video.length).toBeGreaterThan(20);
    expect(bus.counters.sinkFailures).toBe(1);
  });

  it('that throws is told why it was detached', () => {
    const reasons: string[] = [];
    const broken = Object.assign(new Spy(), { onDetached: (error: Error) => reasons.push(error.message) });
    broken.onVideo = () => {
      throw new Error('broken');
    };
    bus.addSink(broken);
    play(12_000_000);
    expect(reasons).toEqual(['broken']);
  });

  it('that was detached gets nothing more', () => {
    const spy = new Spy();
    const detach = bus.addSink(spy);
    play(12_000_000);
    detach();
    const seen = spy.video.length;
    play(13_000_000);
    expect(spy.video.length).toBe(seen);
  });
});

describe('gaps', () => {
  it('in sound are filled with silence while it is missing', () => {
    const spy = new Spy();
    bus.addSink(spy);
    play(12_000_000);
    play(14_000_000, { video: true });
    play(15_000_000);
    expect(spy.largestAudioHoleUs()).toBeLessThan(1);
    expect(bus.counters.silenceFrames).toBeGreaterThan(48_000);
    expect(audioEndUs(spy.audio.at(-1)!)).toBeGreaterThan(14_900_000);
  });

  it('in video are left while the renderer only stutters for less than a second', () => {
    const spy = new Spy();
    bus.setSlate(slate());
    bus.addSink(spy);
    play(12_000_000);
    play(12_800_000, { audio: true });
    expect(bus.counters.slate).toBe(0);
  });

  it('in video become the slate when the renderer stalls, and end at a key frame', () => {
    const spy = new Spy();
    bus.setSlate(slate());
    bus.addSink(spy);
    play(12_000_000);
    play(15_010_000, { audio: true });
    play(17_000_000);
    expect(bus.counters).toMatchObject({ stalls: 1, slateRuns: 1 });
    expect(bus.onSlate).toBe(false);
    expect(spy.largestVideoGapUs()).toBeLessThan(60_000);
    const marks = spy.video.map((packet) => packet.data[0]!);
    const first = marks.findIndex((mark) => mark >= 200);
    const after = marks.findIndex((mark, index) => index > first && mark === 0);
    expect(spy.video[first]!.key).toBe(true);
    expect(spy.video[after]!.key).toBe(true);
  });

  it('end also where the encoder is slower than the slate stays behind the clock', () => {
    const spy = new Spy();
    bus.setSlate(slate());
    bus.addSink(spy);
    play(12_000_000);
    play(14_000_000, { audio: true });
    expect(bus.onSlate).toBe(true);
    const latencyUs = 600_000;
    for (let frame = 420; frame < 540; frame += 1) {
      nowUs = frame * FRAME_US + latencyUs;
      bus.tick();
      bus.pushVideo(picture(frame * FRAME_US, frame % 15 === 0));
    }
    expect(bus.onSlate).toBe(false);
    expect(spy.video.filter((packet) => packet.timestampUs > 17e6).length).toBeGreaterThan(20);
    expect(spy.largestVideoGapUs()).toBeLessThan(60_000);
  });

  it('are filled at once when the renderer is gone, on both tracks', () => {
    const spy = new Spy();
    bus.setSlate(slate());
    bus.addSink(spy);
    play(12_000_000);
    bus.rendererGone();
    play(16_000_000, {});
    expect(bus.onSlate).toBe(true);
    bus.rendererBack();
    play(18_000_000);
    expect(bus.onSlate).toBe(false);
    expect(spy.largestVideoGapUs()).toBeLessThan(60_000);
    expect(spy.largestAudioHoleUs()).toBeLessThan(1);
  });

  it('hold the last key frame where no slate was made yet', () => {
    const spy = new Spy();
    bus.addSink(spy);
    play(12_000_000);
    bus.rendererGone();
    play(15_000_000, {});
    expect(bus.counters.held).toBeGreaterThanOrEqual(5);
    expect(spy.video.at(-1)!.key).toBe(true);
    expect(spy.largestVideoGapUs()).toBeLessThanOrEqual(500_001);
  });

  it('let a new sink begin with the slate, at its key frame, without waiting for the renderer', () => {
    bus.setSlate(slate());
    const first = new Spy();
    bus.addSink(first);
    bus.rendererGone();
    play(11_000_000, {});
    const spy = new Spy();
    bus.addSink(spy);
    play(11_200_000, {});
    expect(spy.video[0]!.key).toBe(true);
    expect(spy.video[0]!.data[0]).toBe(200);
  });

  it('of hours, while the machine slept, are skipped and not filled', () => {
    const spy = new Spy();
    bus.setSlate(slate());
    bus.addSink(spy);
    play(12_000_000);
    const before = { video: spy.video.length, audio: spy.audio.length };
    nowUs += 3 * 3600 * 1e6;
    bus.tick();
    expect(spy.video.length - before.video).toBeLessThan(1_000);
    expect(spy.audio.length - before.audio).toBeLessThan(2_000);
  });
});

describe('video', () => {
  it('that is late is dropped with all that depends on it', () => {
    const spy = new Spy();
    bus.addSink(spy);
    bus.pushVideo(picture(10_000_000, true));
    bus.pushVideo(picture(10_100_000, false));
    bus.pushVideo(picture(10_050_000, false));
    bus.pushVideo(picture(10_133_333, false));
    bus.pushVideo(picture(10_166_666, true));
    expect(spy.video.map((packet) => packet.timestampUs)).toEqual([10_000_000, 10_100_000, 10_166_666]);
    expect(bus.counters).toMatchObject({ videoLate: 1, videoAwaitingKey: 1 });
  });

  it('of another avcC is announced just before its key frame', () => {
    const spy = new Spy();
    bus.addSink(spy);
    bus.pushVideo(picture(10_000_000, true));
    bus.setVideoConfig(OTHER);
    bus.pushVideo(picture(10_033_333, false));
    expect(spy.configs).toEqual([CONFIG]);
    bus.pushVideo(picture(10_066_666, true));
    expect(spy.configs).toEqual([CONFIG, OTHER]);
    expect(spy.video).toHaveLength(2);
  });

  it('of the same avcC is not announced again', () => {
    const spy = new Spy();
    bus.addSink(spy);
    bus.pushVideo(picture(10_000_000, true));
    bus.setVideoConfig({ ...CONFIG, description: CONFIG.description.slice() });
    bus.pushVideo(picture(10_033_333, true));
    expect(spy.configs).toHaveLength(1);
  });

  it('is refused from a renderer that is gone', () => {
    const spy = new Spy();
    bus.addSink(spy);
    bus.rendererGone();
    bus.pushVideo(picture(10_000_000, true));
    expect(spy.video).toHaveLength(0);
    expect(bus.counters.videoRefused).toBe(1);
  });

  it('asks for key frames no more than twice a second', () => {
    bus.addSink(new Spy());
    play(12_000_000, { audio: true });
    expect(requests).toBeLessThanOrEqual(5);
    expect(requests).toBeGreaterThanOrEqual(3);
  });
});

describe('a slate', () => {
  it('must begin with a key frame', () => {
    expect(() => bus.setSlate([picture(0, false)])).toThrow(/key frame/);
    expect(() => bus.setSlate([])).toThrow(/key frame/);
  });

  it('must be in display order', () => {
    expect(() => bus.setSlate([picture(0, true), picture(0, false)])).toThrow(/must rise/);
  });
});

describe('whatever is pushed', () => {
  const step = fc.oneof(
    fc.record({
      do: fc.constant('video' as const),
      lagUs: fc.integer({ min: -20_000, max: 400_000 }),
      key: fc.boolean(),
    }),
    fc.record({ do: fc.constant('audio' as const), lagUs: fc.integer({ min: -20_000, max: 400_000 }) }),
    fc.record({ do: fc.constantFrom('gone' as const, 'back' as const, 'sink' as const, 'tick' as const) }),
    fc.record({ do: fc.constant('config' as const), other: fc.boolean() }),
    fc.record({ do: fc.constant('wait' as const), us: fc.integer({ min: 1_000, max: 2_000_000 }) }),
  );

  it('sinks see rising video from a key frame on, and sound without a hole', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 120 }), (steps) => {
        nowUs = 10_000_000;
        bus = new ProgrammeBus({ nowUs: () => nowUs, onKeyFrameNeeded: () => {} });
        bus.setVideoConfig(CONFIG);
        bus.setSlate(slate());
        const spies = [new Spy()];
        bus.addSink(spies[0]!);
        for (const s of steps) {
          if (s.do === 'video') bus.pushVideo(picture(nowUs - s.lagUs, s.key));
          else if (s.do === 'audio') bus.pushAudio(tone(nowUs - s.lagUs));
          else if (s.do === 'gone') bus.rendererGone();
          else if (s.do === 'back') bus.rendererBack();
          else if (s.do === 'tick') bus.tick();
          else if (s.do === 'config') bus.setVideoConfig(s.other ? OTHER : CONFIG);
          else if (s.do === 'wait') nowUs += s.us;
          else if (spies.length < 4) {
            const spy = new Spy();
            spies.push(spy);
            bus.addSink(spy);
          }
        }
        for (const spy of spies) {
          if (spy.video.length > 0) expect(spy.video[0]!.key).toBe(true);
          for (let i = 1; i < spy.video.length; i += 1) {
            expect(spy.video[i]!.timestampUs).toBeGreaterThan(spy.video[i - 1]!.timestampUs);
          }
          expect(spy.largestAudioHoleUs()).toBeLessThan(25);
          const first = spy.audio[0];
          if (first) expect(Math.abs(first.timestampUs - spy.startUs!)).toBeLessThan(framesToUs(1) + 1);
        }
      }),
      { numRuns: 300 },
    );
  });
});
