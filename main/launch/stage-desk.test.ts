import { EventEmitter } from 'node:events';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { WebSocket } from 'ws';
import { FrameFlag, FrameFormat, FrameKind, encodeFrame, type FrameHeader } from '../../contract/frame';
import { COMPOSITOR_BACKENDS, LAYER_CONDITIONS, type ToStage } from '../../contract/stage';
import { CHANNELS, type AudioPacket, type ProgrammeSink, type VideoPacket } from '../outputs/packets';
import { ProgrammeBus } from '../outputs/programme-bus';
import { ProgrammeClock } from '../studio/programme-clock';
import { testStudio, textLayer } from '../studio/testing';
import { emptyProject } from '../../contract/project';
import { StageDesk } from './stage-desk';

/** The stage's end of a socket that is no socket. */
class FakeSocket extends EventEmitter {
  readonly OPEN = 1;
  readyState = 1;
  binaryType = '';
  isPaused = false;
  readonly sent: ToStage[] = [];

  send(text: string): void {
    this.sent.push(JSON.parse(text) as ToStage);
  }
  close(): void {
    this.readyState = 3;
    this.emit('close');
  }
  pause(): void {
    this.isPaused = true;
  }
  resume(): void {
    this.isPaused = false;
  }
}

/** Notes what an output would be given. */
class Spy implements ProgrammeSink {
  name = 'spy';
  readonly video: VideoPacket[] = [];
  readonly audio: AudioPacket[] = [];
  onStart(): void {}
  onConfig(): void {}
  onVideo(packet: VideoPacket): void {
    this.video.push(packet);
  }
  onAudio(packet: AudioPacket): void {
    this.audio.push(packet);
  }
}

let monotonicUs = 0;
let clock: ProgrammeClock;
let bus: ProgrammeBus;
let desk: StageDesk;
let socket: FakeSocket;
let studio: ReturnType<typeof testStudio>['studio'];

beforeEach(() => {
  vi.useFakeTimers();
  monotonicUs = 0;
  clock = new ProgrammeClock(() => monotonicUs);
  bus = new ProgrammeBus({ nowUs: () => clock.nowUs(), onKeyFrameNeeded: () => desk.requestKeyFrame() });
  const project = emptyProject();
  project.scenes[0]!.layers = [textLayer('a')];
  ({ studio } = testStudio(project));
  desk = new StageDesk(studio, bus, clock);
  socket = connect();
});
afterEach(() => {
  desk.stop();
  vi.useRealTimers();
});

function connect(): FakeSocket {
  const fake = new FakeSocket();
  desk.link.accept(fake as unknown as WebSocket);
  return fake;
}

/** Lets programme time and timers go on together. */
function pass(us: number): void {
  monotonicUs += us;
  vi.advanceTimersByTime(us / 1000);
  bus.tick();
}

const CONFIG = {
  type: 'video-config',
  codec: 'avc1.42c01f',
  description: 'AULAH//hAAA=',
  width: 1280,
  height: 720,
  fps: 30,
};
const say = (message: object) => socket.emit('message', Buffer.from(JSON.stringify(message)), false);

function formatOf(kind: FrameKind): FrameFormat {
  if (kind === FrameKind.pcm) return FrameFormat.f32;
  return kind === FrameKind.picture ? FrameFormat.rgba8 : FrameFormat.avc;
}

function frame(
  kind: FrameKind,
  captureUs: number,
  { flags = 0, width = CHANNELS, height = 0, payload = new Uint8Array(16), format = formatOf(kind) } = {},
): void {
  const header: FrameHeader = {
    kind,
    format,
    width,
    height,
    streamId: 0,
    sequence: 0,
    epoch: 0,
    appliedVersion: 0,
    seed: 0,
    captureUs,
    doneUs: 0,
    flags,
    durationUs: 33_333,
  };
  socket.emit('message', encodeFrame(header, payload), true);
}

