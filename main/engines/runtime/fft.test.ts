import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RealFft } from './fft';

/** Σ x[n]·e^(−2πikn/N), as it is written. */
function naive(signal: ArrayLike<number>): { re: number[]; im: number[] } {
  const size = signal.length;
  const re: number[] = [];
  const im: number[] = [];
  for (let k = 0; k <= size / 2; k++) {
    let a = 0;
    let b = 0;
    for (let n = 0; n < size; n++) {
      const angle = (2 * Math.PI * ((k * n) % size)) / size;
      a += signal[n]! * Math.cos(angle);
      b -= signal[n]! * Math.sin(angle);
    }
    re.push(a);
    im.push(b);
  }
  return { re, im };
}

function worst(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let most = Math.abs(a.length - b.length);
  for (let i = 0; i < a.length; i++) most = Math.max(most, Math.abs(a[i]! - b[i]!));
  return most;
}

const signals = fc
  .integer({ min: 2, max: 9 })
  .chain((power) =>
    fc.array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: 2 ** power, maxLength: 2 ** power }),
  );

describe('RealFft', () => {
  it('agrees with the sum it stands for, at every size', () => {
    fc.assert(
      fc.property(signals, (values) => {
        const fft = new RealFft(values.length);
        const re = new Float64Array(fft.bins);
        const im = new Float64Array(fft.bins);
        fft.forward(Float64Array.from(values), re, im);
        const expected = naive(values);
        expect(worst(re, expected.re)).toBeLessThan(1e-11);
        expect(worst(im, expected.im)).toBeLessThan(1e-11);
      }),
      { numRuns: 60 },
    );
  });

  it('the inverse gives the signal back and leaves the spectrum alone', () => {
    fc.assert(
      fc.property(signals, (values) => {
        const fft = new RealFft(values.length);
        const re = new Float64Array(fft.bins);
        const im = new Float64Array(fft.bins);
        const back = new Float64Array(fft.size);
        fft.forward(Float64Array.from(values), re, im);
        const kept = [re.slice(), im.slice()];
        fft.inverse(re, im, back);
        expect(worst(back, values)).toBeLessThan(1e-13);
        expect([re, im]).toEqual(kept);
      }),
      { numRuns: 60 },
    );
  });

  it('takes and gives single precision', () => {
    const fft = new RealFft(512);
    const signal = Float32Array.from({ length: 512 }, (_, n) => Math.sin(n * n * 0.01));
    const re = new Float32Array(257);
    const im = new Float32Array(257);
    fft.forward(signal, re, im);
    expect(worst(re, naive(signal).re)).toBeLessThan(1e-5);
    const back = new Float32Array(512);
    fft.inverse(re, im, back);
    expect(worst(back, signal)).toBeLessThan(1e-6);
  });

  it.each([0, 2, 3, 48, 131_072, 8.5])('refuses %d as its size', (size) => {
    expect(() => new RealFft(size)).toThrow(RangeError);
  });

  it('refuses arrays of another length', () => {
    const fft = new RealFft(8);
    expect(() => fft.forward(new Float32Array(7), new Float32Array(5), new Float32Array(5))).toThrow(/got 7/);
    expect(() => fft.inverse(new Float32Array(4), new Float32Array(5), new Float32Array(8))).toThrow(
      /4 \+ 5/,
    );
  });
});
