import { describe, expect, it } from 'vitest';
import { warpNoise } from '../../runtime/image/warp-noise';
import { fillNormals } from '../../runtime/philox';
import { MovingNoise, type Warp } from './moving-noise';

const SIDE = 256;
const SIZE = { width: SIDE, height: SIDE };
const SHAPE = { channels: 8, rows: 32, columns: 32 };
const CELLS = SHAPE.rows * SHAPE.columns;
const warp: Warp = async (job) => warpNoise(job);

/** Smooth texture without an end, so that a picture can be any part of it. */
const TEXTURE = (() => {
  const side = 512;
  const rough = new Float32Array(side * side);
  fillNormals({ low: 5, high: 5 }, 0, rough);
  const smooth = new Float32Array(side * side);
  for (let y = 0; y < side; y++) {
    for (let x = 0; x < side; x++) {
      let sum = 0;
      for (let dy = -2; dy <= 2; dy++)
        for (let dx = -2; dx <= 2; dx++) sum += rough[((y + dy) & 511) * side + ((x + dx) & 511)]!;
      smooth[y * side + x] = 128 + 18 * sum;
    }
  }
  return (x: number, y: number) => smooth[(Math.round(y) & 511) * side + (Math.round(x) & 511)]!;
})();

function picture(at: (x: number, y: number) => [x: number, y: number]): {
  width: number;
  height: number;
  rgba: Uint8Array;
} {
  const rgba = new Uint8Array(4 * SIDE * SIDE).fill(255);
  for (let y = 0, i = 0; y < SIDE; y++) {
    for (let x = 0; x < SIDE; x++, i += 4)
      rgba[i] = rgba[i + 1] = rgba[i + 2] = Math.min(255, Math.max(0, TEXTURE(...at(x, y))));
  }
  return { ...SIZE, rgba };
}

/** The source panned by so many pixels. */
const panned = (dx: number, dy = 0) => picture((x, y) => [x + dx, y + dy]);

function variance(values: Float32Array): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
}

/** Moran's I with the four neighbours of each cell, mean over channels: 0 for white noise. */
function moran(noise: Float32Array): number {
  let total = 0;
  for (let channel = 0; channel < SHAPE.channels; channel++) {
    const plane = noise.subarray(channel * CELLS, (channel + 1) * CELLS);
    const mean = plane.reduce((sum, value) => sum + value, 0) / CELLS;
    let [products, pairs, squares] = [0, 0, 0];
    for (let y = 0; y < SHAPE.rows; y++) {
      for (let x = 0; x < SHAPE.columns; x++) {
        const at = y * SHAPE.columns + x;
        squares += (plane[at]! - mean) ** 2;
        for (const [dx, dy] of [
          [1, 0],
          [0, 1],
        ] as const) {
          if (x + dx >= SHAPE.columns || y + dy >= SHAPE.rows) continue;
          products += (plane[at]! - mean) * (plane[at + dx + dy * SHAPE.columns]! - mean);
          pairs++;
        }
      }
    }
    total += products / pairs / (squares / CELLS);
  }
  return total / SHAPE.channels;
}

/** Mean square difference where the later noise is the earlier one moved by whole cells. */
function apart(earlier: Float32Array, later: Float32Array, columns: number, edge = 4): number {
  let [sum, count] = [0, 0];
  for (let channel = 0; channel < SHAPE.channels; channel++) {
    for (let y = edge; y < SHAPE.rows - edge; y++) {
      for (let x = edge; x < SHAPE.columns - edge; x++) {
        const at = channel * CELLS + y * SHAPE.columns + x;
        sum += (later[at - columns]! - earlier[at]!) ** 2;
        count++;
      }
    }
  }
  return sum / count;
}

