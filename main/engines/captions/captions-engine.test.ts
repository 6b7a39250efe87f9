import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { CaptionUpdate, CaptionWord } from '../../../contract/captions';
import type { EngineControl } from '../../../contract/engine';
import { FrameFormat, FrameKind, type Frame, type FrameHeader } from '../../../contract/frame';
import type { Peer } from '../runtime/stage-socket';
import { StageTimes } from '../runtime/timing';
import { CaptionsEngine, SOUND_STOPS_MS, type CaptionsNetwork } from './captions-engine';

const SECOND = 1_000_000;
const PACKET_MS = 20;

/** Says "a", "b", "c" … in turn, one word a run, for every stream from its own beginning. */
class CountingNetwork implements CaptionsNetwork {
  readonly geometry = {
    lookAhead: 1,
    window: 25,
    shift: 16,
    chunk: 2,
    vocabulary: 26,
    startDelayUs: 0,
    endDelayUs: 0,
    sizes: {},
  };
  readonly pieces = Array.from({ length: 26 }, (_, i) => `\u2581${String.fromCharCode(97 + i)}`);
  readonly language = null;
  readonly release = vi.fn(async () => {});
  runs = 0;
  failing = false;

  begin() {
    return { at: { data: [0] } as never };
  }
  run(_: Float32Array, caches: ReturnType<CountingNetwork['begin']>) {
    this.runs++;
    if (this.failing) return Promise.reject(new Error('broken'));
    const at = (caches.at as unknown as { data: number[] }).data[0]!;
    const logProbabilities = new Float32Array(2 * 27).fill(-20);
    logProbabilities[at % 26] = 0;
    logProbabilities[27 + 26] = 0;
    return Promise.resolve({ logProbabilities, caches: { at: { data: [at + 1] } as never } });
  }
}

function control(change: Partial<EngineControl> = {}): EngineControl {
  return { type: 'control', streamId: 1, version: 1, epoch: 1, settings: { kind: 'captions' }, ...change };
}

function sound(captureUs: number, change: Partial<FrameHeader> = {}, level = 0.1): Frame {
  const header: FrameHeader = {
    kind: FrameKind.pcm,
    format: FrameFormat.f32,
    width: 2,
    height: 0,
    streamId: 1,
    sequence: 0,
    epoch: 0,
    appliedVersion: 0,
    seed: 0,
    captureUs,
    doneUs: 0,
    flags: 0,
    durationUs: PACKET_MS * 1000,
    ...change,
  };
  // Louder and softer by turns, as speech is.
  const loud = Math.floor(captureUs / 150_000) % 2 ? level : level / 5;
  const count = 48 * PACKET_MS * header.width;
  const samples = Float32Array.from({ length: count }, (_, n) => (n % 5 < 2 ? loud : -loud));
  return { header, payload: new Uint8Array(samples.buffer) };
}

async function settle(): Promise<void> {
  for (let i = 0; i < 50; i++) await new Promise((resolve) => setImmediate(resolve));
}

