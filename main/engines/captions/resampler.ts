/** Input samples for each output sample: 48 kHz to 16 kHz. */
const FACTOR = 3;
/** Taps on each side of the centre. */
const SIDE = 96;
const TAPS = 2 * SIDE + 1;
/** Middle of the transition band, in cycles per input sample: 7.5 kHz. */
const CUTOFF = 7500 / 48_000;
/** Kaiser window for 65 dB in the stop band: 0.1102·(65 − 8.7). */
const BETA = 6.204;

/**
 * Takes sound from 48 kHz to 16 kHz: a Kaiser-windowed sinc, flat to 7 kHz and 60 dB down
 * from 8 kHz on, of which only every third value is computed [C3]. One filter for the life of a
 * stream: how the sound is cut into pieces makes no difference. Output sample m is centred on
 * input sample 3·m, and is given once input sample 3·m + 96 is there.
 */
export class Resampler {
  readonly #taps = kaiserSinc();
  /** The samples that the next output reads, zeros before the first. */
  #kept = new Float32Array(SIDE);

  /** @returns new memory with what can be told so far. */
  push(input: Float32Array): Float32Array {
    const samples = new Float32Array(this.#kept.length + input.length);
    samples.set(this.#kept);
    samples.set(input, this.#kept.length);
    const count = Math.max(0, Math.floor((samples.length - TAPS) / FACTOR) + 1);
    const output = new Float32Array(count);
    const taps = this.#taps;
    for (let m = 0; m < count; m++) {
      // The filter is symmetric: samples on both sides of the centre share their taps.
      let [left, right] = [m * FACTOR, m * FACTOR + TAPS - 1];
      let even = taps[SIDE]! * samples[left + SIDE]!;
      let odd = 0;
      for (let n = 0; n < SIDE; n += 2, left += 2, right -= 2) {
        even += taps[n]! * (samples[left]! + samples[right]!);
        odd += taps[n + 1]! * (samples[left + 1]! + samples[right - 1]!);
      }
      output[m] = even + odd;
    }
    this.#kept = samples.slice(count * FACTOR);
    return output;
  }
}

/** Half of the filter and its centre; the whole has sum 1. */
function kaiserSinc(): Float64Array {
  const taps = Float64Array.from({ length: SIDE + 1 }, (_, n) => {
    const x = n - SIDE;
    const sinc = x === 0 ? 2 * CUTOFF : Math.sin(2 * Math.PI * CUTOFF * x) / (Math.PI * x);
    return (sinc * bessel(BETA * Math.sqrt(1 - (x / SIDE) ** 2))) / bessel(BETA);
  });
  const sum = 2 * taps.subarray(0, SIDE).reduce((a, b) => a + b, 0) + taps[SIDE]!;
  return taps.map((tap) => tap / sum);
}

/** Modified Bessel function of the first kind, order 0, by its series. */
function bessel(x: number): number {
  let term = 1;
  let sum = 1;
  for (let k = 1; term > 1e-12 * sum; k++) {
    term *= (x / (2 * k)) ** 2;
    sum += term;
  }
  return sum;
}
