import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { EngineControl, SettingsOf } from '../../../contract/engine';
import { StudioError } from '../../../contract/errors';
import {
  FrameFlag,
  FrameFormat,
  FrameKind,
  decodeFrame,
  type Frame,
  type FrameHeader,
} from '../../../contract/frame';
import type { Peer } from '../runtime/stage-socket';
import { StageTimes } from '../runtime/timing';
import { AnimateEngine, type Job, type Renderer } from './animate-engine';
import type { TokenizedPrompt } from '../runtime/prompt';
import type { Look, Made, Size, SourcePicture } from './pipeline';

/** A renderer that waits for the test: each render is finished by hand. */
class HandRenderer implements Renderer {
  readonly looks: Look[] = [];
  readonly #waiting: ((error?: Error) => void)[] = [];
  readonly multiple = 1;
  readonly sizes: Size[] = [];
  tokenized = 0;
  images = { backend: 'cpu' as const, reason: 'Measured faster.' };

  tokenize(prompt: string) {
    this.tokenized++;
    return { ids: [prompt.length], unheard: prompt.split(' ').filter((word) => word === 'zebra') };
  }
  /** Prompts that take long to work out, by their length, and what ends that. */
  readonly slow = new Map<number, Promise<unknown>>();
  prepare({ ids }: TokenizedPrompt): Promise<unknown> | null {
    return this.slow.get(ids[0]!) ?? null;
  }
  async hear({ ids }: TokenizedPrompt): Promise<Float32Array> {
    return Float32Array.of(ids[0]!);
  }
  latentShape() {
    return { channels: 1, rows: 1, columns: 1 };
  }
  readonly warp = async () => {};
  readonly #entered: { job: Job; source: SourcePicture; size: Size }[] = [];
  async enter(job: Job, source: SourcePicture, size: Size, look: Look): Promise<void> {
    this.looks.push(look);
    this.sizes.push(size);
    this.#entered.push({ job, source, size });
  }
  get underWay(): number {
    return this.#entered.length;
  }
  drop(matches: (job: Job) => boolean): Job[] {
    const dropped = this.#entered.filter(({ job }) => matches(job));
    for (const one of dropped) this.#entered.splice(this.#entered.indexOf(one), 1);
    return dropped.map(({ job }) => job);
  }
  step(target: (job: Job, size: Size) => Uint8ClampedArray | null): Promise<Made<Job>[]> {
    const inRun = [...this.#entered];
    return new Promise((resolve, reject) => {
      this.#waiting.push((error) => {
        const done = inRun.filter((one) => this.#entered.includes(one));
        for (const one of inRun) this.drop((job) => job === one.job);
        if (error) return reject(error);
        for (const { job, source, size } of done) {
          const out = target(job, size);
          out?.set(source.rgba.subarray(0, out.length).map((byte) => 255 - byte));
        }
        resolve(done.map(({ job }) => ({ tag: job, broken: null })));
      });
    });
  }
  async finish(error?: Error): Promise<void> {
    await vi.waitFor(() => expect(this.#waiting.length).toBeGreaterThan(0), { interval: 1, timeout: 20_000 });
    this.#waiting.shift()!(error);
    await settle();
  }
  readonly release = vi.fn(async () => {});
  get busy(): number {
    return this.#waiting.length;
  }
}

async function settle(): Promise<void> {
  for (let i = 0; i < 4; i++) await new Promise((resolve) => setImmediate(resolve));
}

type Change = Partial<Omit<EngineControl, 'settings'> & SettingsOf<'animate'>>;

function control({
  prompt = 'ink',
  strength = 0.5,
  seed = 2,
  steps,
  filter,
  ...change
}: Change = {}): EngineControl {
  const settings: SettingsOf<'animate'> = { kind: 'animate', prompt, strength, seed, steps, filter };
  return { type: 'control', streamId: 1, version: 5, epoch: 1, settings, ...change };
}

function picture(sequence: number, change: Partial<FrameHeader> = {}): Frame {
  const header: FrameHeader = {
    kind: FrameKind.picture,
    format: FrameFormat.rgba8,
    width: 1,
    height: 1,
    streamId: 1,
    sequence,
    epoch: 1,
    appliedVersion: 0,
    seed: 0,
    captureUs: 1000 * sequence,
    doneUs: 0,
    flags: 0,
    durationUs: 33_333,
    ...change,
  };
  return { header, payload: Uint8Array.of(sequence, 0, 0, 255) };
}

describe('AnimateEngine', { timeout: 30_000 }, () => {
  let nowMs: number;
  let renderer: HandRenderer;
  let engine: AnimateEngine;
  let results: Frame[];
  let texts: unknown[];
  let taking: boolean;
  let peer: Peer;

  beforeEach(() => {
    nowMs = 0;
    renderer = new HandRenderer();
    engine = new AnimateEngine(renderer, new StageTimes(() => nowMs));
    results = [];
    texts = [];
    taking = true;
    peer = {
      sendFrame: (message) => {
        if (taking) results.push(decodeFrame(message));
        return taking;
      },
      sendText: (text) => void texts.push(text),
    };
  });
  afterEach(async () => {
    const stopped = engine.stop();
    if (renderer.busy > 0) await renderer.finish();
    await stopped;
  });

  it('[A8] settings whose prompt is still worked out wait, with those before in force, and the newest win', async () => {
    const done: Record<string, () => void> = {};
    for (const prompt of ['slow', 'slower'])
      renderer.slow.set(prompt.length, new Promise<void>((resolve) => (done[prompt] = resolve)));
    engine.control(control({ version: 1, prompt: 'ink' }));
    engine.control(control({ version: 2, prompt: 'slow' }));
    engine.control(control({ version: 3, prompt: 'slower' }));
    engine.frame(picture(1), peer);
    await settle();
    await renderer.finish();
    expect(results[0]!.header.appliedVersion).toBe(1);
    done.slow!();
    await settle();
    engine.frame(picture(2), peer);
    await settle();
    await renderer.finish();
    expect(results[1]!.header.appliedVersion).toBe(1);
    done.slower!();
    await settle();
    engine.frame(picture(3), peer);
    await settle();
    await renderer.finish();
    expect(results[2]!.header.appliedVersion).toBe(3);
    // What is known at once takes over from what is still on its way.
    renderer.slow.set(4, new Promise<void>((resolve) => (done.slow = resolve)));
    engine.control(control({ version: 4, prompt: 'slow' }));
    engine.control(control({ version: 5, prompt: 'ink' }));
    done.slow!();
    await settle();
    engine.frame(picture(4), peer);
    await settle();
    await renderer.finish();
    expect(results[3]!.header.appliedVersion).toBe(5);
  });

  it('[A4] expected prompts are worked out before they are asked for', () => {
    const asked: number[] = [];
    renderer.prepare = ({ ids }) => {
      asked.push(ids[0]!);
      return null;
    };
    engine.expect(['ink', 'snowy']);
    expect(asked).toEqual([3, 5]);
  });

  it('[S7] a picture that is nearly the one before is left out, and the stage is told why', async () => {
    engine.control(control({ filter: { threshold: 0.98, maxSkip: 10 } }));
    for (const sequence of [1, 2]) {
      engine.frame(picture(sequence), peer);
      await settle();
      if (renderer.busy > 0) await renderer.finish();
    }
    expect(results.map(({ header: { sequence, flags } }) => [sequence, flags])).toEqual([
      [1, 0],
      [2, FrameFlag.skipped | FrameFlag.alike],
    ]);
    expect(engine.report()).toMatchObject({ processed: 1, dropped: 0, filtered: 1 });
    engine.control(control({ version: 6, filter: null }));
    engine.frame(picture(3), peer);
    await settle();
    await renderer.finish();
    expect(results).toHaveLength(3);
  });

  it('[A10] of pictures that come out in another order than they came in only the newer ones are shown', async () => {
    engine.control(control({ steps: 4 }));
    engine.frame(picture(2), peer);
    await settle();
    await renderer.finish();
    engine.frame(picture(1), peer);
    await settle();
    await renderer.finish();
    expect(results.map(({ header: { sequence, flags } }) => [sequence, flags])).toEqual([
      [2, 0],
      [1, FrameFlag.skipped],
    ]);
  });

  it('[A12] when the network fails each stream that waits is told once, and the loop goes on', async () => {
    engine.control(control());
    engine.control(control({ streamId: 2 }));
    engine.frame(picture(1), peer);
    engine.frame(picture(1, { streamId: 2 }), peer);
    await settle();
    await renderer.finish(new Error('Out of memory'));
    expect(texts).toMatchObject([
      { type: 'failed', streamId: 1, error: { code: 'engine.failed' } },
      { type: 'failed', streamId: 2, error: { code: 'engine.failed' } },
    ]);
    engine.frame(picture(2), peer);
    await settle();
    await renderer.finish();
    expect(results.at(-1)!.header.sequence).toBe(2);
  });

  it('[A11] a result carries its picture’s header, the control’s version and seed, and the time it took', async () => {
    engine.control(control({ version: 41, seed: 77 }));
    engine.frame(picture(3), peer);
    await settle();
    nowMs = 12.5;
    await renderer.finish();
    expect(results).toHaveLength(1);
    expect(results[0]!.header).toEqual({
      ...picture(3).header,
      appliedVersion: 41,
      seed: 77,
      doneUs: 3000 + 12_500,
    });
    expect([...results[0]!.payload]).toEqual([252, 255, 255, 0]);
    expect(engine.report()).toMatchObject({ processed: 1, dropped: 0, stagesMs: { total: 12.5, wait: 0 } });
    expect(engine.report().images).toEqual({ backend: 'cpu', reason: 'Measured faster.' });
  });

  it('[A9] while one picture is made only the newest waits', async () => {
    engine.control(control());
    engine.frame(picture(1), peer);
    await settle();
    for (const sequence of [2, 3, 4]) engine.frame(picture(sequence), peer);
    await renderer.finish();
    await renderer.finish();
    expect(results.map((frame) => frame.header.sequence)).toEqual([1, 4]);
    expect(engine.report().dropped).toBe(2);
  });

  it('[A9] the newest picture of each stream enters the same run, streams in turn', async () => {
    engine.control(control());
    engine.control(control({ streamId: 2 }));
    engine.frame(picture(1), peer);
    await settle();
    engine.frame(picture(2), peer);
    engine.frame(picture(3, { streamId: 2 }), peer);
    await renderer.finish();
    engine.frame(picture(4), peer);
    await renderer.finish();
    await renderer.finish();
    expect(results.map((frame) => frame.header.streamId)).toEqual([1, 2, 1, 1]);
  });

  it('[A10] a picture waits for its stream’s first control', async () => {
    engine.frame(picture(1), peer);
    await settle();
    expect(renderer.busy).toBe(0);
    engine.control(control());
    await renderer.finish();
    expect(results).toHaveLength(1);
  });

  const skipped = { epoch: 0, width: 1, height: 1, flags: FrameFlag.skipped };

  it('[A10] a cut skips the result under way and what waits; the next one is of the new epoch', async () => {
    engine.control(control());
    engine.frame(picture(1), peer);
    await settle();
    engine.frame(picture(2), peer);
    engine.control(control({ version: 6, epoch: 2 }));
    await renderer.finish();
    engine.frame(picture(3, { epoch: 1 }), peer);
    engine.frame(picture(4, { epoch: 2 }), peer);
    await renderer.finish();
    expect(results.map((frame) => frame.header)).toMatchObject([
      { sequence: 2, captureUs: 2000, ...skipped },
      { sequence: 1, captureUs: 1000, ...skipped },
      { sequence: 3, captureUs: 3000, ...skipped },
      { sequence: 4, captureUs: 4000, epoch: 2, appliedVersion: 6, flags: 0 },
    ]);
    expect(engine.report()).toMatchObject({ processed: 1, dropped: 3 });
  });

  it('[A8] the newest control wins, at once, and an older one that comes late does not', async () => {
    engine.control(control({ version: 9, strength: 0.9 }));
    engine.control(control({ version: 8, strength: 0.1 }));
    engine.frame(picture(1), peer);
    await renderer.finish();
    expect(renderer.looks[0]!.strength).toBe(0.9);
    expect(results[0]!.header.appliedVersion).toBe(9);
  });

  it('[A8] a change during a render holds for the next picture, and the result says the version that made it', async () => {
    engine.control(control({ version: 5 }));
    engine.frame(picture(1), peer);
    await settle();
    engine.control(control({ version: 6, strength: 0.25 }));
    await renderer.finish();
    engine.frame(picture(2), peer);
    await renderer.finish();
    expect(results.map((frame) => frame.header.appliedVersion)).toEqual([5, 6]);
    expect(renderer.looks.map((look) => look.strength)).toEqual([0.5, 0.25]);
  });

  it('[A2] a prompt is read once, not at every turn of a knob, and its unheard words are told', () => {
    expect(engine.control(control({ prompt: 'ink zebra' }))).toEqual(['zebra']);
    expect(engine.control(control({ prompt: 'ink zebra', version: 6, strength: 1 }))).toEqual(['zebra']);
    expect(renderer.tokenized).toBe(1);
  });

  it('[A13] what takes longer than there is time for is made smaller, and the result says its size', async () => {
    engine.control(control());
    const make = async (sequence: number, tookMs: number) => {
      engine.frame({ ...picture(sequence, { width: 4, height: 4 }), payload: new Uint8Array(64) }, peer);
      await settle();
      nowMs += tookMs;
      await renderer.finish();
    };
    for (let i = 0; i < 5; i++) await make(i, 100);
    await make(5, 60);
    expect(renderer.sizes.slice(-2)).toEqual([
      { width: 4, height: 4 },
      { width: 3, height: 3 },
    ]);
    expect(results.at(-1)!.header).toMatchObject({ width: 3, height: 3 });
    expect(engine.report().quality).toMatchObject({ tier: 1, pinned: false });
    engine.pin(0);
    await make(6, 100);
    expect(renderer.sizes.at(-1)).toEqual({ width: 4, height: 4 });
  });

  it('[A13] a stream that gets no pictures takes no part of the time there is', async () => {
    engine.control(control());
    for (const streamId of [2, 3, 4]) engine.control(control({ streamId }));
    for (let i = 0; i < 8; i++) {
      engine.frame({ ...picture(i, { width: 4, height: 4 }), payload: new Uint8Array(64) }, peer);
      await settle();
      nowMs += 60;
      await renderer.finish();
    }
    expect(engine.report().quality).toMatchObject({ tier: 0 });
  });

  it('[A12] a picture that fails is reported to its sender and the loop goes on', async () => {
    engine.control(control());
    engine.frame(picture(1), peer);
    await renderer.finish(new StudioError('engine', 'engine.failed', 'It is broken.'));
    expect(texts).toEqual([
      {
        type: 'failed',
        streamId: 1,
        error: { origin: 'engine', code: 'engine.failed', message: 'It is broken.' },
      },
    ]);
    engine.frame(picture(2), peer);
    await renderer.finish();
    expect(results).toHaveLength(1);
    expect(engine.report().processed).toBe(1);
  });

  it('[A12] a picture that is not RGBA is refused with a reason', () => {
    engine.frame(picture(1, { format: FrameFormat.f32 }), peer);
    expect(texts).toMatchObject([{ type: 'failed', error: { code: 'message.invalid' } }]);
  });

  it('a forgotten stream’s picture under way is skipped, and nothing else of it happens', async () => {
    engine.control(control());
    engine.frame(picture(1), peer);
    await settle();
    engine.forget(1);
    await renderer.finish();
    engine.frame(picture(2), peer);
    await settle();
    expect(results.map((frame) => frame.header)).toMatchObject([{ sequence: 1, ...skipped }]);
    expect(renderer.busy).toBe(0);
  });

  it('what a stage that left still waited for is not rendered', async () => {
    engine.control(control());
    engine.frame(picture(1), peer);
    await settle();
    engine.frame(picture(2), peer);
    engine.leave(peer);
    await renderer.finish();
    await settle();
    expect(renderer.busy).toBe(0);
  });

  it('a result the stage does not take is counted', async () => {
    engine.control(control());
    taking = false;
    engine.frame(picture(1), peer);
    await renderer.finish();
    expect(engine.report()).toMatchObject({ processed: 1, dropped: 1 });
  });

  it('stop waits for the picture under way and takes no other', async () => {
    engine.control(control());
    engine.frame(picture(1), peer);
    await settle();
    engine.frame(picture(2), peer);
    let stopped = false;
    const stopping = engine.stop().then(() => (stopped = true));
    await settle();
    expect(stopped).toBe(false);
    await renderer.finish();
    await stopping;
    expect(results).toHaveLength(1);
  });
});
