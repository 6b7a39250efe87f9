import fc from 'fast-check';
import { expect, test } from 'vitest';
import { LIMITER_THRESHOLD, limitSample } from './limiter';

test('below −1 dBFS every sample passes bit for bit', () => {
  fc.assert(
    fc.property(fc.float({ min: -LIMITER_THRESHOLD, max: LIMITER_THRESHOLD, noNaN: true }), (x) => {
      expect(limitSample(x)).toBe(x);
    }),
  );
});

test('nothing exceeds full scale, louder stays louder, and the sign is kept', () => {
  fc.assert(
    fc.property(fc.double({ min: 0, max: 1e6, noNaN: true }), (x) => {
      const y = limitSample(x);
      expect(y).toBeLessThanOrEqual(1);
      expect(y).toBeGreaterThanOrEqual(Math.min(x, LIMITER_THRESHOLD));
      expect(limitSample(-x)).toBe(-y);
    }),
  );
});

test('value and slope are continuous at the threshold', () => {
  const step = 1e-6;
  const slope = (limitSample(LIMITER_THRESHOLD + step) - limitSample(LIMITER_THRESHOLD)) / step;
  expect(slope).toBeCloseTo(1, 4);
});

test('what is not a number becomes silence', () => {
  expect(limitSample(Number.NaN)).toBe(0);
  expect(limitSample(Number.POSITIVE_INFINITY)).toBe(1);
});
