import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { EngineControl } from '../../../contract/engine';
import {
  FrameFormat,
  FrameKind,
  PLACED_BLOCK_BYTES,
  decodeFrame,
  type Frame,
  type FrameHeader,
} from '../../../contract/frame';
import { echoNetwork, stereoNoise } from '../testing/binaural-fixtures';
import type { Peer } from '../runtime/stage-socket';
import { StageTimes } from '../runtime/timing';
import { BinauralEngine } from './binaural-engine';
import { planSolver } from './solver';
import type { VelocityNetwork } from './velocity-graph';

const BLOCK_US = (128 * 1e6) / 48_000;
const LENGTH = 8;

function control(change: Partial<EngineControl> & { seed?: number } = {}): EngineControl {
  const { seed = 3, ...rest } = change;
  return {
    type: 'control',
    streamId: 1,
    version: 4,
    epoch: 1,
    settings: { kind: 'binaural', seed },
    ...rest,
  };
}

/** Piece number `piece` of a voice made of noise, eight blocks long. */
function piece(number: number, change: Partial<FrameHeader> = {}, sound = stereoNoise(64, 1)): Frame {
  const header: FrameHeader = {
    kind: FrameKind.pcm,
    format: FrameFormat.placed,
    width: 2,
    height: 0,
    streamId: 1,
    sequence: number * LENGTH,
    epoch: 1,
    appliedVersion: 0,
    seed: 0,
    captureUs: 1e6 + number * LENGTH * BLOCK_US,
    doneUs: 0,
    flags: 0,
    durationUs: LENGTH * BLOCK_US,
    ...change,
  };
  const values = new Float32Array((LENGTH * PLACED_BLOCK_BYTES) / 4);
  for (let block = 0; block < LENGTH; block++) {
    values.set([1, 0, 0, 1.5], block * 260);
    values.set(
      sound.subarray((number * LENGTH + block) * 256, (number * LENGTH + block + 1) * 256),
      block * 260 + 4,
    );
  }
  return { header, payload: new Uint8Array(values.buffer) };
}

/** A network that goes on when the test says so. */
class HandNetwork implements VelocityNetwork {
  readonly #echo = echoNetwork();
  readonly contract = this.#echo.contract;
  readonly release = vi.fn(async () => {});
  readonly order: number[] = [];
  readonly coldRuns: boolean[] = [];
  broken = false;
  held = false;
  #waiting: (() => void)[] = [];

  async evaluate(...[input, caches]: Parameters<VelocityNetwork['evaluate']>) {
    this.order.push(input.start[0]!);
    this.coldRuns.push((caches[0]!.data as Float32Array)[0] === 0);
    if (this.held) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    const result = await this.#echo.evaluate(input, caches);
    // A cache that shows that it was handed on.
    const warm = result.caches.map((cache) => Object.assign(Object.create(cache) as typeof cache, {}));
    if (this.broken) result.velocity[5] = Number.NaN;
    return { velocity: result.velocity, caches: warm.map((cache, i) => markWarm(cache, caches[i]!)) };
  }
  let(): void {
    this.#waiting.shift()?.();
  }
}

function markWarm<T extends { data: unknown }>(cache: T, original: T): T {
  const data = (original.data as Float32Array).slice();
  data[0] = 1;
  return { data } as unknown as T & typeof cache;
}

