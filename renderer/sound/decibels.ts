/** Faders end here: at or below it a strip is silent. */
export const SILENCE_DB = -60;

/** Linear gain of a fader in dB; −60 dB and below is silence, as the contract says. */
export function gainOfDb(gainDb: number): number {
  return gainDb <= SILENCE_DB ? 0 : 10 ** (gainDb / 20);
}

/** Linear peak to dBFS, never below −120. */
export function dbOfPeak(peak: number): number {
  return peak <= 1e-6 ? -120 : 20 * Math.log10(peak);
}
