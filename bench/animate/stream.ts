import { resolve } from 'node:path';
import type { Guidance } from '../../contract/animate';
import { AnimatePipeline } from '../../main/engines/animate/pipeline';
import { lookOf, type PlainLook } from '../../main/engines/animate/testing';
import { StageTimes } from '../../main/engines/runtime/timing';
import { figure, type Figure } from '../lib/figures';
import { filmFrames } from './film';

const THREADS = 2;
const ROUNDS = 10;
const FRAMES = 8;
const SIZE = { width: 256, height: 256 };
const NONE: Guidance = { mode: 'none', scale: 1.4, delta: 1 };

/**
 * Whole frames on the shipped model, encoder and decoder included: the stream batch against the same
 * steps one after the other, and the guidances against each other, A B A B in one run.
 */
export async function measureStream(): Promise<Figure[]> {
  const pipeline = await AnimatePipeline.open(
    resolve('native-models'),
    'animate-mini',
    THREADS,
    new StageTimes(),
  );
  const frames = filmFrames(FRAMES);
  const out = new Uint8ClampedArray(4 * SIZE.width * SIZE.height);
  const look = (change: Partial<PlainLook>): PlainLook => ({
    prompt: pipeline.tokenize('ink'),
    negative: pipeline.tokenize('crimson'),
    strength: 0.8,
    seed: 2,
    ...change,
  });

  /** Milliseconds a frame; `batched`: the next frame enters before the last is out. */
  async function frameMs(plain: PlainLook, batched: boolean): Promise<number> {
    const one = await lookOf(pipeline, plain, SIZE);
    const depth = batched ? (plain.steps ?? 1) : 1;
    const run = async (frame: (typeof frames)[number]) => {
      await pipeline.enter(null, frame, SIZE, one);
      do await pipeline.step(() => out);
      while (pipeline.underWay >= depth);
    };
    // The batch is full before the clock runs.
    for (let k = 0; k < depth; k++) await run(frames[k % FRAMES]!);
    const startMs = performance.now();
    for (const frame of frames) await run(frame);
    const ms = (performance.now() - startMs) / FRAMES;
    pipeline.drop(() => true);
    return ms;
  }

  /** How many times as fast the first way is, round by round. */
  async function compare(fast: () => Promise<number>, slow: () => Promise<number>): Promise<number[]> {
    const ratios: number[] = [];
    for (let round = 0; round <= ROUNDS; round++) {
      const [slowMs, fastMs] = [await slow(), await fast()];
      if (round > 0) ratios.push(slowMs / fastMs);
    }
    return ratios;
  }

  const figures: Figure[] = [];
  try {
    for (const steps of [2, 4]) {
      const plain = look({ steps, guidance: NONE });
      const ratios = await compare(
        () => frameMs(plain, true),
        () => frameMs(plain, false),
      );
      figures.push(
        figure(`streamBatchSpeedup${steps}`, 'ratio', 'higher', ratios, {
          against: `the same ${steps} steps one after the other, whole frames, ${THREADS} threads`,
        }),
      );
    }
    const guided = (mode: Guidance['mode']) => look({ steps: 4, guidance: { ...NONE, mode } });
    for (const mode of ['self', 'onetime'] as const) {
      const ratios = await compare(
        () => frameMs(guided(mode), true),
        () => frameMs(guided('full'), true),
      );
      figures.push(
        figure(mode === 'self' ? 'rcfgSelfSpeedup' : 'rcfgOnetimeSpeedup', 'ratio', 'higher', ratios, {
          against: 'full guidance by a negative prompt, four steps in a stream batch, whole frames',
        }),
      );
    }
  } finally {
    await pipeline.release();
  }
  return figures;
}
