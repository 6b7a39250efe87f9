import { expect, test } from 'vitest';
import { RecentCount } from './recent-count';

test('read twice a second, each reading stands for the whole second before it', () => {
  const count = new RecentCount(0);
  const read = [];
  for (let beat = 1; beat <= 6; beat += 1) {
    count.add(beat <= 2 ? 15 : 5);
    read.push(count.read(beat * 500));
  }
  expect(read.map((one) => one.count)).toEqual([15, 30, 20, 10, 10, 10]);
  expect(read.map((one) => one.perSecond)).toEqual([30, 30, 20, 10, 10, 10]);
});

test('readings a second apart share nothing and leave nothing out', () => {
  const count = new RecentCount(0);
  let sum = 0;
  for (let second = 1; second <= 5; second += 1) {
    count.add(second);
    sum += count.read(second * 1000 + (second % 2) * 20).count;
  }
  expect(sum).toBe(15);
});

test('a reading that comes late covers the time it took', () => {
  const count = new RecentCount(0);
  count.read(500);
  count.read(1000);
  count.add(75);
  expect(count.read(3500)).toEqual({ count: 75, perSecond: 30 });
});

test('one event right after the beginning is not dozens a second', () => {
  const count = new RecentCount(100);
  count.add();
  expect(count.read(101).perSecond).toBe(2);
});
