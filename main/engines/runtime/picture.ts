import { StudioError } from '../../../contract/errors';

/** Pixels a value of a byte picture is to one of the network's: 0 … 255 to −1 … 1. */
const HALF = 127.5;
const FROM_BYTE = 1 / HALF;

/**
 * RGBA bytes to planar RGB in −1 … 1 (channel, row, column) [A3]; alpha is left out.
 * @param rgba pixels × 4 bytes
 * @param out pixels × 3 values
 */
export function unpackPicture(rgba: Uint8Array, out: Float32Array): void {
  const pixels = rgba.length >> 2;
  const blueAt = 2 * pixels;
  for (let i = 0, at = 0; i < pixels; i++, at += 4) {
    out[i] = rgba[at]! * FROM_BYTE - 1;
    out[pixels + i] = rgba[at + 1]! * FROM_BYTE - 1;
    out[blueAt + i] = rgba[at + 2]! * FROM_BYTE - 1;
  }
}

/**
 * Planar RGB in −1 … 1 to opaque RGBA bytes, rounded and clamped [A3].
 * @returns how many pixels had a value that is not finite; they come out as 0 or 255.
 */
export function packPicture(planar: Float32Array, out: Uint8ClampedArray): number {
  const pixels = out.length >> 2;
  const blueAt = 2 * pixels;
  let broken = 0;
  for (let i = 0, at = 0; i < pixels; i++, at += 4) {
    const red = planar[i]!;
    const green = planar[pixels + i]!;
    const blue = planar[blueAt + i]!;
    // x·0 is 0 for a finite x and NaN for the others, and NaN stays NaN in a sum.
    if (red * 0 + green * 0 + blue * 0 !== 0) broken++;
    out[at] = red * HALF + HALF;
    out[at + 1] = green * HALF + HALF;
    out[at + 2] = blue * HALF + HALF;
    out[at + 3] = 255;
  }
  return broken;
}

/** A picture with a larger share of values that are not numbers is not shown [A7]. */
const MAX_BROKEN_SHARE = 0.01;

/**
 * Refuses a picture of which too many pixels are broken, as `packPicture` counts them.
 * @throws StudioError `engine.failed`
 */
export function refuseBroken(broken: number, pixels: number): void {
  if (broken <= pixels * MAX_BROKEN_SHARE) return;
  const share = ((100 * broken) / pixels).toFixed(1);
  throw new StudioError(
    'engine',
    'engine.failed',
    `At most ${100 * MAX_BROKEN_SHARE} % of a picture's pixels may hold values that are not numbers, ` +
      `the model gave ${share} %; change the prompt, or choose another model.`,
  );
}
