import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FILTERS, type FilterName } from './resample-weights';
import { resize } from './resize';

/** The integral of a filter over each source pixel's place, by the definition, in float64 [I4]. */
function weightOf(filter: FilterName, from: number, to: number, target: number, pixel: number): number {
  const ratio = from / to;
  if (filter === 'area') {
    const left = Math.max(pixel, target * ratio);
    return Math.max(0, Math.min(pixel + 1, (target + 1) * ratio) - left);
  }
  const width = Math.max(1, ratio);
  return Math.max(0, width - Math.abs(pixel + 0.5 - (target + 0.5) * ratio));
}

/** Both axes at once, without bytes between: what `resize` approaches. */
function reference(rgba: Uint8Array, from: Size, to: Size, filter: FilterName): number[] {
  const values: number[] = [];
  for (let y = 0; y < to.height; y++) {
    for (let x = 0; x < to.width; x++) {
      for (let channel = 0; channel < 4; channel++) {
        let sum = 0;
        let weights = 0;
        for (let j = 0; j < from.height; j++) {
          for (let i = 0; i < from.width; i++) {
            const across = weightOf(filter, from.width, to.width, x, i);
            const weight = across * weightOf(filter, from.height, to.height, y, j);
            sum += weight * rgba[4 * (j * from.width + i) + channel]!;
            weights += weight;
          }
        }
        values.push(sum / weights);
      }
    }
  }
  return values;
}

type Size = { width: number; height: number };
const side = fc.integer({ min: 1, max: 12 });
const size = fc.record({ width: side, height: side });
const filters = fc.constantFrom(...FILTERS);

function resized(rgba: Uint8Array, from: Size, to: Size, filter: FilterName): Uint8Array {
  const out = new Uint8Array(4 * to.width * to.height);
  resize({ source: { ...from, rgba }, ...to, filter, out });
  return out;
}

describe('resize', () => {
  it('[I4] is within one step of the two-dimensional filter in float64', () => {
    fc.assert(
      fc.property(size, size, filters, fc.infiniteStream(fc.nat(255)), (from, to, filter, bytes) => {
        const rgba = Uint8Array.from({ length: 4 * from.width * from.height }, () => bytes.next().value);
        const expected = reference(rgba, from, to, filter);
        // two roundings of a half each
        const out = resized(rgba, from, to, filter);
        out.forEach((byte, i) => expect(Math.abs(byte - expected[i]!)).toBeLessThanOrEqual(1.001));
      }),
      { numRuns: 60 },
    );
  });

  it('[I4] an even colour stays what it is, at every size', () => {
    fc.assert(
      fc.property(size, size, filters, fc.nat(255), (from, to, filter, byte) => {
        const rgba = new Uint8Array(4 * from.width * from.height).fill(byte);
        expect(resized(rgba, from, to, filter).every((value) => value === byte)).toBe(true);
      }),
    );
  });

  it('[I4] the same size is the same picture', () => {
    const rgba = Uint8Array.from({ length: 4 * 7 * 5 }, (_, i) => (i * 37) % 256);
    for (const filter of FILTERS) {
      expect(resized(rgba, { width: 7, height: 5 }, { width: 7, height: 5 }, filter)).toEqual(rgba);
    }
  });

  it('[I4] shrinking takes in every pixel: no single one is lost', () => {
    for (const filter of FILTERS) {
      for (let lit = 0; lit < 64; lit++) {
        const rgba = new Uint8Array(4 * 64).fill(0);
        rgba[4 * lit] = 255;
        const out = resized(rgba, { width: 64, height: 1 }, { width: 4, height: 1 }, filter);
        expect(out.reduce((sum, value) => sum + value, 0)).toBeGreaterThan(0);
      }
    }
  });

  it('[I4] 8192 pixels to one is their mean', () => {
    const rgba = Uint8Array.from({ length: 4 * 8192 }, (_, i) => ((i >> 2) % 2 === 0 ? 100 : 200));
    for (const filter of FILTERS) {
      const out = resized(rgba, { width: 8192, height: 1 }, { width: 1, height: 1 }, filter);
      out.forEach((byte) => expect(Math.abs(byte - 150)).toBeLessThanOrEqual(1));
    }
  });
});
