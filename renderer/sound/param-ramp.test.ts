import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ParamRamp, RAMP_S } from './param-ramp';

/** Records what a parameter is told. */
function fakeParam() {
  const calls: [string, ...number[]][] = [];
  const note =
    (name: string) =>
    (...values: number[]) => {
      calls.push([name, ...values]);
      return undefined as never;
    };
  const param = {
    value: 0,
    cancelAndHoldAtTime: note('hold'),
    setValueAtTime: note('set'),
    linearRampToValueAtTime: note('ramp'),
  };
  return { param, calls };
}

test('a ramp goes straight from the present value to the target in 15 ms', () => {
  const { param, calls } = fakeParam();
  const ramp = new ParamRamp(param, 1);
  expect(param.value).toBe(1);
  ramp.rampTo(0.5, 2);
  expect(calls).toEqual([
    ['hold', 2],
    ['set', 1, 2],
    ['ramp', 0.5, 2 + RAMP_S],
  ]);
});

test('a storm of targets never makes a step: the slope stays that of one ramp', () => {
  const targets = fc.array(
    fc.record({
      target: fc.double({ min: 0, max: 4, noNaN: true }),
      waitMs: fc.integer({ min: 0, max: 30 }),
    }),
    { minLength: 1, maxLength: 20 },
  );
  fc.assert(
    fc.property(targets, (list) => {
      const { param, calls } = fakeParam();
      const ramp = new ParamRamp(param, 1);
      let timeS = 0;
      for (const { target, waitMs } of list) {
        timeS += waitMs / 1000;
        const before = ramp.valueAt(timeS);
        ramp.rampTo(target, timeS);
        expect(ramp.valueAt(timeS)).toBeCloseTo(before, 9);
        expect(calls.at(-2)).toEqual(['set', expect.closeTo(before, 9), timeS]);
      }
      expect(ramp.valueAt(timeS + 1)).toBe(list.at(-1)!.target);
    }),
  );
});

test('a dip is silent for a ramp and returns to the target', () => {
  const { param } = fakeParam();
  const ramp = new ParamRamp(param, 0.8);
  const { silentFromS } = ramp.dip(1);
  expect(silentFromS).toBeCloseTo(1 + RAMP_S, 9);
  expect(ramp.valueAt(silentFromS + RAMP_S)).toBe(0);
  expect(ramp.valueAt(silentFromS + 2 * RAMP_S)).toBe(0.8);
});
