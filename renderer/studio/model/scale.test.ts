import fc from 'fast-check';
import { expect, test } from 'vitest';
import { FRACTION, fitToScale, parseNumber, stepValue } from './scale';

test('a fitted value lies inside the ends, and fitting again changes nothing', () => {
  fc.assert(
    fc.property(fc.double({ min: -5, max: 5, noNaN: true }), (value) => {
      const fitted = fitToScale(value, FRACTION);
      expect(fitted).toBeGreaterThanOrEqual(0);
      expect(fitted).toBeLessThanOrEqual(1);
      expect(fitToScale(fitted, FRACTION)).toBe(fitted);
    }),
  );
  expect(fitToScale(0.1 + 0.2, FRACTION)).toBe(0.3);
});

test('a step is one step, Shift a fine one, a page ten, and ends hold', () => {
  expect(stepValue(0.5, 1, FRACTION, 'step')).toBe(0.51);
  expect(stepValue(0.5, -1, FRACTION, 'fine')).toBe(0.499);
  expect(stepValue(0.5, -1, FRACTION, 'page')).toBe(0.4);
  expect(stepValue(0.995, 1, FRACTION, 'step')).toBe(1);
});

test('typed numbers may carry a comma, a real minus and a unit', () => {
  expect(['12', ' −3,5 px', '.5', '40 %', 'abc', ''].map(parseNumber)).toEqual([
    12,
    -3.5,
    0.5,
    40,
    null,
    null,
  ]);
});
