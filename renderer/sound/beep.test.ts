import { expect, test } from 'vitest';
import { renderBeep } from './beep';

test('the beep is 100 ms at −20 dBFS and its first sample already sounds', () => {
  const beep = renderBeep();
  expect(beep).toHaveLength(4800);
  expect(Math.max(...beep)).toBeCloseTo(0.1, 6);
  expect(beep[0]).toBeGreaterThan(0);
});

test('its edges rise over 1 ms and its body is a 1 kHz sine', () => {
  const beep = renderBeep();
  expect(Math.abs(beep[0]!)).toBeLessThan(0.001);
  expect(Math.abs(beep.at(-1)!)).toBeLessThan(0.001);
  expect(beep[48 * 10]).toBeCloseTo(0.1, 6);
  expect(beep[48 * 10 + 24]).toBeCloseTo(-0.1, 6);
  expect(beep[48 * 10 + 12]).toBeCloseTo(0, 6);
});
