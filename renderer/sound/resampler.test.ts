import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Resampler } from './resampler';

/** Input samples of a sine of `hertz` that a stretch of output needs. */
function sineFor(resampler: Resampler, rate: number, hertz: number, frame: number, frames: number) {
  const { from, to } = resampler.inputRange(frame, frames);
  return Float32Array.from({ length: to - from }, (_, i) =>
    Math.sin((2 * Math.PI * hertz * (from + i)) / rate),
  );
}

function worstError(rate: number, hertz: number): number {
  const resampler = new Resampler(rate);
  const [frame, frames] = [12_345, 2000];
  const output = resampler.render(sineFor(resampler, rate, hertz, frame, frames), frame, frames);
  return output.reduce((worst, value, i) => {
    return Math.max(worst, Math.abs(value - Math.sin((2 * Math.PI * hertz * (frame + i)) / 48_000)));
  }, 0);
}

describe('Resampler', () => {
  test.each([8000, 16_000, 22_050, 32_000, 44_100, 88_200, 96_000])(
    'a sine at a quarter of the lower Nyquist frequency survives from %i Hz',
    (rate) => {
      expect(worstError(rate, Math.min(rate, 48_000) / 8)).toBeLessThan(1e-3);
    },
  );

  test('44.1 kHz keeps the audible band: 15 kHz is right to −60 dB', () => {
    expect(worstError(44_100, 15_000)).toBeLessThan(1e-3);
  });

  test('from 96 kHz what would fold back is gone', () => {
    const resampler = new Resampler(96_000);
    const output = resampler.render(sineFor(resampler, 96_000, 30_000, 500, 1000), 500, 1000);
    expect(Math.max(...output.map(Math.abs))).toBeLessThan(1e-3);
  });

  test('48 kHz passes bit for bit', () => {
    const input = Float32Array.of(0.1, -0.2, 0.3);
    expect(new Resampler(48_000).render(input, 77, 3)).toEqual(input);
  });

  test('any cut into pieces gives the same samples', () => {
    const resampler = new Resampler(44_100);
    const whole = resampler.render(sineFor(resampler, 44_100, 440, 0, 1000), 0, 1000);
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 999 }), (cut) => {
        const head = resampler.render(sineFor(resampler, 44_100, 440, 0, cut), 0, cut);
        const tail = resampler.render(sineFor(resampler, 44_100, 440, cut, 1000 - cut), cut, 1000 - cut);
        expect([...head, ...tail]).toEqual([...whole]);
      }),
      { numRuns: 20 },
    );
  });
});
