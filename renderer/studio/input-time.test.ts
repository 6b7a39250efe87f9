import { expect, test } from 'vitest';
import { inputTimeUs } from './input-time';

test('an input is timed by its event, however late its handler runs', () => {
  expect(inputTimeUs(1000, 1000, 9e6)).toBe(9e6);
  expect(inputTimeUs(880, 1000, 9e6)).toBe(9e6 - 120_000);
});

test('without an event, and with a time that is not of this clock, the input is now', () => {
  for (const inputMs of [undefined, 0, -1, Number.NaN, 1001, 1.7e12]) {
    expect(inputTimeUs(inputMs, 1000, 9e6)).toBe(9e6);
  }
});

test('before the programme clock is known an input has no time', () => {
  expect(inputTimeUs(990, 1000, 0)).toBe(0);
});

test('an input from before the programme began counts from its first moment', () => {
  expect(inputTimeUs(10, 1000, 5000)).toBe(0);
});
