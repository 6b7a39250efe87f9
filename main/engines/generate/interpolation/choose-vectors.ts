import { BLOCK, blockDifference, type MotionField } from './block-motion';
import type { PaddedPicture } from './padded-picture';

/** A block whose best match differs more, in mean luma, is cross-faded. */
const BAD_MATCH = 20;
/** What not moving is ahead by, in summed luma difference: it wins a tie. */
const STILL_BONUS = 64;

/** One vector per block of the picture between two. */
export type BlockVectors = { columns: number; rows: number; x: Int8Array; y: Int8Array };

/** No vectors yet, of as many blocks as a field has. */
export function makeBlockVectors({ columns, rows }: MotionField): BlockVectors {
  return { columns, rows, x: new Int8Array(columns * rows), y: new Int8Array(columns * rows) };
}

/**
 * The way through each block of the picture at `share` between two [G11]: of the vectors that
 * the search both ways found here and next to it, and none, the one v for which the earlier
 * picture at p − share·v and the later one at p + (1 − share)·v agree best. Where even
 * that one is bad it is none, which makes a cross-fade.
 */
export function chooseVectors(
  earlier: PaddedPicture,
  later: PaddedPicture,
  forward: MotionField,
  backward: MotionField,
  share: number,
  out: BlockVectors,
): void {
  const { columns, rows } = out;
  for (let row = 0, block = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++, block++) {
      const x = column * BLOCK;
      const y = row * BLOCK;
      let best = Math.max(
        0,
        blockDifference(earlier, x, y, later, x, y, Number.POSITIVE_INFINITY) - STILL_BONUS,
      );
      let bestX = 0;
      let bestY = 0;
      const attempt = (vx: number, vy: number) => {
        if ((vx === 0 && vy === 0) || (vx === bestX && vy === bestY)) return;
        const backX = Math.round(share * vx);
        const backY = Math.round(share * vy);
        const cost = blockDifference(
          earlier,
          x - backX,
          y - backY,
          later,
          x - backX + vx,
          y - backY + vy,
          best,
        );
        if (cost >= best) return;
        best = cost;
        bestX = vx;
        bestY = vy;
      };
      const both = (at: number) => {
        attempt(forward.x[at]!, forward.y[at]!);
        attempt(-backward.x[at]!, -backward.y[at]!);
      };
      both(block);
      if (column > 0) both(block - 1);
      if (column + 1 < columns) both(block + 1);
      if (row > 0) both(block - columns);
      if (row + 1 < rows) both(block + columns);
      const good = best <= BAD_MATCH * BLOCK * BLOCK;
      out.x[block] = good ? bestX : 0;
      out.y[block] = good ? bestY : 0;
    }
  }
}
