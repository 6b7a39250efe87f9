import { StudioError } from '../../../contract/errors';
import type { Line } from './image/image-ops';
import { pack, unpack } from './image/packing';

/** Of a byte, 0 … 255, the network's value, −1 … 1 [A3]. */
export const BYTE_TO_VALUE: Line = { scale: 1 / 127.5, offset: -1 };
/** Of the network's value, −1 … 1, a byte [A3]. */
export const VALUE_TO_BYTE: Line = { scale: 127.5, offset: 127.5 };

/**
 * RGBA bytes to planar RGB in −1 … 1 (channel, row, column) [A3]; alpha is left out.
 * @param rgba pixels × 4 bytes
 * @param out pixels × 3 values
 */
export function unpackPicture(rgba: Uint8Array, out: Float32Array): void {
  unpack({ rgba, line: BYTE_TO_VALUE, out });
}

/**
 * Planar RGB in −1 … 1 to opaque RGBA bytes, rounded and clamped [A3].
 * @returns how many pixels had a value that is not finite; they come out as 0 or 255.
 */
export function packPicture(planar: Float32Array, out: Uint8ClampedArray): number {
  return pack({ planar, line: VALUE_TO_BYTE, out });
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
