import type { ResizeJob } from './image-ops';
import { resampleWeights, WEIGHT_BITS, type AxisWeights } from './resample-weights';

const HALF = 1 << (WEIGHT_BITS - 1);

/** A picture in another size: first along its rows, then along its columns, bytes between [I4]. */
export function resize({ source, width, height, filter, out }: ResizeJob): void {
  const narrowed = new Uint8Array(4 * width * source.height);
  const { rgba } = source;
  alongRows(
    new Uint8Array(rgba.buffer, rgba.byteOffset, rgba.length),
    source.width,
    resampleWeights(source.width, width, filter),
    narrowed,
    width,
  );
  const target = new Uint8Array(out.buffer, out.byteOffset, out.length);
  alongColumns(narrowed, resampleWeights(source.height, height, filter), target, 4 * width);
}

function alongRows(
  source: Uint8Array,
  sourceWidth: number,
  { first, count, taps, weights }: AxisWeights,
  out: Uint8Array,
  width: number,
): void {
  for (let row = 0, to = 0; to < out.length; row += 4 * sourceWidth) {
    for (let x = 0; x < width; x++, to += 4) {
      let red = HALF;
      let green = HALF;
      let blue = HALF;
      let alpha = HALF;
      let at = row + 4 * first[x]!;
      const from = x * taps;
      const end = from + count[x]!;
      for (let tap = from; tap < end; tap++, at += 4) {
        const weight = weights[tap]!;
        red = (red + Math.imul(weight, source[at]!)) | 0;
        green = (green + Math.imul(weight, source[at + 1]!)) | 0;
        blue = (blue + Math.imul(weight, source[at + 2]!)) | 0;
        alpha = (alpha + Math.imul(weight, source[at + 3]!)) | 0;
      }
      out[to] = red >> WEIGHT_BITS;
      out[to + 1] = green >> WEIGHT_BITS;
      out[to + 2] = blue >> WEIGHT_BITS;
      out[to + 3] = alpha >> WEIGHT_BITS;
    }
  }
}

/** Whole rows are weighed one after the other: memory is read in its order. */
function alongColumns(
  source: Uint8Array,
  { first, count, taps, weights }: AxisWeights,
  out: Uint8Array,
  rowBytes: number,
): void {
  const sums = new Int32Array(rowBytes);
  for (let y = 0, to = 0; to < out.length; y++, to += rowBytes) {
    sums.fill(HALF);
    for (let tap = 0; tap < count[y]!; tap++) {
      const weight = weights[y * taps + tap]!;
      const row = (first[y]! + tap) * rowBytes;
      for (let i = 0; i < rowBytes; i++) sums[i] = sums[i]! + Math.imul(weight, source[row + i]!);
    }
    for (let i = 0; i < rowBytes; i++) out[to + i] = sums[i]! >> WEIGHT_BITS;
  }
}
