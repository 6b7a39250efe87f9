/** Mel bands as NeMo (librosa) has them: Slaney's scale, triangles of equal area over Hz [C4]. */
export type MelBands = {
  readonly count: number;
  /** Writes the energy of each band of a power spectrum. */
  apply(power: Float64Array, out: Float64Array): void;
};

const LINEAR_HZ_PER_MEL = 200 / 3;
/** Where the scale turns from linear to logarithmic. */
const BREAK_HZ = 1000;
const BREAK_MEL = BREAK_HZ / LINEAR_HZ_PER_MEL;
const LOG_STEP = Math.log(6.4) / 27;

function melOf(hz: number): number {
  return hz < BREAK_HZ ? hz / LINEAR_HZ_PER_MEL : BREAK_MEL + Math.log(hz / BREAK_HZ) / LOG_STEP;
}

function hzOf(mel: number): number {
  return mel < BREAK_MEL ? mel * LINEAR_HZ_PER_MEL : BREAK_HZ * Math.exp((mel - BREAK_MEL) * LOG_STEP);
}

/** Triangular bands from 0 to half the sample rate for power spectra of `fftSize / 2 + 1` values. */
export function melBands(count: number, fftSize: number, sampleRate: number): MelBands {
  const top = melOf(sampleRate / 2);
  const edges = Array.from({ length: count + 2 }, (_, i) => hzOf((top * i) / (count + 1)));
  const bins = fftSize / 2 + 1;
  const bands = Array.from({ length: count }, (_, band) => {
    const [low, centre, high] = [edges[band]!, edges[band + 1]!, edges[band + 2]!];
    const weights: number[] = [];
    let first = bins;
    for (let bin = 0; bin < bins; bin++) {
      const hz = (bin * sampleRate) / fftSize;
      const weight = Math.min((hz - low) / (centre - low), (high - hz) / (high - centre));
      if (weight <= 0) continue;
      first = Math.min(first, bin);
      weights.push((2 * weight) / (high - low));
    }
    return { first, weights: Float64Array.from(weights) };
  });
  return {
    count,
    apply: (power, out) => {
      bands.forEach(({ first, weights }, band) => {
        let energy = 0;
        for (let i = 0; i < weights.length; i++) energy += weights[i]! * power[first + i]!;
        out[band] = energy;
      });
    },
  };
}
