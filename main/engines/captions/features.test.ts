import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SHIPPED_MODELS_DIR } from '../testing/fixtures';
import { BANDS, FeatureStreamer, HOP } from './features';

type Golden = { signals: { name: string; samples: number[]; features: number[][] }[] };
const golden = JSON.parse(
  readFileSync(join(SHIPPED_MODELS_DIR, 'contracts/captions-features.json'), 'utf8'),
) as Golden;
/** Every value of silence. */
const FLOOR = Math.log(2 ** -24);

function stream(
  samples: Float32Array,
  cuts: readonly number[] = [],
): { frames: number[][]; peaks: number[] } {
  const frames: number[][] = [];
  const peaks: number[] = [];
  const features = new FeatureStreamer((frame, peak) => {
    frames.push(Array.from(frame));
    peaks.push(peak);
  });
  let from = 0;
  for (const cut of [...cuts, samples.length]) {
    features.push(samples.subarray(from, Math.max(from, cut)));
    from = Math.max(from, cut);
  }
  return { frames, peaks };
}

describe('FeatureStreamer', () => {
  it.each(golden.signals)('[C4] agrees with the independent vectors of $name', ({ samples, features }) => {
    const { frames } = stream(Float32Array.from(samples, (sample) => sample / 32_768));
    // The last frames of a file look beyond its end; a stream has none.
    expect(frames.length).toBe(Math.floor((samples.length - 200) / HOP) + 1);
    expect(features.length - frames.length).toBeLessThanOrEqual(2);
    let sum = 0;
    let worst = 0;
    frames.forEach((frame, i) =>
      frame.forEach((value, band) => {
        const error = Math.abs(value - features[i]![band]!);
        sum += error;
        if (features[i]![band]! > FLOOR + 1) worst = Math.max(worst, error);
      }),
    );
    expect(sum / (frames.length * BANDS)).toBeLessThanOrEqual(1e-3);
    expect(worst).toBeLessThanOrEqual(1e-2);
  });

  it('[C4] makes the same frames however the sound is cut', () => {
    const { samples } = golden.signals.find((signal) => signal.name === 'chirp-and-noise')!;
    const sound = Float32Array.from(samples, (sample) => sample / 32_768);
    const whole = stream(sound).frames;
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: sound.length }), { maxLength: 20 }), (cuts) => {
        expect(
          stream(
            sound,
            cuts.toSorted((a, b) => a - b),
          ).frames,
        ).toEqual(whole);
      }),
      { numRuns: 30 },
    );
  });

  it('[C4] silence is the floor in every band, over any time', () => {
    const { frames } = stream(new Float32Array(20_000));
    expect(frames.length).toBe(Math.floor((20_000 - 200) / HOP) + 1);
    for (const frame of frames) for (const value of frame) expect(value).toBeCloseTo(FLOOR, 5);
  });

  it('tells the peak of the samples that each frame brought', () => {
    const sound = new Float32Array(2000);
    sound[200 + 3 * HOP] = -0.5;
    const { peaks } = stream(sound);
    expect(peaks.findIndex((peak) => peak > 0)).toBe(4);
    expect(peaks.filter((peak) => peak > 0)).toEqual([0.5]);
  });
});