describe('MovingNoise', { timeout: 120_000 }, () => {
  it.each<[string, (k: number) => ReturnType<typeof picture>]>([
    ['pans', (k) => panned(3 * k, 1.5 * k)],
    ['zooms', (k) => picture((x, y) => [(x - 128) * 1.01 ** k, (y - 128) * 1.01 ** k])],
    [
      'turns',
      (k) => {
        const [cosine, sine] = [Math.cos(0.012 * k), Math.sin(0.012 * k)];
        return picture((x, y) => [
          cosine * (x - 128) - sine * (y - 128),
          sine * (x - 128) + cosine * (y - 128),
        ]);
      },
    ],
  ])('[S10] stays N(0, 1) and white while the source %s for 60 pictures', async (_, way) => {
    const moving = new MovingNoise(warp);
    const variances: number[] = [];
    let last: Float32Array | null = null;
    for (let k = 0; k < 60; k++) {
      last = await moving.next(way(k), SIZE, SHAPE, 7, 0);
      variances.push(variance(last));
    }
    for (const one of variances) expect(Math.abs(one - 1)).toBeLessThan(0.05);
    const mean = variances.reduce((sum, one) => sum + one, 0) / variances.length;
    expect(Math.abs(mean - 1)).toBeLessThan(0.03);
    expect(Math.abs(moran(last!))).toBeLessThan(0.02);
  });

  it('[S10] goes with a pan exactly: eight pixels are one cell, bit for bit', async () => {
    const moving = new MovingNoise(warp);
    const first = await moving.next(panned(0), SIZE, SHAPE, 7, 0);
    let last = first;
    for (let k = 1; k <= 4; k++) last = await moving.next(panned(2 * k), SIZE, SHAPE, 7, 0);
    expect(apart(first, last, 1)).toBe(0);
    // Noise that stands still would be another one there.
    expect(apart(first, first, 1)).toBeGreaterThan(1);
  });

  it('[S10] steps too small for the field add up', async () => {
    const moving = new MovingNoise(warp);
    const first = await moving.next(panned(0), SIZE, SHAPE, 7, 0);
    let last = first;
    for (let k = 1; k <= 16; k++) last = await moving.next(panned(k), SIZE, SHAPE, 7, 0);
    expect(apart(first, last, 2)).toBeLessThan(0.05);
  });

  it('[S10] a still source keeps its noise; a cut, another seed and another size begin anew', async () => {
    const moving = new MovingNoise(warp);
    const first = await moving.next(panned(0), SIZE, SHAPE, 7, 0);
    expect(await moving.next(panned(0), SIZE, SHAPE, 7, 0)).toEqual(first);
    await moving.next(panned(4), SIZE, SHAPE, 7, 0);
    const elsewhere = picture((x, y) => [y + 77, 3 * x]);
    expect(await moving.next(elsewhere, SIZE, SHAPE, 7, 0)).toEqual(first);
    expect(await moving.next(elsewhere, SIZE, SHAPE, 8, 0)).not.toEqual(first);
    const smaller = { channels: 8, rows: 16, columns: 16 };
    expect(await moving.next(elsewhere, { width: 128, height: 128 }, smaller, 8, 0)).toHaveLength(8 * 256);
  });

  it('[S10] renewal makes part of it new with each picture, and keeps it N(0, 1)', async () => {
    const still = panned(0);
    const change = async (renewal: number) => {
      const moving = new MovingNoise(warp);
      const first = await moving.next(still, SIZE, SHAPE, 7, renewal);
      const second = await moving.next(still, SIZE, SHAPE, 7, renewal);
      expect(Math.abs(variance(second) - 1)).toBeLessThan(0.05);
      return apart(first, second, 0);
    };
    const [none, some, all] = [await change(0), await change(0.3), await change(1)];
    expect(none).toBe(0);
    // Two pictures share (1 − γ)² / ((1 − γ)² + γ²) of their variance.
    expect(some).toBeCloseTo(2 * (1 - 0.49 / 0.58), 1);
    expect(all).toBeCloseTo(2, 1);
  });
});
