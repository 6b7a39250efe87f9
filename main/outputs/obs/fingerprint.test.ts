import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  FINGERPRINT_HEIGHT,
  FINGERPRINT_WIDTH,
  matchFingerprint,
  shrinkToFingerprint,
  type Fingerprint,
} from './fingerprint';
import { FingerprintRing } from './fingerprint-ring';

const PIXELS = FINGERPRINT_WIDTH * FINGERPRINT_HEIGHT;
const FRAME_US = 1e6 / 30;

/** A blob that moves over a gradient, one pixel of 32 in each frame. */
function moving(frame: number, speed = 1): Uint8Array {
  return Uint8Array.from({ length: PIXELS }, (_, index) => {
    const [x, y] = [index % FINGERPRINT_WIDTH, Math.floor(index / FINGERPRINT_WIDTH)];
    const distance = (x - ((frame * speed) % FINGERPRINT_WIDTH)) ** 2 + (y - 9) ** 2;
    return Math.round(60 + 2 * x + 120 * Math.exp(-distance / 12));
  });
}

function programme(frames: number, picture: (frame: number) => Uint8Array): Fingerprint[] {
  return Array.from({ length: frames }, (_, frame) => ({
    timestampUs: frame * FRAME_US,
    luma: picture(frame),
  }));
}

const clamp = (value: number): number => Math.max(0, Math.min(255, Math.round(value)));

describe('matchFingerprint', () => {
  const ring = programme(30, moving);

  it('finds the picture through noise and another brightness and contrast', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 29 }),
        fc.double({ min: 0.6, max: 1.15, noNaN: true }),
        fc.integer({ min: -20, max: 30 }),
        fc.array(fc.integer({ min: -3, max: 3 }), { minLength: PIXELS, maxLength: PIXELS }),
        (frame, gain, offset, noise) => {
          const seen = moving(frame).map((value, index) => clamp(value * gain + offset + noise[index]!));
          expect(matchFingerprint(seen, ring)).toEqual({ shown: true, timestampUs: frame * FRAME_US });
        },
      ),
      { numRuns: 60 },
    );
  });

  it('knows a static picture but tells no time from it', () => {
    const still = programme(60, () => moving(7));
    expect(matchFingerprint(moving(7), still)).toEqual({ shown: true, timestampUs: null });
  });

  it('tells no time where the same picture comes again', () => {
    const loop = programme(60, (frame) => moving(frame % 15));
    expect(matchFingerprint(moving(4), loop)).toEqual({ shown: true, timestampUs: null });
  });

  it('does not take another picture, a negative or a black one for the programme', () => {
    const stripes = Uint8Array.from({ length: PIXELS }, (_, index) => (index % 7 < 3 ? 20 : 220));
    for (const other of [stripes, moving(3).map((value) => 255 - value), new Uint8Array(PIXELS)]) {
      expect(matchFingerprint(other, ring)).toEqual({ shown: false, timestampUs: null });
    }
  });

  it('takes a picture of one colour for a programme of that colour, and only that', () => {
    const black = programme(30, () => new Uint8Array(PIXELS).fill(16));
    expect(matchFingerprint(new Uint8Array(PIXELS), black).shown).toBe(true);
    expect(matchFingerprint(new Uint8Array(PIXELS).fill(200), black).shown).toBe(false);
  });

  it('finds nothing among nothing, and nothing by a picture of another size', () => {
    expect(matchFingerprint(moving(1), []).shown).toBe(false);
    expect(matchFingerprint(new Uint8Array(12), ring).shown).toBe(false);
  });
});

describe('shrinkToFingerprint', () => {
  it('takes the mean of what lies under each pixel', () => {
    const [width, height] = [320, 180];
    const data = Uint8Array.from({ length: width * height }, (_, index) => {
      const [x, y] = [index % width, Math.floor(index / width)];
      return ((Math.floor(x / 10) + Math.floor(y / 10)) % 2) * 100 + (x % 2) * 10;
    });
    const small = shrinkToFingerprint({ data, width, height });
    expect([small[0], small[1], small[32], small[33]]).toEqual([5, 105, 105, 5]);
  });
});

describe('FingerprintRing', () => {
  it('keeps three seconds, and begins anew when time runs backwards', () => {
    const ring = new FingerprintRing();
    for (let frame = 0; frame < 150; frame += 1)
      ring.add({ timestampUs: frame * FRAME_US, luma: moving(frame) });
    expect(ring.all.length).toBeGreaterThanOrEqual(90);
    expect(ring.all.length).toBeLessThanOrEqual(92);
    ring.add({ timestampUs: 0, luma: moving(0) });
    expect(ring.all).toHaveLength(1);
  });
});
