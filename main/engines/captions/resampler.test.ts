import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Resampler } from './resampler';

function tone(hz: number, seconds = 0.5): Float32Array {
  return Float32Array.from({ length: 48_000 * seconds }, (_, n) => Math.sin((2 * Math.PI * hz * n) / 48_000));
}

/** Root mean square after the filter has settled, against that of a full sine, in dB. */
function levelDb(output: Float32Array): number {
  const settled = output.subarray(100);
  const power = settled.reduce((sum, value) => sum + value * value, 0) / settled.length;
  return 10 * Math.log10(2 * power);
}

describe('Resampler', () => {
  it.each([50, 300, 1000, 3000, 5000, 6500, 7000])('[C3] passes %d Hz within 0.1 dB', (hz) => {
    expect(Math.abs(levelDb(new Resampler().push(tone(hz))))).toBeLessThan(0.1);
  });

  it.each([8000, 8100, 9000, 10_000, 12_345, 16_000, 20_000, 23_900])(
    '[C3] keeps %d Hz below −60 dB',
    (hz) => {
      expect(levelDb(new Resampler().push(tone(hz)))).toBeLessThan(-60);
    },
  );

  it('[C3] output m is input 3·m: the filter’s delay is taken off', () => {
    const output = new Resampler().push(tone(440));
    for (let m = 100; m < output.length; m++) {
      expect(output[m]!).toBeCloseTo(Math.sin((2 * Math.PI * 440 * m) / 16_000), 2);
    }
  });

  it('[C3] gives the same samples however the sound is cut', () => {
    const sound = tone(997, 0.05);
    const whole = new Resampler().push(sound);
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: sound.length }), { maxLength: 30 }), (cuts) => {
        const resampler = new Resampler();
        const pieces: number[] = [];
        let from = 0;
        for (const cut of [...cuts.toSorted((a, b) => a - b), sound.length]) {
          pieces.push(...resampler.push(sound.subarray(from, cut)));
          from = cut;
        }
        expect(Float32Array.from(pieces)).toEqual(whole);
      }),
      { numRuns: 30 },
    );
  });
});
