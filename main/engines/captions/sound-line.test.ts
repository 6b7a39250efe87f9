import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { downmix } from './downmix';
import { SoundLine } from './sound-line';

const MS = 1000;
const SECOND = 1_000_000;

describe('SoundLine', () => {
  let given: number[];
  let line: SoundLine;
  beforeEach(() => {
    given = [];
    line = new SoundLine((samples) => given.push(...samples));
  });
  const ones = (ms: number) => new Float32Array(48 * ms).fill(1);

  it('[C2] joins pieces and tells the time of every sample', () => {
    line.push(7 * SECOND, ones(10));
    line.push(7 * SECOND + 10 * MS, ones(10));
    expect(given).toEqual(Array(960).fill(1));
    expect(line.timeOf(0)).toBe(7 * SECOND);
    expect(line.timeOf(480)).toBe(7 * SECOND + 10 * MS);
    expect(line.heardUs).toBe(7 * SECOND + 20 * MS);
  });

  it('[C2] a gap becomes silence of its length', () => {
    line.push(0, ones(10));
    line.push(30 * MS, ones(10));
    expect(given).toEqual([...Array(480).fill(1), ...Array(960).fill(0), ...Array(480).fill(1)]);
    expect(line.timeOf(480 * 3)).toBe(30 * MS);
  });

  it('[C2] a gap of more than 5 s is not filled; time goes on from its end', () => {
    line.push(0, ones(10));
    line.push(10 * SECOND, ones(10));
    expect(given).toHaveLength(960);
    expect(line.timeOf(479)).toBeCloseTo(10 * MS, -2);
    expect(line.timeOf(480)).toBe(10 * SECOND);
  });

  it('[C2] what comes twice is left out', () => {
    line.push(0, ones(20));
    line.push(10 * MS, new Float32Array(48 * 20).fill(0.5));
    line.push(0, ones(10));
    expect(given).toEqual([...Array(960).fill(1), ...Array(480).fill(0.5)]);
    expect(line.dropped).toBe(480 + 480);
    expect(line.heardUs).toBe(30 * MS);
  });

  it('[C2] a clock that went back for good is believed after a second', () => {
    line.push(100 * SECOND, ones(10));
    for (let ms = 0; ms < 1500; ms += 10) line.push(50 * SECOND + ms * MS, ones(10));
    expect(line.heardUs).toBe(51.5 * SECOND);
    expect(given.length).toBeGreaterThanOrEqual(480 * 50);
  });

  it('[C2] a clock that drifts is followed without a sample more or less', () => {
    for (let i = 0; i < 500; i++) line.push(i * 10_002, ones(10));
    expect(given).toHaveLength(480 * 500);
    expect(line.heardUs).toBeCloseTo(499 * 10_002 + 10_000, 0);
    line.forgetBefore(480 * 499);
    expect(line.timeOf(480 * 499)).toBeCloseTo(499 * 10_002, 0);
  });

  it('[C11] silence of a rest counts towards the gap that follows', () => {
    line.push(0, ones(10));
    line.rest(0.85);
    expect(line.heardUs).toBe(10 * MS);
    line.push(1010 * MS, ones(10));
    expect(given).toHaveLength(480 + 48_000 + 480);
    expect(line.timeOf(480 + 48_000)).toBe(1010 * MS);
  });

  it('[C11] sound that was only late goes on after a rest, all of it', () => {
    line.push(0, ones(10));
    line.rest(0.85);
    line.push(10 * MS, ones(10));
    expect(given).toHaveLength(480 + 0.85 * 48_000 + 480);
    expect(line.heardUs).toBe(20 * MS);
    expect(line.dropped).toBe(0);
  });

  it('[C2] time never leaves the line, whatever the pieces say', () => {
    const piece = fc.tuple(fc.integer({ min: 0, max: 20_000 }), fc.integer({ min: 1, max: 50 }));
    fc.assert(
      fc.property(fc.array(piece, { minLength: 1, maxLength: 40 }), (pieces) => {
        let samples = 0;
        const any = new SoundLine((part) => (samples += part.length));
        for (const [captureMs, ms] of pieces) {
          any.push(captureMs * MS, ones(ms));
          any.forgetBefore(samples);
        }
        // At most the gaps up to 5 s and the sound itself.
        expect(samples / 48).toBeLessThanOrEqual(pieces.length * (5000 + 50));
        expect(Number.isFinite(any.timeOf(samples))).toBe(true);
      }),
    );
  });
});

describe('downmix', () => {
  const payload = (...values: number[]) => new Uint8Array(Float32Array.from(values).buffer);

  it('[C1] is the mean of the channels', () => {
    expect(Array.from(downmix(payload(0.5, 0.25, -1, 1), 2))).toEqual([0.375, 0]);
    expect(Array.from(downmix(payload(0.5, -0.25), 1))).toEqual([0.5, -0.25]);
  });

  it('[C1] silences what is not a number and clips what is beyond full scale', () => {
    expect(Array.from(downmix(payload(NaN, Infinity, -7, 2), 1))).toEqual([0, 1, -1, 1]);
  });

  it('[C1] reads a payload that lies anywhere in its message', () => {
    const message = new Uint8Array(3 + 8);
    message.set(payload(0.5, 0.25), 3);
    expect(Array.from(downmix(message.subarray(3), 1))).toEqual([0.5, 0.25]);
  });
});
