import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { EngineControl, EngineSocketText, SettingsOf } from '../../../contract/engine';
import { FrameFlag, FrameFormat, FrameKind, decodeFrame, type FrameHeader } from '../../../contract/frame';
import type { Peer } from '../runtime/stage-socket';
import { StageTimes } from '../runtime/timing';
import { CausalStream } from './causal-stream';
import { latentSize } from './contract';
import { GenerateEngine, REST_AFTER_FAILURE_MS, type GenerateModel } from './generate-engine';
import { PromptFade } from './prompt-fade';
import type { StepPasses } from './step-runner';
import { smallShape } from './testing';

const shape = smallShape();
const CHUNK_US = 250_000;
const KEYS = shape.layers * shape.heads * shape.chunk * shape.tokens * shape.depth;

/** A model of 8×8 pictures, 2 frames a chunk at 8 fps, that notes its runs; its one embedding is the prompt's first id. */
class FakeModel implements GenerateModel {
  readonly width = 8;
  readonly height = 8;
  readonly fps = 8;
  readonly chunk = shape.chunk;
  levels = shape.sigmas.length;
  readonly runs: string[] = [];
  readonly release = vi.fn(async () => {});
  tokenized = 0;
  broken = false;
  /** Called before each run. */
  onRun: (run: string) => void = () => {};

  tokenize(prompt: string) {
    this.tokenized++;
    return { ids: [prompt.length], unheard: prompt.split(' ').filter((word) => word === 'zebra') };
  }
  prepare() {
    return null;
  }
  makeFade() {
    return new PromptFade(1);
  }
  async embed(ids: readonly number[]) {
    this.#run('embed');
    return Float32Array.of(ids[0]!);
  }
  makeStream() {
    const passes: StepPasses = {
      velocity: async (_, sigma, hidden) => {
        this.#run(`denoise ${sigma} ${hidden[0]}`);
        return new Float32Array(shape.chunk * latentSize(shape)).fill(this.broken ? Number.NaN : 0.1);
      },
      cleanPass: async (_, hidden) => this.#keys(`clean ${hidden[0]}`),
      windowPass: async (hidden) => this.#keys(`recache ${hidden[0]}`),
    };
    return new CausalStream(passes, shape, new StageTimes(() => 0));
  }
  async decode(_latents: Float32Array, frame: number, out: Uint8ClampedArray) {
    this.#run('decode');
    out.fill(100 + frame);
  }
  count(run: string): number {
    return this.runs.filter((name) => name.startsWith(run)).length;
  }
  async #keys(run: string) {
    this.#run(run);
    return { keys: new Float32Array(KEYS * 3), values: new Float32Array(KEYS * 3) };
  }
  #run(run: string): void {
    this.runs.push(run);
    this.onRun(run);
  }
}

type Change = Partial<Omit<EngineControl, 'settings'> & SettingsOf<'generate'>>;

function control({ prompt = 'sea', seed = 2, blendMs = 0, ...change }: Change = {}): EngineControl {
  const settings: SettingsOf<'generate'> = { kind: 'generate', prompt, seed, blendMs };
  return { type: 'control', streamId: 1, version: 5, epoch: 1, settings, ...change };
}

/** Lets the loop do all it may. */
async function settle(): Promise<void> {
  for (let i = 0; i < 400; i++) await new Promise((resolve) => setImmediate(resolve));
}

