import { expect, test } from 'vitest';
import { relaunchDelayMs } from './relaunch';

test('the first three crashes of half a minute reopen at once, the fourth waits', () => {
  expect(relaunchDelayMs([1000])).toBe(0);
  expect(relaunchDelayMs([1000, 2000, 3000])).toBe(0);
  expect(relaunchDelayMs([1000, 2000, 3000, 4000])).toBeGreaterThan(0);
});

test('crashes of an hour ago do not count', () => {
  expect(relaunchDelayMs([1000, 2000, 3000, 3_600_000])).toBe(0);
});
