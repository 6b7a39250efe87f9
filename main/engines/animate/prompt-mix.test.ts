import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { eased, mixPrompts, slerp, type Part } from './prompt-mix';

const length = (values: Float32Array) => Math.hypot(...values);
const vector = (...values: number[]) => Float32Array.from(values);

describe('mixPrompts', () => {
  const x = vector(2, 0, 0);
  const y = vector(0, 2, 0);
  const z = vector(0, 0, 2);

  it('[S8] in a line it is the weighted mean, whatever the sum of the weights', () => {
    const parts: Part[] = [
      { hidden: x, weight: 0.2 },
      { hidden: y, weight: 0.1 },
      { hidden: z, weight: 0.1 },
    ];
    const mixed = mixPrompts('linear', parts);
    [1, 0.5, 0.5].forEach((value, i) => expect(mixed[i]).toBeCloseTo(value, 6));
  });

  it('[S8] on a sphere it keeps the length, and goes an even part of the angle', () => {
    const mixed = mixPrompts('slerp', [
      { hidden: x, weight: 2 / 3 },
      { hidden: y, weight: 1 / 3 },
    ]);
    expect(length(mixed)).toBeCloseTo(2, 6);
    expect(Math.atan2(mixed[1]!, mixed[0]!)).toBeCloseTo(Math.PI / 6, 6);
    const all = mixPrompts(
      'slerp',
      [x, y, z].map((hidden) => ({ hidden, weight: 1 })),
    );
    expect(length(all)).toBeCloseTo(2, 6);
  });

  it('[S8] what has no weight is not heard; without any weight the first is', () => {
    for (const kind of ['linear', 'slerp'] as const) {
      expect(
        mixPrompts(kind, [
          { hidden: x, weight: 0 },
          { hidden: y, weight: 0.3 },
        ]),
      ).toEqual(y);
      expect(
        mixPrompts(kind, [
          { hidden: x, weight: 0 },
          { hidden: y, weight: 0 },
        ]),
      ).toEqual(x);
    }
  });

  it('[S8] both ways end at the prompts themselves and give numbers between, an empty prompt included', () => {
    const values = fc.array(fc.double({ min: -3, max: 3, noNaN: true }), { minLength: 4, maxLength: 4 });
    fc.assert(
      fc.property(values, values, fc.double({ min: 0, max: 1, noNaN: true }), (a, b, t) => {
        const [from, to] = [Float32Array.from(a), Float32Array.from(b)];
        const between = slerp(from, to, t);
        expect(between.every(Number.isFinite)).toBe(true);
        slerp(from, to, 0).forEach((value, i) => expect(value).toBeCloseTo(from[i]!, 4));
        slerp(from, to, 1).forEach((value, i) => expect(value).toBeCloseTo(to[i]!, 4));
      }),
    );
    expect(slerp(vector(0, 0), vector(1, 2), 0.5)).toEqual(vector(0.5, 1));
  });
});

describe('eased', () => {
  it.each(['linear', 'smooth', 'in', 'out'] as const)('%s goes from 0 to 1 and never back', (easing) => {
    const way = Array.from({ length: 101 }, (_, i) => eased(easing, i / 100));
    expect([way[0], way[100]]).toEqual([0, 1]);
    way.forEach((value, i) => i > 0 && expect(value).toBeGreaterThan(way[i - 1]!));
    expect([eased(easing, -1), eased(easing, 2)]).toEqual([0, 1]);
  });
});