describe('GenerateEngine', { timeout: 30_000 }, () => {
  let nowMs: number;
  let model: FakeModel;
  let engine: GenerateEngine;
  let sent: FrameHeader[];
  let texts: EngineSocketText[];
  let taking: boolean;
  let peer: Peer;

  beforeEach(() => {
    nowMs = 0;
    model = new FakeModel();
    engine = new GenerateEngine(model, new StageTimes(() => nowMs));
    sent = [];
    texts = [];
    taking = true;
    peer = {
      sendFrame: (message) => {
        if (taking) sent.push(decodeFrame(message).header);
        return taking;
      },
      sendText: (text) => void texts.push(text),
    };
  });
  afterEach(() => engine.stop());

  function watch(change: object = {}, from = peer): void {
    const text = {
      type: 'watch' as const,
      streamId: 1,
      watching: true,
      epoch: 1,
      shownUs: 0,
      aheadUs: 500_000,
    };
    engine.text({ ...text, ...change }, from);
  }

  it('[G10] [G15] sends thirty pictures a second ahead of time, with stream times and whose settings they are', async () => {
    engine.control(control({ version: 41, seed: 77 }));
    watch();
    await settle();
    expect(sent[0]).toMatchObject({
      kind: FrameKind.picture,
      format: FrameFormat.rgba8,
      width: 8,
      height: 8,
      streamId: 1,
      sequence: 0,
      epoch: 1,
      appliedVersion: 41,
      seed: 77,
      captureUs: 0,
      flags: 0,
      durationUs: 1e6 / 30,
    });
    expect(sent.map(({ sequence }) => sequence)).toEqual(sent.map((_, i) => i));
    expect(sent.map(({ captureUs }) => captureUs)).toEqual(sent.map((_, i) => Math.round((i * 1e6) / 30)));
    const fresh = sent.filter(({ flags }) => (flags & FrameFlag.repeated) === 0);
    expect(engine.report().processed).toBe(fresh.length);
    expect(fresh.length).toBe(model.count('decode'));
  });

  it('[G13] works only while somebody watches, and not beyond what is wanted', async () => {
    engine.control(control());
    await settle();
    expect(model.runs).toEqual([]);
    watch({ watching: false });
    await settle();
    expect(model.runs).toEqual([]);
    watch();
    await settle();
    const most = Math.max(...sent.map(({ captureUs }) => captureUs));
    expect(most).toBeLessThanOrEqual(500_000);
    expect(most + CHUNK_US).toBeGreaterThan(500_000);
    watch({ shownUs: 1_000_000 });
    await settle();
    const further = Math.max(...sent.map(({ captureUs }) => captureUs));
    expect(further).toBeLessThanOrEqual(1_500_000);
    expect(further + CHUNK_US).toBeGreaterThan(1_500_000);
    nowMs = 3001;
    watch({ streamId: 9 });
    const runs = model.runs.length;
    await settle();
    expect(model.runs).toHaveLength(runs);
  });

  it('[G13] a stage that allows less than a chunk ahead still gets the next one when it has shown all', async () => {
    engine.control(control());
    watch({ aheadUs: 1000 });
    await settle();
    const shownUs = sent.at(-1)!.captureUs;
    expect(model.count('clean')).toBe(1);
    watch({ aheadUs: 1000, shownUs });
    await settle();
    expect(model.count('clean')).toBe(2);
  });

  it('[G13] watched by two, each gets every picture; one that comes later gets what comes then', async () => {
    const later: FrameHeader[] = [];
    const other: Peer = { sendFrame: (m) => (later.push(decodeFrame(m).header), true), sendText: () => {} };
    engine.control(control());
    watch();
    await settle();
    const before = sent.length;
    watch({}, other);
    await settle();
    watch({ shownUs: 400_000 });
    await settle();
    expect(later.length).toBeGreaterThan(0);
    expect(later).toEqual(sent.slice(before));
  });

  it('[G14] streams take turns, chunk by chunk', async () => {
    const order: number[] = [];
    engine.control(control());
    engine.control(control({ streamId: 2, prompt: 'hills' }));
    model.onRun = (run) => {
      if (run.startsWith('clean')) order.push(Number(run.split(' ')[1]));
    };
    watch();
    watch({ streamId: 2 });
    await settle();
    expect(order.length).toBeGreaterThanOrEqual(4);
    expect(order.every((id, i) => i === 0 || id !== order[i - 1])).toBe(true);
  });

  it('[G14] controls are heard between two runs of a chunk', async () => {
    let heard = -1;
    model.onRun = (run) => {
      if (run === 'denoise 1 3' && heard < 0) {
        setImmediate(() => {
          heard = model.runs.length;
        });
      }
    };
    engine.control(control());
    watch();
    await settle();
    // The word was put in during the second run, and taken before the third was over.
    expect(heard).toBeGreaterThan(0);
    expect(heard).toBeLessThanOrEqual(3);
  });

  it.each<[string, (e: GenerateEngine) => void]>([
    ['forgotten', (e) => e.forget(1)],
    ['cut', (e) => void e.control(control({ version: 6, epoch: 2 }))],
    ['stopped', (e) => void e.stop()],
  ])('[G14] a stream that is %s ends within one run', async (_, act) => {
    model.onRun = (run) => {
      if (run === 'denoise 1 3') act(engine);
    };
    engine.control(control());
    watch();
    await settle();
    expect(model.runs).toEqual(['embed', 'denoise 1 3']);
    expect(sent).toEqual([]);
  });

  it('[G7] a new prompt is a cut with the next chunk: written anew once, then heard', async () => {
    engine.control(control());
    watch();
    await settle();
    model.runs.length = 0;
    engine.control(control({ version: 6, prompt: 'hills' }));
    watch({ shownUs: 500_000 });
    await settle();
    expect(model.runs.slice(0, 4)).toEqual(['embed', 'recache 5', 'denoise 1 5', 'denoise 0.5 5']);
    expect(model.count('recache')).toBe(1);
    expect(sent.at(-1)!.appliedVersion).toBe(6);
    const versions = sent.map(({ appliedVersion }) => appliedVersion);
    expect(versions).toEqual([...versions].sort());
  });

  it('[G8] a timed blend passes between both prompts and writes anew at its end', async () => {
    engine.control(control({ prompt: 'ab' }));
    watch();
    await settle();
    model.runs.length = 0;
    engine.control(control({ version: 6, prompt: 'abcdef', blendMs: 1000 }));
    watch({ shownUs: 1_500_000 });
    await settle();
    const heard = model.runs.filter((run) => run.startsWith('denoise 1 ') || run.startsWith('recache'));
    expect(heard.slice(0, 6)).toEqual([
      'denoise 1 3',
      'denoise 1 4',
      'denoise 1 5',
      'recache 6',
      'denoise 1 6',
      'denoise 1 6',
    ]);
  });

  it('[G8] fifty switches a second cost one re-cache a chunk, and the newest wins', async () => {
    engine.control(control({ prompt: 'x' }));
    watch();
    await settle();
    model.runs.length = 0;
    for (let i = 0; i < 50; i++) engine.control(control({ version: 6 + i, prompt: 'y'.repeat(2 + i) }));
    watch({ shownUs: 500_000 });
    await settle();
    expect(model.count('recache')).toBe(1);
    expect(model.runs).toContain('recache 51');
    expect(model.count('embed')).toBe(1);
    expect(sent.at(-1)!.appliedVersion).toBe(55);
  });

  it('[G8] words that mean the same to the model change nothing but the version', async () => {
    engine.control(control({ prompt: 'sea' }));
    watch();
    await settle();
    engine.control(control({ version: 6, prompt: 'sky' }));
    watch({ shownUs: 500_000 });
    await settle();
    expect(model.count('recache')).toBe(0);
    expect(sent.at(-1)!.appliedVersion).toBe(6);
  });

  it('[G9] a cut begins anew with the present prompt, at stream time 0', async () => {
    engine.control(control());
    watch();
    await settle();
    engine.control(control({ version: 6, prompt: 'hills' }));
    engine.control(control({ version: 7, prompt: 'hills', epoch: 2 }));
    const before = sent.length;
    await settle();
    expect(sent).toHaveLength(before);
    model.runs.length = 0;
    watch({ epoch: 2 });
    await settle();
    expect(sent[before]).toMatchObject({ epoch: 2, captureUs: 0, appliedVersion: 7 });
    expect(model.count('recache')).toBe(0);
    expect(model.runs).toContain('denoise 1 5');
  });

  it('[G9] after a crash the film goes on behind what was shown, with the present prompt', async () => {
    engine.control(control({ version: 9, prompt: 'hills' }));
    watch({ shownUs: 10_100_000 });
    await settle();
    expect(sent[0]!.captureUs).toBeGreaterThanOrEqual(10_100_000);
    expect(sent[0]!.captureUs).toBeLessThan(10_100_000 + CHUNK_US + 33_334);
    expect(model.runs).toContain('denoise 1 5');
    const times = sent.map(({ captureUs }) => captureUs);
    expect(times).toEqual([...new Set(times)].sort((a, b) => a - b));
  });

  it('[G12] a chunk that is not numbers is told; the film begins anew after a rest', async () => {
    engine.control(control());
    watch();
    await settle();
    model.broken = true;
    const runs = model.runs.length;
    watch({ shownUs: 500_000 });
    await settle();
    expect(texts).toMatchObject([{ type: 'failed', streamId: 1, error: { code: 'engine.failed' } }]);
    expect(model.runs.length - runs).toBe(shape.sigmas.length);
    watch({ shownUs: 500_000 });
    await settle();
    expect(texts).toHaveLength(1);
    model.broken = false;
    nowMs = REST_AFTER_FAILURE_MS;
    const lastUs = sent.at(-1)!.captureUs;
    watch({ shownUs: 500_000 });
    await settle();
    expect(sent.at(-1)!.captureUs).toBeGreaterThan(lastUs);
    const times = sent.map(({ captureUs }) => captureUs);
    expect(times).toEqual([...new Set(times)].sort((a, b) => a - b));
  });

  it('[G3] a prompt is read when its text changes, and its unheard words are told', () => {
    expect(engine.control(control({ prompt: 'sea zebra' }))).toEqual(['zebra']);
    expect(engine.control(control({ prompt: 'sea zebra', version: 6, seed: 9 }))).toEqual(['zebra']);
    expect(model.tokenized).toBe(1);
  });

  it('the newest settings win, whichever came first', async () => {
    engine.control(control({ version: 9, prompt: 'hills' }));
    engine.control(control({ version: 8, prompt: 'x' }));
    watch();
    await settle();
    expect(model.runs).toContain('denoise 1 5');
    expect(sent[0]!.appliedVersion).toBe(9);
  });

  it('settings of another engine are an error of the caller', () => {
    expect(() => engine.control({ ...control(), settings: { kind: 'captions' } })).toThrow('captions');
  });

  it('a picture the stage does not take is counted', async () => {
    engine.control(control());
    taking = false;
    watch();
    await settle();
    expect(engine.report().dropped).toBeGreaterThan(0);
  });

  it('[G16] chunks that take longer than they last are made of fewer noise levels', async () => {
    model.levels = 4;
    model.onRun = () => (nowMs += 70);
    const slow = new GenerateEngine(model, new StageTimes(() => nowMs));
    slow.control(control());
    const [streamId, epoch] = [1, 1];
    slow.text({ type: 'watch', streamId, epoch, watching: true, shownUs: 0, aheadUs: 9_000_000 }, peer);
    await settle();
    expect(slow.report().quality).toMatchObject({ labels: ['4 steps', '3 steps', '2 steps'], pinned: false });
    expect(slow.report().quality!.tier).toBeGreaterThan(0);
    slow.pin(0);
    expect(slow.report().quality).toMatchObject({ tier: 0, pinned: true });
    await slow.stop();
  });

  it('stop frees the model after the run under way', async () => {
    engine.control(control());
    watch();
    await engine.stop();
    expect(model.release).toHaveBeenCalledOnce();
    const runs = model.runs.length;
    await settle();
    expect(model.runs).toHaveLength(runs);
  });
});
