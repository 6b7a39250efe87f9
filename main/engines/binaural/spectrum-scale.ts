import type { Samples } from '../runtime/fft';

/** Quieter bins than this are zero. */
const LEAST = 1e-12;

/** How a model scales spectra: c and s of its contract. */
export type SpectrumScale = { compression: number; spectrumScale: number };

/**
 * x = s X |X|^(c − 1), phase kept [B9]: from a spectrum into one frame of the planes that the
 * network takes.
 * @param reAt, imAt where the real and the imaginary part of the frame begin in `planes`.
 */
export function compressInto(
  re: Samples,
  im: Samples,
  { compression, spectrumScale }: SpectrumScale,
  planes: Float32Array,
  reAt: number,
  imAt: number,
): void {
  for (let k = 0; k < re.length; k++) {
    const size = Math.hypot(re[k]!, im[k]!);
    const factor = size > LEAST ? spectrumScale * size ** (compression - 1) : 0;
    planes[reAt + k] = re[k]! * factor;
    planes[imAt + k] = im[k]! * factor;
  }
}

/** X = C |C|^(1/c − 1) with C = x / s: the inverse of `compressInto`. */
export function expandFrom(
  planes: Float32Array,
  reAt: number,
  imAt: number,
  { compression, spectrumScale }: SpectrumScale,
  re: Samples,
  im: Samples,
): void {
  const power = 1 / compression - 1;
  for (let k = 0; k < re.length; k++) {
    const real = planes[reAt + k]! / spectrumScale;
    const imaginary = planes[imAt + k]! / spectrumScale;
    const factor = Math.hypot(real, imaginary) ** power;
    re[k] = real * factor;
    im[k] = imaginary * factor;
  }
}
