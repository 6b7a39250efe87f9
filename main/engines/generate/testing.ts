import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect } from 'vitest';
import { StageTimes } from '../runtime/timing';
import { TINY_MODELS_DIR } from '../testing/fixtures';
import type { Shape } from './contract';
import { GeneratePipeline } from './pipeline';

/** The random-weight model of the generate contract; see native-models/train/scenes/tiny.py. */
export const TINY_SCENES_DIR = join(TINY_MODELS_DIR, 'scenes-tiny');
export const TINY_SCENES = 'scenes-tiny';

/** The tiny model, opened. */
export function openTiny(times = new StageTimes()): Promise<GeneratePipeline> {
  return GeneratePipeline.open(TINY_SCENES_DIR, TINY_SCENES, 1, times);
}

/** Some numbers of a chunk's latents or velocity and what sums them up, as the trainer's net gives them. */
export type Probe = { values: number[]; mean: number; deviation: number };

/** `testing/scenes-golden.json`: what PyTorch makes of the tiny model. */
export type Golden = {
  seed: string;
  probes: number[];
  prompts: { prompt: string; ids: number[]; hidden: number[] }[];
  cachedIsMasked: {
    cases: { chunks: number; window: number; sink: number; sigma: number; velocity: Probe }[];
  };
  shows: { switchBefore: number; recache: boolean; chunks: Probe[] }[];
};

/** Reads the golden numbers. */
export function readGolden(): Golden {
  return JSON.parse(readFileSync(resolve(import.meta.dirname, '../testing/scenes-golden.json'), 'utf8'));
}

/** Holds latents against a probe. */
export function expectProbe(values: Float32Array, probe: Probe, places: readonly number[]): void {
  for (const [i, place] of places.entries()) {
    expect(Math.abs(values[place]! - probe.values[i]!), `value ${place}`).toBeLessThanOrEqual(1e-4);
  }
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
  expect(mean).toBeCloseTo(probe.mean, 5);
  expect(Math.sqrt(variance)).toBeCloseTo(probe.deviation, 5);
}

/** The largest difference between two arrays of one length. */
export function worstDifference(a: Float32Array, b: Float32Array): number {
  expect(a.length).toBe(b.length);
  return a.reduce((worst, value, i) => Math.max(worst, Math.abs(value - b[i]!)), 0);
}

/** A shape small enough to think through: frames of 2 tokens, chunks of 2, heads of 4. */
export function smallShape(change: Partial<Shape> = {}): Shape {
  return {
    latent: { channels: 1, rows: 2, columns: 4 },
    patch: { rows: 2, columns: 2 },
    tokens: 2,
    layers: 2,
    heads: 1,
    depth: 4,
    chunk: 2,
    window: 8,
    sink: 2,
    sigmas: [1, 0.5],
    rope: {
      axes: [
        { axis: 'frame', pairs: 1, base: 100 },
        { axis: 'column', pairs: 1, base: 30 },
      ],
    },
    hidden: -10000,
    ...change,
  };
}

/** Goes on at once. */
export const always = async () => true;
