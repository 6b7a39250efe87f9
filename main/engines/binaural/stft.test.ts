import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fillNormals } from '../runtime/philox';
import { compressInto, expandFrom } from './spectrum-scale';
import { BINS, HOP_FRAMES, StreamingIstft, StreamingStft, TRANSFORM_DELAY_FRAMES } from './stft';

type Frame = { frame: number; re: number[]; im: number[] };
const vectors = JSON.parse(
  readFileSync(resolve('native-models/contracts/binaural-vectors.json'), 'utf8'),
) as {
  stft: { count: number; frames: Frame[]; delay: number };
};

function noise(count: number, seed: number): Float32Array {
  const samples = new Float32Array(count);
  fillNormals({ low: seed, high: 0 }, 0, samples);
  return samples.map((x) => 0.1 * x);
}

describe('the streaming transform', () => {
  it('[B8] there and back is the same sound, 384 samples later, to 1e-6', () => {
    fc.assert(
      fc.property(fc.nat(2 ** 31), fc.integer({ min: 4, max: 40 }), (seed, blocks) => {
        const sound = noise(blocks * HOP_FRAMES, seed);
        const back = new Float32Array(sound.length);
        const [there, home] = [new StreamingStft(), new StreamingIstft()];
        const [re, im] = [new Float64Array(BINS), new Float64Array(BINS)];
        for (let block = 0; block < blocks; block++) {
          there.push(sound, block * HOP_FRAMES, 1, re, im);
          home.push(re, im, back, block * HOP_FRAMES, 1);
        }
        expect(back.subarray(0, TRANSFORM_DELAY_FRAMES).every((x) => Math.abs(x) < 1e-6)).toBe(true);
        const worst = back
          .subarray(TRANSFORM_DELAY_FRAMES)
          .reduce((most, x, n) => Math.max(most, Math.abs(x - sound[n]!)), 0);
        expect(worst).toBeLessThan(1e-6);
      }),
      { numRuns: 20 },
    );
  });

  it('[B8] spectra are those of the reference', () => {
    const { count, frames, delay } = vectors.stft;
    expect(delay).toBe(TRANSFORM_DELAY_FRAMES);
    const sound = noise(count, 1);
    const transform = new StreamingStft();
    const [re, im] = [new Float64Array(BINS), new Float64Array(BINS)];
    for (let frame = 0; frame < count / HOP_FRAMES; frame++) {
      transform.push(sound, frame * HOP_FRAMES, 1, re, im);
      const golden = frames.find((entry) => entry.frame === frame);
      golden?.re.forEach((value, k) => expect(Math.abs(re[k]! - value)).toBeLessThan(1e-6));
      golden?.im.forEach((value, k) => expect(Math.abs(im[k]! - value)).toBeLessThan(1e-6));
    }
  });

  it('[B9] compressing and expanding give back every bin, and silence stays silent', () => {
    const scale = { compression: 0.5, spectrumScale: 0.5 };
    const re = Float64Array.from({ length: BINS }, (_, k) => (k % 3 === 0 ? 0 : 3 * Math.sin(k)));
    const im = Float64Array.from({ length: BINS }, (_, k) => (k % 3 === 0 ? 0 : 0.01 * Math.cos(k * k)));
    const planes = new Float32Array(2 * BINS);
    compressInto(re, im, scale, planes, 0, BINS);
    // x = s X / √|X| has the size s √|X|.
    expect(Math.hypot(planes[1]!, planes[BINS + 1]!)).toBeCloseTo(
      0.5 * Math.sqrt(Math.hypot(re[1]!, im[1]!)),
      6,
    );
    expect([planes[0], planes[BINS]]).toEqual([0, 0]);
    const [backRe, backIm] = [new Float64Array(BINS), new Float64Array(BINS)];
    expandFrom(planes, 0, BINS, scale, backRe, backIm);
    for (let k = 0; k < BINS; k++) {
      expect(Math.abs(backRe[k]! - re[k]!)).toBeLessThan(1e-6);
      expect(Math.abs(backIm[k]! - im[k]!)).toBeLessThan(1e-6);
    }
  });
});