describe('CaptionsEngine', { timeout: 30_000 }, () => {
  let nowMs: number;
  let network: CountingNetwork;
  let engine: CaptionsEngine;
  let updates: CaptionUpdate[];
  let texts: unknown[];
  let troubles: unknown[];
  let peer: Peer;

  beforeEach(() => {
    // The engine's clock is the test's; only its periodic check is by a real timer, called here by hand.
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    nowMs = 0;
    network = new CountingNetwork();
    updates = [];
    texts = [];
    troubles = [];
    engine = new CaptionsEngine(network, new StageTimes(() => nowMs), {
      caption: (update) => void updates.push(update),
      trouble: (error) => void troubles.push(error),
    });
    peer = { sendFrame: () => true, sendText: (text) => void texts.push(text) };
  });
  afterEach(async () => {
    await engine.stop();
    vi.useRealTimers();
  });

  function play(fromMs: number, toMs: number, change: Partial<FrameHeader> = {}): void {
    for (let ms = fromMs; ms < toMs; ms += PACKET_MS) engine.frame(sound(ms * 1000, change), peer);
  }
  async function wait(ms: number): Promise<void> {
    nowMs += ms;
    vi.advanceTimersByTime(ms);
    await settle();
  }
  function words(streamId = 1): CaptionWord[] {
    const all: CaptionWord[] = [];
    for (const { from, words: changed, streamId: id } of updates)
      if (id === streamId) all.splice(from, Infinity, ...changed);
    return all;
  }

  it('tells main the words of a stream, with stream and epoch', async () => {
    expect(engine.control(control({ epoch: 7 }))).toEqual([]);
    play(3000, 4000);
    await settle();
    expect(words().map((word) => word.text)).toEqual(['a', 'b', 'c', 'd', 'e', 'f']);
    expect(updates.every(({ streamId, epoch }) => streamId === 1 && epoch === 7)).toBe(true);
    expect(updates.at(-1)!.heardUs).toBeCloseTo(4 * SECOND, -1);
    expect(words()[1]!.startUs).toBeCloseTo(3.16 * SECOND, -2);
  });

  it('keeps sound that comes before main asked for it', async () => {
    play(0, 500);
    await settle();
    expect(network.runs).toBe(0);
    engine.control(control());
    await settle();
    expect(words()[0]).toMatchObject({ text: 'a', startUs: 0 });
  });

  it('[C11] half a second without sound brings the last words, all confirmed, once', async () => {
    engine.control(control());
    play(0, 1000);
    await settle();
    expect(words().at(-1)!.state).toBe('draft');
    await wait(SOUND_STOPS_MS + 100);
    const told = updates.length;
    expect(words().length).toBeGreaterThan(6);
    expect(words().every((word) => word.state === 'confirmed')).toBe(true);
    await wait(5000);
    expect(updates).toHaveLength(told);
  });

  it('[C11] sound that goes on after a rest goes on with the same caches', async () => {
    engine.control(control());
    play(0, 1000);
    await wait(SOUND_STOPS_MS + 100);
    const before = words().length;
    const { runs } = network;
    play(9000, 10_000);
    await settle();
    const after = words().slice(before);
    expect(after[0]!.text).toBe(network.pieces[runs]!.slice(1));
    expect(after[0]!.begins).toBe(true);
    expect(after[0]!.startUs).toBeGreaterThan(8.7 * SECOND);
  });

  it('[C11] a stream that is forgotten says its last words, then nothing', async () => {
    engine.control(control());
    play(0, 1000);
    engine.forget(1);
    engine.forget(2);
    play(1000, 2000);
    await settle();
    expect(words().every((word) => word.state === 'confirmed')).toBe(true);
    const told = updates.length;
    play(2000, 3000);
    await settle();
    expect(updates).toHaveLength(told);
  });

  it('a new epoch begins anew; an older version changes nothing', async () => {
    engine.control(control({ version: 5 }));
    play(0, 1000);
    await settle();
    engine.control(control({ version: 4, epoch: 9 }));
    engine.control(control({ version: 6, epoch: 2 }));
    updates.length = 0;
    play(1000, 2000);
    await settle();
    expect(updates[0]).toMatchObject({ epoch: 2, from: 0 });
    expect(words()[0]).toMatchObject({ text: 'a', begins: true });
    expect(words()[0]!.startUs).toBeCloseTo(SECOND, -1);
  });

  it('[C10] streams take turns and keep their own caches', async () => {
    engine.control(control());
    engine.control(control({ streamId: 2 }));
    play(0, 1000);
    play(0, 1000, { streamId: 2, width: 1 });
    await settle();
    expect(words(2)).toEqual(words(1));
    expect(updates.slice(0, 4).map((update) => update.streamId)).toEqual([1, 2, 1, 2]);
  });

  it('[C10] half a minute at once is skipped to the end and counted, not kept', async () => {
    engine.control(control());
    play(0, 30_000);
    expect(engine.report().stagesMs['behind']).toBeLessThanOrEqual(10_100);
    expect(engine.report().dropped).toBeGreaterThan(1500);
    await settle();
    expect(words().at(-1)!.endUs).toBeGreaterThan(29 * SECOND);
  });

  it('[C12] a network that fails is reported, and goes on', async () => {
    engine.control(control());
    network.failing = true;
    play(0, 500);
    await settle();
    expect(texts[0]).toMatchObject({ type: 'failed', streamId: 1, error: { code: 'engine.failed' } });
    expect(troubles[0]).toMatchObject({ code: 'engine.failed' });
    network.failing = false;
    play(500, 1000);
    await settle();
    expect(words()[0]).toMatchObject({ text: 'a' });
  });

  it.each<[string, Partial<FrameHeader>]>([
    ['a picture', { kind: FrameKind.picture, format: FrameFormat.rgba8 }],
    ['a placed voice', { format: FrameFormat.placed }],
    ['three channels', { width: 3 }],
  ])('refuses %s', async (_, change) => {
    engine.control(control());
    engine.frame(sound(0, change), peer);
    expect(texts).toMatchObject([{ type: 'failed', streamId: 1, error: { code: 'message.invalid' } }]);
    expect(troubles).toEqual([]);
  });

  it('takes no more than 64 streams', async () => {
    for (let streamId = 0; streamId < 100; streamId++) engine.frame(sound(0, { streamId }), peer);
    expect(engine.report().dropped).toBe(36);
    await wait(SOUND_STOPS_MS + 100);
    engine.frame(sound(0, { streamId: 99 }), peer);
    expect(engine.report().dropped).toBe(36);
  });

  it('[C12] NaN, silence and full-scale noise harm nothing', async () => {
    engine.control(control());
    for (let ms = 0; ms < 2000; ms += PACKET_MS) {
      const level = [Number.NaN, 0, 1e30, -Infinity][(ms / PACKET_MS) % 4]!;
      engine.frame(sound(ms * 1000, {}, level), peer);
    }
    engine.leave(peer);
    await settle();
    expect(network.runs).toBeGreaterThan(10);
    expect(texts).toEqual([]);
  });

  it('stops after the chunk under way and frees the network once', async () => {
    engine.control(control());
    play(0, 5000);
    await engine.stop();
    expect(network.release).toHaveBeenCalledTimes(1);
    const { runs } = network;
    await settle();
    expect(network.runs).toBe(runs);
    network.release.mockClear();
    await engine.stop();
  });
});
