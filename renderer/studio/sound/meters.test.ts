import { expect, test } from 'vitest';
import { advanceMeter, restingMeter } from './meters';

test('a meter rises at once and falls 24 dB a second', () => {
  const up = advanceMeter(restingMeter(), -6, 0, 33);
  expect(up.db).toBe(-6);
  expect(advanceMeter(up, -120, 500, 500).db).toBeCloseTo(-18);
});

test('the peak is held for one and a half seconds, then falls to the level', () => {
  const up = advanceMeter(restingMeter(), -3, 0, 33);
  const held = advanceMeter(up, -40, 1400, 1400);
  expect(held.holdDb).toBe(-3);
  const later = advanceMeter(held, -40, 1600, 200);
  expect(later.holdDb).toBeLessThan(-3);
  expect(later.holdDb).toBeGreaterThanOrEqual(later.db);
});

test('a new peak while holding moves the hold up', () => {
  const up = advanceMeter(restingMeter(), -20, 0, 33);
  expect(advanceMeter(up, -10, 100, 33).holdDb).toBe(-10);
});
