import type { Line, PackJob, UnpackJob } from './image-ops';

const LEVELS = 256;

/** What each byte becomes: `line` worked out in float64, rounded to float32 once [I2]. */
export function byteLevels({ scale, offset }: Line): Float32Array {
  return Float32Array.from({ length: LEVELS }, (_, byte) => byte * scale + offset);
}

/** RGBA bytes to planar RGB floats [I2]. */
export function unpack({ rgba, line, out }: UnpackJob): void {
  const { scale, offset } = line;
  const pixels = rgba.length >> 2;
  const blueAt = 2 * pixels;
  for (let i = 0, at = 0; i < pixels; i++, at += 4) {
    out[i] = rgba[at]! * scale + offset;
    out[pixels + i] = rgba[at + 1]! * scale + offset;
    out[blueAt + i] = rgba[at + 2]! * scale + offset;
  }
}

/**
 * Planar RGB floats to opaque RGBA bytes [I3].
 * @returns how many pixels had a value that is not finite; they come out as 0 or 255.
 */
export function pack({ planar, line, out }: PackJob): number {
  const { scale, offset } = line;
  // Only a clamped array rounds and clamps what is assigned to it.
  const clamped =
    out instanceof Uint8ClampedArray ? out : new Uint8ClampedArray(out.buffer, out.byteOffset, out.length);
  const pixels = out.length >> 2;
  const blueAt = 2 * pixels;
  let broken = 0;
  for (let i = 0, at = 0; i < pixels; i++, at += 4) {
    const red = planar[i]!;
    const green = planar[pixels + i]!;
    const blue = planar[blueAt + i]!;
    // x·0 is 0 for a finite x and NaN for the others, and NaN stays NaN in a sum.
    if (red * 0 + green * 0 + blue * 0 !== 0) broken++;
    clamped[at] = red * scale + offset;
    clamped[at + 1] = green * scale + offset;
    clamped[at + 2] = blue * scale + offset;
    clamped[at + 3] = 255;
  }
  return broken;
}

/**
 * For each byte the smallest float32 that becomes it, or one above it [I3]: with these a GPU,
 * whose products may round otherwise, still gives the very byte that float64 gives.
 * Element 0 is not used.
 */
export function byteThresholds(line: Line): Float32Array {
  const byte = new Uint8ClampedArray(1);
  const reaches = (value: number, level: number): boolean => {
    byte[0] = value * line.scale + line.offset;
    return byte[0] >= level;
  };
  return Float32Array.from({ length: LEVELS }, (_, level) => smallest((value) => reaches(value, level)));
}

/** The smallest finite float32 for which a rising condition holds, by halving the ordered bit patterns. */
function smallest(holds: (value: number) => boolean): number {
  let low = -0x7f800000;
  let high = 0x7f7fffff;
  while (low + 1 < high) {
    const middle = Math.floor((low + high) / 2);
    if (holds(floatOf(middle))) high = middle;
    else low = middle;
  }
  return floatOf(high);
}

const bits = new Int32Array(1);
const float = new Float32Array(bits.buffer);

/** The float32 at a place in their order; 0 is at 0. */
function floatOf(order: number): number {
  bits[0] = Math.abs(order);
  return order < 0 ? -float[0]! : float[0]!;
}
