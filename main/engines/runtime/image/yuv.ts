import type { FromYuvJob, ToYuvJob } from './image-ops';

/** Recommendation ITU-R BT.709-6, item 3.2: what luma takes of red and blue. */
const KR = 0.2126;
const KB = 0.0722;
/** Coefficients are whole numbers of 2^-16: the same sums on every machine. */
const BITS = 16;
const ONE = 1 << BITS;
const LUMA_RANGE = 219 / 255;
const CHROMA_RANGE = 224 / 255;

const [YR, YG, YB] = row(KR * LUMA_RANGE, KB * LUMA_RANGE, LUMA_RANGE);
const [UR, UG, UB] = row((-KR / (2 - 2 * KB)) * CHROMA_RANGE, 0.5 * CHROMA_RANGE, 0);
const [VR, VG, VB] = row(0.5 * CHROMA_RANGE, (-KB / (2 - 2 * KR)) * CHROMA_RANGE, 0);

/** Coefficients of BT.709 limited range (items 3.2 to 3.4) in 2^-16, for bytes [I5]. */
export const BT709 = {
  y: [YR, YG, YB],
  u: [UR, UG, UB],
  v: [VR, VG, VB],
  luma: Math.round(ONE / LUMA_RANGE),
  redOfV: Math.round((ONE * (2 - 2 * KR)) / CHROMA_RANGE),
  greenOfU: -Math.round((ONE * ((2 - 2 * KB) * KB)) / (1 - KR - KB) / CHROMA_RANGE),
  greenOfV: -Math.round((ONE * ((2 - 2 * KR) * KR)) / (1 - KR - KB) / CHROMA_RANGE),
  blueOfU: Math.round((ONE * (2 - 2 * KB)) / CHROMA_RANGE),
} as const;

/** Red, green and blue in 2^-16; green makes the sum right, so that grey has no colour. */
function row(red: number, blue: number, sum: number): [number, number, number] {
  const wholeRed = Math.round(red * ONE);
  const wholeBlue = Math.round(blue * ONE);
  return [wholeRed, Math.round(sum * ONE) - wholeRed - wholeBlue, wholeBlue];
}

/** Bytes of a picture's Y, Cb and Cr planes in 4:2:0; odd sides are rounded up for chroma. */
export function i420Bytes(width: number, height: number): number {
  return width * height + 2 * chromaSide(width) * chromaSide(height);
}

/** Chroma samples along a side. */
export function chromaSide(side: number): number {
  return (side + 1) >> 1;
}

const LUMA_BASE = (16 << BITS) + ONE / 2;

/** A picture's luma, and its chroma when asked for [I5]. */
export function toYuv(job: ToYuvJob): void {
  const { rgba } = job.source;
  const { out } = job;
  const pixels = job.source.width * job.source.height;
  for (let i = 0, at = 0; i < pixels; i++, at += 4) {
    out[i] = (YR * rgba[at]! + YG * rgba[at + 1]! + YB * rgba[at + 2]! + LUMA_BASE) >> BITS;
  }
  if (job.planes === 'i420') writeChroma(job);
}

/** Chroma of the mean of the one, two or four pixels that a sample covers. */
function writeChroma({ source, out }: ToYuvJob): void {
  const { width, height, rgba } = source;
  const columns = chromaSide(width);
  const rows = chromaSide(height);
  let uAt = width * height;
  let vAt = uAt + columns * rows;
  for (let y = 0; y < height; y += 2) {
    const down = y + 1 < height ? 4 * width : 0;
    for (let x = 0; x < width; x += 2) {
      const a = 4 * (y * width + x);
      // At an odd edge the pixel itself stands for the one beyond it: the mean is the same.
      const b = a + (x + 1 < width ? 4 : 0);
      const c = a + down;
      const d = b + down;
      const red = rgba[a]! + rgba[b]! + rgba[c]! + rgba[d]!;
      const green = rgba[a + 1]! + rgba[b + 1]! + rgba[c + 1]! + rgba[d + 1]!;
      const blue = rgba[a + 2]! + rgba[b + 2]! + rgba[c + 2]! + rgba[d + 2]!;
      out[uAt++] = chroma(UR * red + UG * green + UB * blue);
      out[vAt++] = chroma(VR * red + VG * green + VB * blue);
    }
  }
}

const CHROMA_BASE = 4 * ((128 << BITS) + ONE / 2);

/** Chroma of a sum over four pixels. */
function chroma(sum: number): number {
  return (sum + CHROMA_BASE) >> (BITS + 2);
}

/** Y, Cb and Cr to an opaque picture; a pixel has the chroma of the sample that covers it [I5]. */
export function fromYuv({ yuv, width, height, out }: FromYuvJob): void {
  const clamped =
    out instanceof Uint8ClampedArray ? out : new Uint8ClampedArray(out.buffer, out.byteOffset, out.length);
  const columns = chromaSide(width);
  const uFrom = width * height;
  const vFrom = uFrom + columns * chromaSide(height);
  for (let y = 0, i = 0, at = 0; y < height; y++) {
    for (let x = 0; x < width; x++, i++, at += 4) {
      const sample = (y >> 1) * columns + (x >> 1);
      const luma = BT709.luma * (yuv[i]! - 16) + ONE / 2;
      const u = yuv[uFrom + sample]! - 128;
      const v = yuv[vFrom + sample]! - 128;
      clamped[at] = (luma + BT709.redOfV * v) >> BITS;
      clamped[at + 1] = (luma + BT709.greenOfU * u + BT709.greenOfV * v) >> BITS;
      clamped[at + 2] = (luma + BT709.blueOfU * u) >> BITS;
      clamped[at + 3] = 255;
    }
  }
}
