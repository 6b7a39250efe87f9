import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { frameOfUs, planSegments, wholeSecondFrames } from './schedule';

const anchor = fc.double({ min: 0, max: 1e10, noNaN: true });

describe('planSegments', () => {
  test('a film without loop sounds once, from its origin to its end', () => {
    const timeline = { anchorUs: 5_000_000, originUs: 6_000_000, durationUs: 500_000, loop: false };
    expect(planSegments(timeline, 0, 480_000)).toEqual([{ frame: 48_000, mediaFrame: 0, frames: 24_000 }]);
  });

  test('entering in the middle plays the middle', () => {
    const timeline = { anchorUs: 0, originUs: -1_000_000, durationUs: 3_000_000, loop: false };
    expect(planSegments(timeline, 480, 960)).toEqual([{ frame: 480, mediaFrame: 48_480, frames: 480 }]);
  });

  test('a medium shorter than a millisecond is silent instead of endless', () => {
    expect(planSegments({ anchorUs: 0, originUs: 0, durationUs: 999, loop: true }, 0, 48_000)).toEqual([]);
  });

  test('a loop fills every sample once, whatever the duration and the cut into pieces', () => {
    fc.assert(
      fc.property(
        anchor,
        fc.double({ min: -1e7, max: 1e7, noNaN: true }),
        fc.double({ min: 1000, max: 3e6, noNaN: true }),
        fc.array(fc.integer({ min: 1, max: 20_000 }), { minLength: 1, maxLength: 6 }),
        (anchorUs, shiftUs, durationUs, pieces) => {
          const timeline = { anchorUs, originUs: anchorUs + shiftUs, durationUs, loop: true };
          let from = Math.max(0, frameOfUs(anchorUs, timeline.originUs));
          let expected = from;
          for (const piece of pieces) {
            for (const segment of planSegments(timeline, from, from + piece)) {
              const ends = segment.mediaFrame + segment.frames;
              const fits = segment.mediaFrame >= 0 && ends <= Math.ceil(durationUs * 0.048) + 1;
              if (segment.frame !== expected || !fits) expect.fail(JSON.stringify({ segment, expected }));
              expected += segment.frames;
            }
            from += piece;
            expect(expected).toBe(from);
          }
        },
      ),
    );
  });

  test('round 1000 of a loop still begins within half a sample of the picture', () => {
    const timeline = { anchorUs: 0, originUs: 0, durationUs: 1_001_001.1, loop: true };
    const start = 1000 * timeline.durationUs * 0.048;
    const joins = planSegments(timeline, Math.floor(start) - 100, Math.floor(start) + 100);
    expect(joins).toHaveLength(2);
    expect(joins[1]!.mediaFrame).toBe(0);
    expect(Math.abs(joins[1]!.frame - start)).toBeLessThanOrEqual(0.5);
  });
});

describe('wholeSecondFrames', () => {
  test('names every whole second once, however time is cut', () => {
    fc.assert(
      fc.property(anchor, fc.integer({ min: 1, max: 96_000 }), (anchorUs, cut) => {
        const whole = wholeSecondFrames(anchorUs, 0, 192_000);
        const parts = [...wholeSecondFrames(anchorUs, 0, cut), ...wholeSecondFrames(anchorUs, cut, 192_000)];
        expect(parts).toEqual(whole);
        expect(whole.length).toBeGreaterThanOrEqual(4 - 1);
        for (const frame of whole) {
          const us = anchorUs + frame / 0.048;
          expect(Math.abs(us - Math.round(us / 1e6) * 1e6)).toBeLessThan(10.5);
        }
      }),
    );
  });

  test('an anchor on a whole second puts a beep on sample 0', () => {
    expect(wholeSecondFrames(7_000_000, 0, 48_001)).toEqual([0, 48_000]);
  });
});
