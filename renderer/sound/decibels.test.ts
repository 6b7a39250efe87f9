import { expect, test } from 'vitest';
import { dbOfPeak, gainOfDb } from './decibels';

test('0 dB is 1, −20 dB a tenth, −60 dB and below silence', () => {
  expect(gainOfDb(0)).toBe(1);
  expect(gainOfDb(-20)).toBeCloseTo(0.1, 12);
  expect(gainOfDb(-60)).toBe(0);
});

test('peaks read back as dBFS, silence as −120', () => {
  expect(dbOfPeak(1)).toBe(0);
  expect(dbOfPeak(0.1)).toBeCloseTo(-20, 9);
  expect(dbOfPeak(0)).toBe(-120);
});