describe('the stage desk', () => {
  it('takes a slate that begins with a key frame, and refuses pictures without one', () => {
    say(CONFIG);
    frame(FrameKind.slate, 0);
    frame(FrameKind.slate, 33_333);
    expect(desk.link.refused).toBe(2);
    expect(() => pass(1e6)).not.toThrow();
    frame(FrameKind.slate, 0, { flags: FrameFlag.key });
    frame(FrameKind.slate, 33_333);
    frame(FrameKind.slate, 33_333);
    expect(desk.link.refused).toBe(3);
    pass(1e6);
    const spy = new Spy();
    bus.addSink(spy);
    bus.rendererGone();
    for (let i = 0; i < 10; i += 1) pass(100_000);
    expect(spy.video.slice(0, 4).map((packet) => packet.key)).toEqual([true, false, true, false]);
  });

  it('refuses packets from further ahead than its clock: they would stop the outputs for good', () => {
    say(CONFIG);
    const spy = new Spy();
    bus.addSink(spy);
    frame(FrameKind.video, 1000, { flags: FrameFlag.key });
    frame(FrameKind.video, 9e15, { flags: FrameFlag.key });
    frame(FrameKind.pcm, 9e15);
    pass(33_333);
    frame(FrameKind.video, 34_333);
    frame(FrameKind.pcm, 1000);
    expect(spy.video.map((packet) => packet.timestampUs)).toEqual([1000, 34_333]);
    expect(Math.max(...spy.audio.map((packet) => packet.timestampUs))).toBeLessThan(1e6);
    expect(desk.link.refused).toBe(2);
  });

  it('takes H.264 only, for the programme and for the slate', () => {
    const spy = new Spy();
    say(CONFIG);
    bus.addSink(spy);
    frame(FrameKind.video, 0, { flags: FrameFlag.key, format: FrameFormat.f32 });
    frame(FrameKind.slate, 0, { flags: FrameFlag.key, format: FrameFormat.f32 });
    expect(spy.video).toEqual([]);
    expect(desk.link.refused).toBe(2);
    frame(FrameKind.video, 0, { flags: FrameFlag.key });
    expect(spy.video).toHaveLength(1);
  });

  it('refuses packets more than a second ahead', () => {
    const spy = new Spy();
    say(CONFIG);
    bus.addSink(spy);
    frame(FrameKind.video, 1_100_000, { flags: FrameFlag.key });
    expect(desk.link.refused).toBe(1);
    frame(FrameKind.video, 900_000, { flags: FrameFlag.key });
    expect(spy.video).toHaveLength(1);
  });

  it('takes stereo sound only', () => {
    const spy = new Spy();
    say(CONFIG);
    bus.addSink(spy);
    frame(FrameKind.video, 0, { flags: FrameFlag.key });
    frame(FrameKind.pcm, 0, { width: 1, payload: new Uint8Array(12) });
    expect(spy.audio).toEqual([]);
    expect(desk.link.refused).toBe(1);
    frame(FrameKind.pcm, 0);
    expect(spy.audio.reduce((sum, packet) => sum + packet.frames, 0)).toBe(2);
  });

  it.each([
    ['a sound clock at infinity', '{"type":"sound-clock","frame":1e999,"programmeUs":1e999}'],
    ['an endless frame rate', JSON.stringify({ ...CONFIG, fps: 1e12 })],
    ['no frame rate', JSON.stringify({ ...CONFIG, fps: 0 })],
  ])('refuses %s', (_, text) => {
    socket.emit('message', Buffer.from(text), false);
    socket.emit('message', Buffer.from(text), false);
    expect(desk.link.refused).toBe(2);
    pass(1e6);
    expect(clock.nowUs()).toBe(1e6);
    expect(bus.videoConfig).toBeNull();
  });

  const count = fc.oneof(fc.nat(), fc.double({ min: 0, noNaN: true }));
  const text = fc.string({ maxLength: 200 });
  const spread = fc.record({ p50: count, p95: count, n: count });
  const error = fc.record({
    origin: fc.constantFrom('stage', 'sound'),
    code: fc.constantFrom('encoder.lost', 'device.lost', 'media.unsupported'),
    message: text,
  });
  const message = fc.oneof(
    fc.record({
      type: fc.constant('hello'),
      backend: fc.constantFrom(...COMPOSITOR_BACKENDS),
      h264: fc.boolean(),
    }),
    fc.record({ type: fc.constant('ping'), id: count, sentMs: count }),
    fc.record({
      type: fc.constant('video-config'),
      codec: text,
      description: fc.base64String({ maxLength: 100 }),
      width: count,
      height: count,
      fps: fc.oneof(count, fc.double({ min: 1, max: 240, noNaN: true })),
    }),
    fc.record({ type: fc.constant('sound-clock'), frame: count, programmeUs: count }),
    fc.record({
      type: fc.constant('stats'),
      stats: fc.record({
        atUs: count,
        backend: fc.constantFrom(...COMPOSITOR_BACKENDS),
        fps: count,
        lateTicks: count,
        skippedTicks: count,
        ticks: count,
        compositeMs: spread,
        encodeMs: spread,
        encodeQueue: count,
        encoder: fc.option(text),
        engines: fc.constant([]),
        levelsDb: fc.dictionary(text, fc.double({ noNaN: true }), { maxKeys: 3 }),
        soundFrames: count,
        soundJumps: count,
      }),
    }),
    fc.record({
      type: fc.constant('layer'),
      layer: fc.record({
        layerId: fc.oneof(fc.constant('a'), text),
        condition: fc.constantFrom(...LAYER_CONDITIONS),
        error: fc.option(error),
      }),
    }),
    fc.record({ type: fc.constant('error'), error }),
  );
  const picture = fc.record({
    kind: fc.constantFrom(...Object.values(FrameKind)),
    atUs: fc.oneof(
      fc.integer({ min: -400_000, max: 400_000 }).map((lagUs) => ({ lagUs })),
      fc.double({ min: 0, max: Number.MAX_SAFE_INTEGER, noNaN: true }).map((us) => ({ us })),
    ),
    flags: fc.oneof(fc.integer({ min: 0, max: 7 }), fc.integer({ min: 0, max: 0xffffffff })),
    width: fc.integer({ min: 0, max: 4 }),
    height: fc.integer({ min: 0, max: 4 }),
    bytes: fc.uint8Array({ maxLength: 12 }),
  });
  const event = fc.oneof(
    { weight: 12, arbitrary: picture.map((value) => ({ do: 'frame' as const, value })) },
    { weight: 6, arbitrary: message.map((value) => ({ do: 'say' as const, value })) },
    { weight: 3, arbitrary: fc.nat(2_000_000).map((us) => ({ do: 'pass' as const, us })) },
    { weight: 1, arbitrary: fc.constantFrom({ do: 'reconnect' as const }, { do: 'gone' as const }) },
  );

  it('comes to no harm by 12,000 well-formed messages and frames, and neither does the project', () => {
    const { project } = studio.state;
    const spy = new Spy();
    bus.addSink(spy);
    const events = fc.sample(event, { numRuns: 12_000, seed: 11 });
    for (const e of events) {
      if (e.do === 'pass') pass(e.us);
      else if (e.do === 'say') say(e.value);
      else if (e.do === 'reconnect') socket = connect();
      else if (e.do === 'gone') {
        socket.close();
        socket = connect();
      } else {
        const { kind, atUs, flags, width, height, bytes } = e.value;
        const channels = kind === FrameKind.pcm ? Math.max(1, width) : width;
        const size =
          kind === FrameKind.picture ? 4 * width * height : kind === FrameKind.pcm ? channels * 12 : 0;
        const captureUs = 'us' in atUs ? atUs.us : Math.max(0, clock.nowUs() + atUs.lagUs);
        frame(kind, captureUs, {
          flags,
          width: channels,
          height,
          payload: size > 0 ? new Uint8Array(size) : bytes,
        });
      }
    }
    pass(5e6);
    vi.runOnlyPendingTimers();
    expect(studio.state.project).toBe(project);
    expect(Number.isFinite(clock.nowUs())).toBe(true);
    expect(spy.video.length).toBeGreaterThan(100);
    for (let i = 1; i < spy.video.length; i += 1) {
      expect(spy.video[i]!.timestampUs).toBeGreaterThan(spy.video[i - 1]!.timestampUs);
    }
    // After all that a programme still gets through.
    say(CONFIG);
    const before = spy.video.length;
    pass(6e6);
    frame(FrameKind.video, clock.nowUs(), { flags: FrameFlag.key });
    expect(spy.video.length).toBeGreaterThan(before);
    expect(bus.counters.sinkFailures).toBe(0);
  }, 60_000);
});
