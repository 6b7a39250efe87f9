import type { ResizeJob } from './image-ops';
import { resampleWeights, WEIGHT_BITS, type AxisWeights } from './resample-weights';

const HALF = 1 << (WEIGHT_BITS - 1);

/** A picture in another size: first along its rows, then along its columns, bytes between [I4]. */
export function resize({ source, width, height, filter, out }: ResizeJob): void {
  const columns = resampleWeights(source.width, width, filter);
  const rows = resampleWeights(source.height, height, filter);
  const narrowed = new Uint8Array(width * source.height * 4);
  for (let y = 0; y < source.height; y++) {
    const from = y * source.width;
    for (let x = 0; x < width; x++) mix(source.rgba, from, 1, columns, x, narrowed, y * width + x);
  }
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) mix(narrowed, x, width, rows, y, out, y * width + x);
  }
}

type Bytes = Uint8Array | Uint8ClampedArray;

/** One pixel of the target, of pixels that begin at `from` and lie `step` pixels apart. */
function mix(
  source: Bytes,
  from: number,
  step: number,
  axis: AxisWeights,
  target: number,
  out: Bytes,
  at: number,
): void {
  const count = axis.count[target]!;
  let weightAt = target * axis.taps;
  let byte = 4 * (from + axis.first[target]! * step);
  let red = HALF;
  let green = HALF;
  let blue = HALF;
  let alpha = HALF;
  for (let tap = 0; tap < count; tap++, byte += 4 * step) {
    const weight = axis.weights[weightAt++]!;
    red += weight * source[byte]!;
    green += weight * source[byte + 1]!;
    blue += weight * source[byte + 2]!;
    alpha += weight * source[byte + 3]!;
  }
  const to = 4 * at;
  out[to] = red >> WEIGHT_BITS;
  out[to + 1] = green >> WEIGHT_BITS;
  out[to + 2] = blue >> WEIGHT_BITS;
  out[to + 3] = alpha >> WEIGHT_BITS;
}
