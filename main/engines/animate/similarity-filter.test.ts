import { describe, expect, it } from 'vitest';
import { SimilarityFilter } from './similarity-filter';

const SIDE = 64;

/** A picture whose luma is that of `values`, from −1 to 1. */
function picture(values: (i: number) => number) {
  const rgba = new Uint8Array(4 * SIDE * SIDE).fill(255);
  for (let i = 0; i < SIDE * SIDE; i++) rgba.fill(Math.round(127.5 * (values(i) + 1)), 4 * i, 4 * i + 3);
  return { width: SIDE, height: SIDE, rgba };
}

/** Two pictures of cosine S: parts that are orthogonal, mixed by an angle. */
function pair(alike: number) {
  const sine = Math.sqrt(1 - alike * alike);
  const one = (i: number) => (i % 2 ? 0.6 : -0.6);
  const other = (i: number) => (i % 4 < 2 ? 0.6 : -0.6);
  return [picture(one), picture((i) => alike * one(i) + sine * other(i))] as const;
}

describe('SimilarityFilter', () => {
  it('[S7] leaves out by the probability of the paper', { timeout: 60_000 }, () => {
    for (const [threshold, alike] of [
      [0.9, 0.95],
      [0.9, 0.98],
      [0.5, 0.7],
      [0.98, 0.97],
    ] as const) {
      const [reference, near] = pair(alike);
      let skipped = 0;
      const draws = 3000;
      // Each draw is of a filter of its own: what is not left out becomes the reference.
      for (let seed = 0; seed < draws; seed++) {
        const filter = new SimilarityFilter(seed);
        filter.set({ threshold, maxSkip: 300 });
        expect(filter.skips(reference, 1)).toBe(false);
        if (filter.skips(near, 1)) skipped++;
      }
      const expected = Math.max(0, (alike - threshold) / (1 - threshold));
      // Bytes round the cosine a little.
      expect(Math.abs(skipped / draws - expected)).toBeLessThan(0.02);
    }
  });

  it('[S7] a still picture is made once in eleven, also over and over', () => {
    const filter = new SimilarityFilter(1);
    filter.set({ threshold: 0.98, maxSkip: 10 });
    const [still] = pair(1);
    const made = Array.from({ length: 110 }, () => !filter.skips(still, 1));
    expect(made.filter(Boolean)).toHaveLength(10);
    made.forEach((isMade, i) => expect(isMade).toBe(i % 11 === 0));
  });

  it('[S7] a picture that moves is never left out', () => {
    const filter = new SimilarityFilter(1);
    filter.set({ threshold: 0.98, maxSkip: 10 });
    for (let frame = 0; frame < 200; frame++) {
      expect(
        filter.skips(
          picture((i) => Math.sin(i * 0.05 + frame)),
          1,
        ),
      ).toBe(false);
    }
  });

  it('[S7] other settings make another picture; the same seed leaves out the same ones', () => {
    const [still] = pair(1);
    const filter = new SimilarityFilter(1);
    filter.set({ threshold: 0.98, maxSkip: 10 });
    expect([1, 1, 2, 2].map((version) => filter.skips(still, version))).toEqual([false, true, false, true]);
    const [reference, near] = pair(0.95);
    const drawn = (seed: number) => {
      const one = new SimilarityFilter(seed);
      one.set({ threshold: 0.9, maxSkip: 300 });
      return Array.from({ length: 60 }, (_, i) => one.skips(i % 2 ? near : reference, 1));
    };
    for (const seed of [0, 1, 77, 1e6]) expect(drawn(seed)).toEqual(drawn(seed));
    expect(drawn(1)).not.toEqual(drawn(2));
  });

  it('lets all through when it is off, and begins anew when it is on again', () => {
    const [still] = pair(1);
    const filter = new SimilarityFilter(1);
    expect(filter.skips(still, 1)).toBe(false);
    expect(filter.skips(still, 1)).toBe(false);
    filter.set({ threshold: 0.98, maxSkip: 10 });
    expect(filter.skips(still, 1)).toBe(false);
    expect(filter.skips(still, 1)).toBe(true);
    filter.set(null);
    expect(filter.skips(still, 1)).toBe(false);
    filter.set({ threshold: 0.98, maxSkip: 10 });
    expect(filter.skips(still, 1)).toBe(false);
  });

  it('takes pictures of any size, and ones without any light', () => {
    const filter = new SimilarityFilter(1);
    filter.set({ threshold: 0.98, maxSkip: 10 });
    const grey = (width: number, height: number) => ({
      width,
      height,
      rgba: new Uint8Array(4 * width * height).fill(128),
    });
    expect(filter.skips(grey(256, 128), 1)).toBe(false);
    expect(filter.skips(grey(32, 32), 1)).toBe(true);
  });
});
