import { expect, it } from 'vitest';
import { addNoise, estimateClean, fillChunkNoise, isFiniteThroughout } from './sampling';

const SEED = { low: 7, high: 0 };
const noise = (chunk: number, level: number, seed = SEED) => {
  const out = new Float32Array(64);
  fillChunkNoise(seed, chunk, level, out);
  return [...out];
};

it('[G2] noise hangs on seed, chunk and level alone, and each of them changes it', () => {
  expect(noise(5, 2)).toEqual(noise(5, 2));
  expect(noise(5, 2)).not.toEqual(noise(5, 3));
  expect(noise(5, 2)).not.toEqual(noise(6, 2));
  expect(noise(5, 2)).not.toEqual(noise(5, 2, { low: 8, high: 0 }));
  // 16 streams belong to a chunk: its last level is not the next chunk's first.
  expect(noise(4, 15)).not.toEqual(noise(5, 0));
  expect(noise(2 ** 28, 0)).toEqual(noise(0, 0));
});

it('[G1] a noised sample and its true velocity give the clean one back, at any level', () => {
  const clean = Float32Array.of(0.5, -2, 3);
  const e = Float32Array.of(1, 0.25, -1);
  const velocity = e.map((value, i) => value - clean[i]!);
  for (const sigma of [1, 0.9375, 0.625, 0]) {
    const sample = Float32Array.from(clean);
    addNoise(sample, e, sigma);
    estimateClean(sample, velocity, sigma);
    sample.forEach((value, i) => expect(value).toBeCloseTo(clean[i]!, 6));
  }
});

it.each([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])('[G12] sees %f anywhere', (bad) => {
  const values = new Float32Array(100).fill(1e30);
  expect(isFiniteThroughout(values)).toBe(true);
  values[57] = bad;
  expect(isFiniteThroughout(values)).toBe(false);
});