describe('BinauralEngine', { timeout: 30_000 }, () => {
  let nowMs: number;
  let network: HandNetwork;
  let engine: BinauralEngine;
  let results: Frame[];
  let texts: unknown[];
  let troubles: unknown[];
  let peer: Peer;

  beforeEach(() => {
    nowMs = 0;
    network = new HandNetwork();
    engine = new BinauralEngine(network, planSolver(1, 0), new StageTimes(() => nowMs), {
      trouble: (error) => void troubles.push(error),
    });
    results = [];
    texts = [];
    troubles = [];
    peer = {
      sendFrame: (message) => {
        results.push(decodeFrame(message));
        return true;
      },
      sendText: (text) => void texts.push(text),
    };
  });
  afterEach(async () => {
    network.held = false;
    for (let i = 0; i < 8; i++) network.let();
    await engine.stop();
    expect(network.release).toHaveBeenCalledOnce();
  });

  async function settle(): Promise<void> {
    for (let i = 0; i < 6; i++) await new Promise((resolve) => setImmediate(resolve));
  }

  it('[B13] answers are numbered by themselves and hold the sound of their own time', async () => {
    const sound = stereoNoise(64, 1);
    engine.control(control({ version: 9, seed: 77 }));
    for (let number = 0; number < 3; number++) {
      engine.frame(piece(number), peer);
      await settle();
    }
    expect(results.map(({ header }) => header.sequence)).toEqual([0, 5, 13]);
    expect(results[1]!.header).toMatchObject({
      format: FrameFormat.f32,
      width: 2,
      streamId: 1,
      epoch: 1,
      appliedVersion: 9,
      seed: 77,
    });
    const heard = new Float32Array(21 * 256);
    for (const { header, payload } of results) {
      expect(header.captureUs).toBeCloseTo(1e6 + header.sequence * BLOCK_US, 3);
      heard.set(new Float32Array(payload.slice().buffer), header.sequence * 256);
    }
    // The echoing network gives back the parametric render itself.
    const worst = heard.reduce((most, x, n) => Math.max(most, Math.abs(x - sound[n]!)), 0);
    expect(worst).toBeLessThan(1e-5);
    expect(engine.report()).toMatchObject({ processed: 3, dropped: 0 });
  });

  it('[B14] a piece past its deadline is not computed, and the voice begins anew after it', async () => {
    engine.control(control());
    engine.frame(piece(0), peer);
    await settle();
    network.held = true;
    engine.frame(piece(1), peer);
    await settle();
    engine.frame(piece(2, { doneUs: 1e6 + 3 * LENGTH * BLOCK_US + 20_000 }), peer);
    nowMs = 50;
    engine.frame(piece(3), peer);
    network.held = false;
    network.let();
    await settle();
    expect(network.coldRuns).toEqual([true, false, true]);
    expect(results.map(({ header }) => header.sequence)).toEqual([0, 5, 24]);
    expect(engine.report().dropped).toBe(1);
  });

  it('[B14] after pieces that took very long the engine goes on with those it can do in time', async () => {
    engine.control(control());
    network.held = true;
    for (let number = 0; number < 40; number++) {
      engine.frame(piece(number, {}, stereoNoise(64 * 8, 1)), peer);
      await settle();
      nowMs += 5000;
      network.let();
      await settle();
    }
    expect(engine.report()).toMatchObject({ processed: 40, dropped: 0 });
  });

  it('[B14] among streams the nearest deadline goes first, each in its own order', async () => {
    for (const streamId of [1, 2, 3]) engine.control(control({ streamId }));
    network.held = true;
    engine.frame(piece(0), peer);
    await settle();
    const due = (ms: number) => ({ doneUs: 1e6 + LENGTH * BLOCK_US + ms * 1000, captureUs: 1e6 });
    engine.frame(piece(0, { streamId: 2, ...due(90) }), peer);
    engine.frame(piece(0, { streamId: 3, ...due(30) }), peer);
    network.held = false;
    network.let();
    await settle();
    expect(results.map(({ header }) => header.streamId)).toEqual([1, 3, 2]);
  });

  it('[B14] more than four waiting pieces of a stream: the oldest goes', async () => {
    engine.control(control());
    network.held = true;
    for (let number = 0; number < 7; number++) {
      engine.frame(piece(number), peer);
      await settle();
    }
    network.held = false;
    network.let();
    await settle();
    expect(engine.report()).toMatchObject({ processed: 5, dropped: 2 });
    expect(network.coldRuns).toEqual([true, true, false, false, false]);
  });

  it('[B15] a cut empties the caches; what is older is dropped, what is newer waits for its settings', async () => {
    engine.control(control());
    engine.frame(piece(0), peer);
    await settle();
    engine.frame(piece(0, { epoch: 2 }), peer);
    await settle();
    expect(results).toHaveLength(1);
    engine.control(control({ version: 5, epoch: 2, seed: 8 }));
    await settle();
    engine.frame(piece(1, { epoch: 1 }), peer);
    await settle();
    expect(results.map(({ header }) => [header.epoch, header.seed])).toEqual([
      [1, 3],
      [2, 8],
    ]);
    expect(network.coldRuns).toEqual([true, true]);
    expect(engine.report().dropped).toBe(1);
  });

  it('[B15] older settings do not come back, and a forgotten stream is not rendered', async () => {
    engine.control(control({ version: 9, seed: 50 }));
    engine.control(control({ version: 8, seed: 51 }));
    engine.frame(piece(0), peer);
    await settle();
    expect(results[0]!.header.seed).toBe(50);
    engine.forget(1);
    engine.frame(piece(1), peer);
    await settle();
    expect(results).toHaveLength(1);
  });

  it('[B16] values that are not numbers are never sent; the voice begins anew', async () => {
    engine.control(control());
    network.broken = true;
    engine.frame(piece(0), peer);
    await settle();
    expect(results).toHaveLength(0);
    expect(texts).toMatchObject([{ type: 'failed', streamId: 1, error: { code: 'engine.failed' } }]);
    expect(troubles).toMatchObject([{ code: 'engine.failed' }]);
    network.broken = false;
    engine.frame(piece(1), peer);
    await settle();
    expect(network.coldRuns).toEqual([true, true]);
    expect(results).toHaveLength(1);
  });

  it.each<[string, (frame: Frame) => Frame]>([
    ['of another format', (frame) => ({ ...frame, header: { ...frame.header, format: FrameFormat.f32 } })],
    ['without a block', (frame) => ({ ...frame, payload: new Uint8Array() })],
    ['with values that are not numbers', (frame) => ({ ...frame, payload: frame.payload.map(() => 255) })],
  ])('[B16] a piece %s is refused in words, and the engine goes on', async (_, spoil) => {
    engine.control(control());
    engine.frame(spoil(piece(0)), peer);
    expect(texts).toMatchObject([{ type: 'failed', error: { code: 'message.invalid' } }]);
    expect(troubles).toEqual([]);
    engine.frame(piece(0), peer);
    await settle();
    expect(results).toHaveLength(1);
  });

  it('what a peer that left still waits for is not rendered', async () => {
    engine.control(control());
    network.held = true;
    engine.frame(piece(0), peer);
    await settle();
    engine.frame(piece(1), peer);
    engine.leave(peer);
    network.held = false;
    network.let();
    await settle();
    expect(engine.report()).toMatchObject({ processed: 1, dropped: 2 });
  });
});
