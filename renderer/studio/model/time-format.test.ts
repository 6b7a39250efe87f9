import { expect, test } from 'vitest';
import { fileName, formatBytes, formatTimer } from './time-format';

test('the timer counts whole seconds and lets hours pass 99', () => {
  expect(formatTimer(0)).toBe('00:00:00');
  expect(formatTimer(724_999_999)).toBe('00:12:04');
  expect(formatTimer(360_000e6)).toBe('100:00:00');
  expect(formatTimer(-5)).toBe('00:00:00');
});

test('sizes change unit before they need a fourth digit', () => {
  expect([0, 999, 1000, 99_949, 999_499, 999_500, 4.2e9].map(formatBytes)).toEqual([
    '0 B',
    '999 B',
    '1.0 kB',
    '99.9 kB',
    '999 kB',
    '1.0 MB',
    '4.2 GB',
  ]);
});

test('a file name is found in Windows and Unix paths', () => {
  expect(fileName('C:\\Users\\me\\Videos\\show.mp4')).toBe('show.mp4');
  expect(fileName('/home/me/Videos/show.mkv')).toBe('show.mkv');
});
