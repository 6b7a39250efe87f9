import { RealFft } from '../runtime/fft';
import { melBands } from './mel-bands';

/** Samples a second that the network hears. */
export const SAMPLE_RATE = 16_000;
/** Samples from one feature frame to the next: 10 ms. */
export const HOP = 160;
/** Values of a feature frame. */
export const BANDS = 80;
const WINDOW = 400;
const HALF_WINDOW = WINDOW / 2;
const FFT_SIZE = 512;
const PRE_EMPHASIS = 0.97;
const LOG_GUARD = 2 ** -24;
const BUFFER = 4096;

/**
 * Takes each finished frame: `BANDS` log energies, in memory that the next frame reuses, and
 * the largest absolute value among the samples that came with it.
 */
export type FrameSink = (frame: Float32Array, peak: number) => void;

/**
 * Log-mel features of a stream exactly as NeMo makes them offline [C4]: pre-emphasis over the
 * whole signal, frame i centred on sample 160·i with zeros before the first sample, symmetric
 * Hann window, power, mel bands, ln(x + 2⁻²⁴). How the samples are cut into pieces makes no
 * difference. Frame i is given as soon as sample 160·i + 199 is there.
 */
export class FeatureStreamer {
  readonly #sink: FrameSink;
  readonly #fft = new RealFft(FFT_SIZE);
  readonly #bands = melBands(BANDS, FFT_SIZE, SAMPLE_RATE);
  readonly #hann = Float64Array.from(
    { length: WINDOW },
    (_, n) => 0.5 - 0.5 * Math.cos((2 * Math.PI * n) / (WINDOW - 1)),
  );
  /** Pre-emphasised samples from the start of the next frame's window on. */
  readonly #samples = new Float64Array(BUFFER);
  #filled = HALF_WINDOW;
  #last = 0;
  #peak = 0;
  readonly #windowed = new Float64Array(FFT_SIZE);
  readonly #re = new Float64Array(FFT_SIZE / 2 + 1);
  readonly #im = new Float64Array(FFT_SIZE / 2 + 1);
  readonly #energies = new Float64Array(BANDS);
  readonly #frame = new Float32Array(BANDS);

  constructor(sink: FrameSink) {
    this.#sink = sink;
  }

  /** Mono samples at 16 kHz, −1 to 1. */
  push(samples: Float32Array): void {
    for (const sample of samples) {
      this.#samples[this.#filled++] = sample - PRE_EMPHASIS * this.#last;
      this.#last = sample;
      this.#peak = Math.max(this.#peak, Math.abs(sample));
      if (this.#filled >= WINDOW && (this.#filled - WINDOW) % HOP === 0) this.#emit();
    }
  }

  #emit(): void {
    const from = this.#filled - WINDOW;
    const margin = (FFT_SIZE - WINDOW) / 2;
    for (let n = 0; n < WINDOW; n++) this.#windowed[margin + n] = this.#samples[from + n]! * this.#hann[n]!;
    this.#fft.forward(this.#windowed, this.#re, this.#im);
    for (let k = 0; k < this.#re.length; k++) this.#re[k] = this.#re[k]! ** 2 + this.#im[k]! ** 2;
    this.#bands.apply(this.#re, this.#energies);
    for (let band = 0; band < BANDS; band++) this.#frame[band] = Math.log(this.#energies[band]! + LOG_GUARD);
    if (this.#filled + HOP > BUFFER) {
      this.#samples.copyWithin(0, from + HOP, this.#filled);
      this.#filled = WINDOW - HOP;
    }
    const peak = this.#peak;
    this.#peak = 0;
    this.#sink(this.#frame, peak);
  }
}
