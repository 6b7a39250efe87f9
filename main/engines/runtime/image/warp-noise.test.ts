import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fillNormals } from '../philox';
import type { WarpJob } from './image-ops';
import { warpNoise } from './warp-noise';

type Flow = (x: number, y: number) => readonly [number, number];
type Shape = { width: number; height: number; channels: number };

function flowOf({ width, height }: Shape, flow: Flow): Float32Array {
  const out = new Float32Array(2 * width * height);
  for (let i = 0; i < width * height; i++) {
    const [x, y] = flow(i % width, Math.floor(i / width));
    out[i] = x;
    out[width * height + i] = y;
  }
  return out;
}

function noiseField({ width, height, channels }: Shape, seed = 5): Float32Array {
  const pixels = width * height;
  const field = new Float32Array((channels + 1) * pixels);
  fillNormals({ low: seed, high: 0 }, 0, field.subarray(0, channels * pixels));
  return field.fill(1, channels * pixels);
}

function warp(shape: Shape, forward: Flow, backward: Flow, change: Partial<WarpJob> = {}): Float32Array {
  const field = change.field ?? noiseField(shape);
  const out = new Float32Array(field.length);
  const flows = { forward: flowOf(shape, forward), backward: flowOf(shape, backward) };
  warpNoise({ ...shape, field, ...flows, seed: { low: 1, high: 2 }, frame: 0, out, ...change });
  return change.out ?? out;
}

const SHAPE = { width: 64, height: 48, channels: 4 };
const PIXELS = SHAPE.width * SHAPE.height;

function moments(values: Float32Array): { mean: number; variance: number } {
  const mean = values.reduce((sum, z) => sum + z, 0) / values.length;
  return { mean, variance: values.reduce((sum, z) => sum + (z - mean) ** 2, 0) / values.length };
}

/** Moran's I with the neighbours right and below: how alike neighbours are, 0 for white noise. */
function moran(plane: Float32Array, width: number): number {
  const { mean, variance } = moments(plane);
  let sum = 0;
  let pairs = 0;
  for (let i = 0; i < plane.length; i++) {
    for (const other of [(i + 1) % width === 0 ? -1 : i + 1, i + width]) {
      if (other < 0 || other >= plane.length) continue;
      sum += (plane[i]! - mean) * (plane[other]! - mean);
      pairs++;
    }
  }
  return sum / pairs / variance;
}

