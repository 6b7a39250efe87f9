import { expect, it } from 'vitest';
import { StageTimes } from './timing';

it('means reach back one second and leave out stages that did not run', () => {
  let nowMs = 0;
  const times = new StageTimes(() => nowMs);
  times.add('encode', 10);
  nowMs = 600;
  times.add('encode', 20);
  times.add('decode', 5);
  expect(times.means()).toEqual({ encode: 15, decode: 5 });
  nowMs = 1100;
  expect(times.means()).toEqual({ encode: 20, decode: 5 });
  nowMs = 5000;
  expect(times.means()).toEqual({});
});

it('since measures from the start to now and answers with now, for the next stage', () => {
  let nowMs = 100;
  const times = new StageTimes(() => nowMs);
  nowMs = 107;
  expect(times.since('pack', 100)).toBe(107);
  expect(times.means()).toEqual({ pack: 7 });
});
