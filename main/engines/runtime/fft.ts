/** Samples of any kind the transform reads; it computes in double precision throughout. */
export type Samples = Float32Array | Float64Array;

/**
 * Fourier transform of real signals of one length, a power of two from 4 to 65,536:
 * X[k] = Σ x[n]·e^(−2πikn/N), k = 0 … N/2, and its inverse with the factor 1/N.
 *
 * The even samples are the real and the odd ones the imaginary part of a complex signal of
 * half the length, whose radix-2 transform (Cooley and Tukey 1965) is taken apart by symmetry.
 * Not re-entrant, but without allocation: one object serves one loop.
 */
export class RealFft {
  /** N, samples of a frame. */
  readonly size: number;
  /** N/2 + 1, values of a spectrum from 0 to half the sample rate. */
  readonly bins: number;
  readonly #half: number;
  readonly #cos: Float64Array;
  readonly #sin: Float64Array;
  readonly #reversed: Uint32Array;
  readonly #re: Float64Array;
  readonly #im: Float64Array;

  /** @throws RangeError when the size is not such a power of two. */
  constructor(size: number) {
    if (!Number.isInteger(size) || size < 4 || size > 65_536 || (size & (size - 1)) !== 0) {
      throw new RangeError(`An FFT must have a power of two from 4 to 65536 as its size, got ${size}.`);
    }
    this.size = size;
    this.#half = size / 2;
    this.bins = this.#half + 1;
    this.#cos = Float64Array.from({ length: this.bins }, (_, k) => Math.cos((2 * Math.PI * k) / size));
    this.#sin = Float64Array.from({ length: this.bins }, (_, k) => Math.sin((2 * Math.PI * k) / size));
    this.#reversed = bitReversal(this.#half);
    this.#re = new Float64Array(this.#half);
    this.#im = new Float64Array(this.#half);
  }

  /**
   * @param input N samples, left as they are.
   * @param re, im take the N/2 + 1 values of the spectrum.
   */
  forward(input: Samples, re: Samples, im: Samples): void {
    this.#check(input, re, im);
    const half = this.#half;
    for (let n = 0; n < half; n++) {
      const from = 2 * this.#reversed[n]!;
      this.#re[n] = input[from]!;
      this.#im[n] = input[from + 1]!;
    }
    this.#butterflies(this.#re, this.#im);
    const zr = this.#re;
    const zi = this.#im;
    re[0] = zr[0]! + zi[0]!;
    re[half] = zr[0]! - zi[0]!;
    im[0] = 0;
    im[half] = 0;
    for (let k = 1; k < half; k++) {
      const m = half - k;
      const evenRe = (zr[k]! + zr[m]!) / 2;
      const evenIm = (zi[k]! - zi[m]!) / 2;
      const oddRe = (zi[k]! + zi[m]!) / 2;
      const oddIm = (zr[m]! - zr[k]!) / 2;
      const c = this.#cos[k]!;
      const s = this.#sin[k]!;
      re[k] = evenRe + c * oddRe + s * oddIm;
      im[k] = evenIm + c * oddIm - s * oddRe;
    }
  }

  /**
   * @param re, im the N/2 + 1 values of a spectrum, left as they are; the imaginary parts at
   * both ends are taken as 0.
   * @param output takes N samples.
   */
  inverse(re: Samples, im: Samples, output: Samples): void {
    this.#check(output, re, im);
    const half = this.#half;
    // Real and imaginary parts change places, so that the forward butterflies run backwards.
    const zr = this.#im;
    const zi = this.#re;
    for (let n = 0; n < half; n++) {
      const k = this.#reversed[n]!;
      const m = half - k;
      const imK = k === 0 ? 0 : im[k]!;
      const imM = k === 0 ? 0 : im[m]!;
      const evenRe = (re[k]! + re[m]!) / 2;
      const evenIm = (imK - imM) / 2;
      const turnedRe = (re[k]! - re[m]!) / 2;
      const turnedIm = (imK + imM) / 2;
      const c = this.#cos[k]!;
      const s = this.#sin[k]!;
      const oddRe = c * turnedRe - s * turnedIm;
      const oddIm = c * turnedIm + s * turnedRe;
      zr[n] = evenRe - oddIm;
      zi[n] = evenIm + oddRe;
    }
    this.#butterflies(zi, zr);
    for (let n = 0; n < half; n++) {
      output[2 * n] = zr[n]! / half;
      output[2 * n + 1] = zi[n]! / half;
    }
  }

  /** The stages of the half-length complex transform, in place, on values in bit-reversed order. */
  #butterflies(re: Float64Array, im: Float64Array): void {
    const half = this.#half;
    for (let span = 1; span < half; span *= 2) {
      const turn = half / span;
      for (let offset = 0; offset < span; offset++) {
        const c = this.#cos[offset * turn]!;
        const s = this.#sin[offset * turn]!;
        for (let top = offset; top < half; top += 2 * span) {
          const low = top + span;
          const a = re[low]! * c + im[low]! * s;
          const b = im[low]! * c - re[low]! * s;
          re[low] = re[top]! - a;
          im[low] = im[top]! - b;
          re[top] = re[top]! + a;
          im[top] = im[top]! + b;
        }
      }
    }
  }

  #check(signal: Samples, re: Samples, im: Samples): void {
    if (signal.length === this.size && re.length === this.bins && im.length === this.bins) return;
    throw new RangeError(
      `An FFT of size ${this.size} must have ${this.size} samples and ${this.bins} values of a spectrum, ` +
        `got ${signal.length} and ${re.length} + ${im.length}.`,
    );
  }
}

function bitReversal(length: number): Uint32Array {
  const reversed = new Uint32Array(length);
  for (let n = 1; n < length; n++) reversed[n] = (reversed[n >> 1]! >> 1) | (n & 1 ? length >> 1 : 0);
  return reversed;
}