describe('noise warp', () => {
  it('[I8] a shift by whole pixels copies noise bit for bit, and new noise comes in at the edge', () => {
    const shift = fc.integer({ min: -9, max: 9 });
    fc.assert(
      fc.property(shift, shift, (dx, dy) => {
        const field = noiseField(SHAPE);
        const out = warp(
          SHAPE,
          () => [dx, dy],
          () => [-dx, -dy],
          { field },
        );
        const wrong = out.subarray(0, PIXELS * SHAPE.channels).findIndex((z, i) => {
          const x = (i % SHAPE.width) - dx;
          const y = (Math.floor(i / SHAPE.width) % SHAPE.height) - dy;
          const inside = x >= 0 && y >= 0 && x < SHAPE.width && y < SHAPE.height;
          const from = i - dx - dy * SHAPE.width;
          return (z === field[from]) !== inside;
        });
        expect(wrong).toBe(-1);
      }),
      { numRuns: 12 },
    );
  });

  it('[I8] steps are rounded to the nearest pixel, halves to even', () => {
    const shape = { width: 8, height: 1, channels: 1 };
    const field = Float32Array.from({ length: 16 }, (_, i) => (i < 8 ? i + 1 : 1));
    const shifted = (step: number) =>
      [
        ...warp(
          shape,
          () => [step, 0],
          () => [99, 0],
          { field },
        ),
      ].slice(3, 8);
    expect(shifted(0.5)).toEqual([4, 5, 6, 7, 8]);
    expect(shifted(1.5)).toEqual([2, 3, 4, 5, 6]);
    expect(shifted(0.51)).toEqual([3, 4, 5, 6, 7]);
  });

  it('[I8] a pixel that d others come from is split so that they sum to √d of it', () => {
    // Everything comes from one pixel, which itself stays: a zoom without end.
    const shape = { width: 6, height: 5, channels: 3 };
    const field = noiseField(shape);
    const out = warp(
      shape,
      (x, y) => (x === 2 && y === 1 ? [0, 0] : [99, 0]),
      (x, y) => [2 - x, 1 - y],
      { field },
    );
    for (let channel = 0; channel < 3; channel++) {
      // X_k = out_k / √30, and ΣX_k = q
      const sum = out.subarray(30 * channel, 30 * channel + 30).reduce((total, z) => total + z, 0);
      expect(Math.abs(sum / Math.sqrt(30) - field[30 * channel + 8]!)).toBeLessThan(1e-5);
    }
    out.subarray(90).forEach((density) => expect(density).toBeCloseTo(1 / 30, 6));
  });

  it('[I8] where several come together they are weighed by density and keep variance 1', () => {
    const shape = { width: 2, height: 1, channels: 1 };
    const field = Float32Array.of(0.7, -1.1, 3, 1);
    const out = warp(
      shape,
      (x) => [-x, 0],
      () => [99, 99],
      { field },
    );
    expect(out[0]).toBeCloseTo((3 * 0.7 - 1.1) / Math.sqrt(10), 6);
    expect([out[2], out[3]]).toEqual([4, 1]);
  });

  it('[I8] 60 frames of turning, zooming and trembling leave white noise of variance 1', () => {
    let field = noiseField(SHAPE);
    const variances: number[] = [];
    const likeness: number[] = [];
    for (let frame = 0; frame < 60; frame++) {
      const angle = 0.05 * Math.sin(frame / 9);
      const zoom = 1 + 0.04 * Math.cos(frame / 7);
      const flow = (sign: number): Flow => {
        const turn = sign * angle;
        const scale = zoom ** sign;
        return (x, y) => {
          const [u, v] = [x - 32, y - 24];
          const tremble = 1.5 * Math.sin(0.8 * x + frame) * sign;
          return [
            scale * (u * Math.cos(turn) - v * Math.sin(turn)) - u + tremble,
            scale * (u * Math.sin(turn) + v * Math.cos(turn)) - v,
          ];
        };
      };
      field = warp(SHAPE, flow(1), flow(-1), { field, frame });
      for (let channel = 0; channel < 4; channel++) {
        const plane = field.subarray(channel * PIXELS, (channel + 1) * PIXELS);
        variances.push(moments(plane).variance);
        likeness.push(moran(plane, SHAPE.width));
      }
    }
    const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
    expect(Math.abs(mean(variances) - 1)).toBeLessThan(0.02);
    expect(Math.abs(mean(likeness))).toBeLessThan(0.01);
    const sorted = field.slice(0, 4 * PIXELS).sort();
    for (const [z, chance] of [
      [-2, 0.02275],
      [-1, 0.15866],
      [0, 0.5],
      [1, 0.84134],
      [2, 0.97725],
    ] as const) {
      const below = sorted.findIndex((value) => value > z) / sorted.length;
      expect(Math.abs(below - chance)).toBeLessThan(0.02);
    }
  });

  it('[I9] new noise is the same for a seed and frame, and another for any other', () => {
    const gone: Flow = () => [99, 99];
    const first = warp(SHAPE, gone, gone);
    expect(warp(SHAPE, gone, gone)).toEqual(first);
    for (const change of [{ frame: 1 }, { seed: { low: 2, high: 2 } }, { seed: { low: 1, high: 3 } }]) {
      const other = warp(SHAPE, gone, gone, change);
      const same = first.subarray(0, 4 * PIXELS).filter((z, i) => z === other[i]).length;
      expect(same).toBeLessThan(PIXELS / 100);
    }
    const { variance } = moments(first.subarray(0, 4 * PIXELS));
    expect(Math.abs(variance - 1)).toBeLessThan(0.05);
  });

  it.each([Number.NaN, Infinity, -Infinity, 3e38, -3e38])('[I8] a step of %f leaves the picture', (step) => {
    const out = warp(
      SHAPE,
      () => [step, 0],
      () => [0, step],
    );
    expect(out.every((value) => Number.isFinite(value))).toBe(true);
    expect(Math.abs(moments(out.subarray(0, 4 * PIXELS)).variance - 1)).toBeLessThan(0.05);
  });

  it('[I8] any flow leaves finite noise with a density in its bounds', () => {
    const step = fc.float({ min: -20, max: 20, noNaN: true });
    fc.assert(
      fc.property(fc.infiniteStream(step), (steps) => {
        const shape = { width: 9, height: 7, channels: 2 };
        const any: Flow = () => [steps.next().value, steps.next().value];
        const out = warp(shape, any, any);
        expect(out.every((value) => Number.isFinite(value))).toBe(true);
        expect(out.subarray(126).every((density) => density > 0)).toBe(true);
      }),
      { numRuns: 20 },
    );
  });
});
