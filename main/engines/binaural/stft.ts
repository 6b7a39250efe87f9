import { RealFft, type Samples } from '../runtime/fft';

/** Samples of a window and between two windows; values of a spectrum. */
export const WINDOW_FRAMES = 512;
export const HOP_FRAMES = 128;
export const BINS = WINDOW_FRAMES / 2 + 1;
/** The inverse transform gives a sample back when this many later ones have come. */
export const TRANSFORM_DELAY_FRAMES = WINDOW_FRAMES - HOP_FRAMES;
/** Blocks of 128 in that delay. */
export const TRANSFORM_DELAY_BLOCKS = TRANSFORM_DELAY_FRAMES / HOP_FRAMES;
/** Σ of the squared windows that overlap at a sample. */
const OVERLAP = 1.5;

/** Periodic Hann. */
const HANN = Float64Array.from(
  { length: WINDOW_FRAMES },
  (_, n) => 0.5 - 0.5 * Math.cos((2 * Math.PI * n) / WINDOW_FRAMES),
);

/**
 * Short-time spectra of one channel as its sound comes in: frame f sees the samples
 * 128 f − 384 … 128 f + 127, those before 0 being zero [B8]. Without allocation.
 */
export class StreamingStft {
  readonly #fft = new RealFft(WINDOW_FRAMES);
  readonly #past = new Float64Array(WINDOW_FRAMES);
  readonly #windowed = new Float64Array(WINDOW_FRAMES);

  /** Takes the next 128 samples, of which `stride` − 1 others lie between, and gives the spectrum. */
  push(samples: Samples, offset: number, stride: number, re: Samples, im: Samples): void {
    this.#past.copyWithin(0, HOP_FRAMES);
    for (let n = 0; n < HOP_FRAMES; n++) {
      this.#past[TRANSFORM_DELAY_FRAMES + n] = samples[offset + n * stride]!;
    }
    for (let n = 0; n < WINDOW_FRAMES; n++) this.#windowed[n] = this.#past[n]! * HANN[n]!;
    this.#fft.forward(this.#windowed, re, im);
  }

  /** The stream begins anew. */
  reset(): void {
    this.#past.fill(0);
  }
}

/** Sound of one channel from its short-time spectra, 384 samples late [B8]. Without allocation. */
export class StreamingIstft {
  readonly #fft = new RealFft(WINDOW_FRAMES);
  readonly #sum = new Float64Array(WINDOW_FRAMES);
  readonly #frame = new Float64Array(WINDOW_FRAMES);

  /** Takes the next spectrum and writes 128 samples, `stride` apart. */
  push(re: Samples, im: Samples, out: Samples, offset: number, stride: number): void {
    this.#fft.inverse(re, im, this.#frame);
    this.#sum.copyWithin(0, HOP_FRAMES);
    this.#sum.fill(0, TRANSFORM_DELAY_FRAMES);
    for (let n = 0; n < WINDOW_FRAMES; n++) this.#sum[n]! += (this.#frame[n]! * HANN[n]!) / OVERLAP;
    for (let n = 0; n < HOP_FRAMES; n++) out[offset + n * stride] = this.#sum[n]!;
  }

  /** The stream begins anew. */
  reset(): void {
    this.#sum.fill(0);
  }
}
