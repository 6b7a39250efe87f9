import { blockDifference, type MotionField } from '../../runtime/motion/block-motion';
import { BLOCK, type PaddedPicture } from '../../runtime/motion/padded-picture';

/** A block whose best match differs more, in mean luma, is cross-faded. */
const BAD_MATCH = 20;
/** What not moving is ahead by, in summed luma difference: it wins a tie. */
const STILL_BONUS = 64;

/** What a neighbour's choice is ahead by, in summed luma difference: motion is seldom each block's own. */
const NEIGHBOUR_BONUS = 96;

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
  const choice = new Choice(earlier, later, share);
  for (let row = 0, block = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++, block++) {
      choice.open(column * BLOCK, row * BLOCK);
      choice.tryBoth(forward, backward, block);
      if (column > 0) choice.tryBoth(forward, backward, block - 1);
      if (column + 1 < columns) choice.tryBoth(forward, backward, block + 1);
      if (row > 0) choice.tryBoth(forward, backward, block - columns);
      if (row + 1 < rows) choice.tryBoth(forward, backward, block + columns);
      if (column > 0) choice.join(out.x[block - 1]!, out.y[block - 1]!);
      if (row > 0) choice.join(out.x[block - columns]!, out.y[block - columns]!);
      out.x[block] = choice.isGood ? choice.bestX : 0;
      out.y[block] = choice.isGood ? choice.bestY : 0;
    }
  }
}

/** The choice of one block's vector. */
class Choice {
  bestX = 0;
  bestY = 0;
  readonly #earlier: PaddedPicture;
  readonly #later: PaddedPicture;
  readonly #share: number;
  #x = 0;
  #y = 0;
  #best = 0;

  constructor(earlier: PaddedPicture, later: PaddedPicture, share: number) {
    this.#earlier = earlier;
    this.#later = later;
    this.#share = share;
  }

  get isGood(): boolean {
    return this.#best <= BAD_MATCH * BLOCK * BLOCK;
  }

  /** Begins with no motion. */
  open(x: number, y: number): void {
    this.#x = x;
    this.#y = y;
    this.bestX = 0;
    this.bestY = 0;
    const still = blockDifference(this.#earlier, x, y, this.#later, x, y, Number.POSITIVE_INFINITY);
    this.#best = Math.max(0, still - STILL_BONUS);
  }

  tryBoth(forward: MotionField, backward: MotionField, block: number): void {
    if (this.#best === 0) return;
    this.#try(forward.x[block]!, forward.y[block]!);
    this.#try(-backward.x[block]!, -backward.y[block]!);
  }

  /** Takes a neighbour's vector unless it is clearly worse. */
  join(vx: number, vy: number): void {
    this.#try(vx, vy, NEIGHBOUR_BONUS);
  }

  #try(vx: number, vy: number, bonus = 0): void {
    if ((vx === 0 && vy === 0 && bonus === 0) || (vx === this.bestX && vy === this.bestY)) return;
    const x = this.#x - Math.round(this.#share * vx);
    const y = this.#y - Math.round(this.#share * vy);
    const enough = this.#best + bonus;
    const cost = blockDifference(this.#earlier, x, y, this.#later, x + vx, y + vy, enough);
    if (cost >= enough) return;
    this.#best = cost;
    this.bestX = vx;
    this.bestY = vy;
  }
}
