import { SAMPLE_RATE } from './schedule';

/** Half width of the filter in input samples at equal rates; more when sampling down. */
const HALF_TAPS = 24;
/** Kaiser window: about 80 dB of stop band. */
const KAISER_BETA = 8;

/**
 * Rational polyphase resampler to 48 kHz: a Kaiser-windowed sinc, cut off at the lower of
 * both Nyquist frequencies. It is addressed by absolute output position and keeps no state,
 * so any cut of a sound into pieces gives the same samples (J. O. Smith, "Digital Audio
 * Resampling").
 */
export class Resampler {
  /** Input samples needed on either side of a position. */
  readonly reach: number;
  readonly #up: number;
  readonly #down: number;
  readonly #phases: Float32Array[];

  constructor(inputRate: number) {
    const divisor = greatestCommonDivisor(SAMPLE_RATE, inputRate);
    this.#up = SAMPLE_RATE / divisor;
    this.#down = inputRate / divisor;
    const cutoff = Math.min(1, SAMPLE_RATE / inputRate) * (this.#up === this.#down ? 1 : 0.96);
    this.reach = this.#up === this.#down ? 0 : Math.ceil(HALF_TAPS / cutoff);
    this.#phases = this.reach === 0 ? [] : makePhases(this.#up, this.reach, cutoff);
  }

  /** Input samples `[from, to)` that output samples `[frame, frame + frames)` depend on. */
  inputRange(frame: number, frames: number): { from: number; to: number } {
    if (this.reach === 0) return { from: frame, to: frame + frames };
    const first = Math.floor((frame * this.#down) / this.#up);
    const last = Math.floor(((frame + frames - 1) * this.#down) / this.#up);
    return { from: first - this.reach + 1, to: last + this.reach + 1 };
  }

  /** Output samples `[frame, frame + frames)` from input that begins where `inputRange` says. */
  render(input: Float32Array<ArrayBuffer>, frame: number, frames: number): Float32Array<ArrayBuffer> {
    if (this.reach === 0) return input;
    const output = new Float32Array(frames);
    const { from } = this.inputRange(frame, frames);
    for (let i = 0; i < frames; i++) {
      const position = (frame + i) * this.#down;
      const whole = Math.floor(position / this.#up);
      const taps = this.#phases[position - whole * this.#up]!;
      const base = whole - this.reach + 1 - from;
      let sum = 0;
      for (let tap = 0; tap < taps.length; tap++) sum += input[base + tap]! * taps[tap]!;
      output[i] = sum;
    }
    return output;
  }
}

function makePhases(up: number, reach: number, cutoff: number): Float32Array[] {
  return Array.from({ length: up }, (_, phase) => {
    const taps = Float64Array.from({ length: 2 * reach }, (_, tap) => {
      const distance = tap - reach + 1 - phase / up;
      const ratio = Math.min(1, Math.abs(distance) / reach);
      const window = besselI0(KAISER_BETA * Math.sqrt(1 - ratio * ratio)) / besselI0(KAISER_BETA);
      return cutoff * sinc(cutoff * distance) * window;
    });
    // Each phase must pass a constant unchanged, or the phases' differences sound as a whistle.
    const sum = taps.reduce((total, tap) => total + tap, 0);
    return Float32Array.from(taps, (tap) => tap / sum);
  });
}

function sinc(x: number): number {
  return Math.abs(x) < 1e-9 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x);
}

/** Modified Bessel function of the first kind, order 0, by its power series. */
function besselI0(x: number): number {
  let sum = 1;
  let term = 1;
  for (let k = 1; term > sum * 1e-12; k++) {
    term *= (x / (2 * k)) ** 2;
    sum += term;
  }
  return sum;
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}
