import { expect, test } from 'vitest';
import {
  fileName,
  formatBytes,
  formatPosition,
  formatSpread,
  formatTimer,
  parsePosition,
} from './time-format';

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

test('a position has tenths below an hour, and never sixty seconds', () => {
  expect([0, 9.96, 59.97, 83.4, 3599.96, 3723.4].map(formatPosition)).toEqual([
    '0:00.0',
    '0:10.0',
    '1:00.0',
    '1:23.4',
    '1:00:00',
    '1:02:03',
  ]);
});

test('a position is read as people type it', () => {
  const typed = ['83.4', '1:23.4', '1:23,4', ' 90 s', '1:02:03', '.5', '2:', 'ten', '', '1:2:3:4'];
  expect(typed.map(parsePosition)).toEqual([83.4, 83.4, 83.4, 90, 3723, 0.5, null, null, null, null]);
});

test('a position that is written can be read back', () => {
  for (const tenths of [0, 1, 599, 600, 35_999]) {
    expect(parsePosition(formatPosition(tenths / 10))).toBeCloseTo(tenths / 10, 9);
  }
});

test('a spread is two figures of two digits or more, and a dash while nothing was measured', () => {
  expect(formatSpread({ p50: 4.21, p95: 9.96, n: 3 })).toBe('4.2 / 10 ms');
  expect(formatSpread({ p50: 84.4, p95: 121.6, n: 3 })).toBe('84 / 122 ms');
  expect(formatSpread({ p50: 0, p95: 0, n: 0 })).toBe('–');
  expect(formatSpread(null)).toBe('–');
});

test('a file name is found in Windows and Unix paths', () => {
  expect(fileName('C:\\Users\\me\\Videos\\show.mp4')).toBe('show.mp4');
  expect(fileName('/home/me/Videos/show.mkv')).toBe('show.mkv');
});
