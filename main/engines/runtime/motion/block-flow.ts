import { PAD, type PaddedPicture } from './padded-picture';

/** Side of a block at half size, where flow is looked for; twice that in the picture. */
const HALF_BLOCK = 8;
/** Side of a block, in pixels of the picture. */
export const FLOW_BLOCK = 2 * HALF_BLOCK;
const HALF_PAD = PAD / 2;
/** Farthest that a block is looked for along each axis, at half size: no read leaves the padding. */
const HALF_REACH = HALF_PAD - 1;
/** A match of so small a mean difference is good enough: what is left is the camera's noise. */
const EASY = 2 * HALF_BLOCK * HALF_BLOCK;
/** A longer vector must be better by this much of summed difference per pixel of its length. */
const LENGTH_COST = 6;
/** Where a search begins anew when no guess is good: rings around the best. */
const RINGS = [6, 3];
const AROUND = [
  [-1, 0],
  [1, 0],
  [0, -1],
  [0, 1],
  [-1, -1],
  [1, 1],
  [-1, 1],
  [1, -1],
] as const;

/** Where the blocks of one picture went in the next, in pixels and parts of them. */
export type BlockFlow = {
  columns: number;
  rows: number;
  x: Float32Array;
  y: Float32Array;
  /** Mean absolute luma difference of the match, 0 … 255. */
  error: Float32Array;
  /** Mean absolute deviation of the block's luma from its mean: how much there is to be found. */
  detail: Float32Array;
};

/** No flow, for pictures of a size; sides are multiples of `FLOW_BLOCK`. */
export function makeBlockFlow(width: number, height: number): BlockFlow {
  const [columns, rows] = [width / FLOW_BLOCK, height / FLOW_BLOCK];
  const numbers = () => new Float32Array(columns * rows);
  return { columns, rows, x: numbers(), y: numbers(), error: numbers(), detail: numbers() };
}

/**
 * Predictive block matching at half size (after Tourapis, EPZS, 2002): guesses are none, the block's
 * vector of the time before and its neighbours'; rings around the best where all are bad; then downhill
 * by single pixels, and to parts of one by the differences beside it.
 * @param flow what was found for the pictures before; filled in anew.
 */
export function findFlow(from: PaddedPicture, to: PaddedPicture, flow: BlockFlow): void {
  const { columns, rows, x, y, error, detail } = flow;
  const search = new Search(from, to);
  for (let row = 0, block = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++, block++) {
      search.open(column, row);
      search.tryVector(0, 0);
      search.tryVector(Math.round(x[block]! / 2), Math.round(y[block]! / 2));
      if (column > 0) search.tryVector(Math.round(x[block - 1]! / 2), Math.round(y[block - 1]! / 2));
      for (const above of [block - columns, block - columns + 1]) {
        if (row > 0 && above < row * columns)
          search.tryVector(Math.round(x[above]! / 2), Math.round(y[above]! / 2));
      }
      search.widen();
      search.descend();
      x[block] = 2 * search.fractionX();
      y[block] = 2 * search.fractionY();
      error[block] = search.difference(search.x, search.y) / (HALF_BLOCK * HALF_BLOCK);
      detail[block] = search.detail();
    }
  }
}

class Search {
  x = 0;
  y = 0;
  #cost = 0;
  #at = 0;
  readonly #from: Uint8Array;
  readonly #to: Uint8Array;
  readonly #stride: number;

  constructor(from: PaddedPicture, to: PaddedPicture) {
    this.#from = from.halfLuma;
    this.#to = to.halfLuma;
    this.#stride = from.halfStride;
  }

  open(column: number, row: number): void {
    this.#cost = Number.POSITIVE_INFINITY;
    this.#at = (HALF_PAD + row * HALF_BLOCK) * this.#stride + HALF_PAD + column * HALF_BLOCK;
  }

  /** Takes a vector, at half size, when it is better than the best so far; says whether. */
  tryVector(x: number, y: number): boolean {
    if (Math.abs(x) > HALF_REACH || Math.abs(y) > HALF_REACH) return false;
    const cost = this.difference(x, y) + LENGTH_COST * (Math.abs(x) + Math.abs(y));
    if (cost >= this.#cost) return false;
    this.#cost = cost;
    this.x = x;
    this.y = y;
    return true;
  }

  widen(): void {
    for (const radius of RINGS) {
      if (this.#cost <= EASY) return;
      const [x, y] = [this.x, this.y];
      for (const [dx, dy] of AROUND) this.tryVector(x + radius * dx, y + radius * dy);
    }
  }

  descend(): void {
    for (let better = true; better;) {
      const [x, y] = [this.x, this.y];
      better = false;
      for (const [dx, dy] of AROUND) better = this.tryVector(x + dx, y + dy) || better;
    }
  }

  fractionX(): number {
    return this.x + this.#vertex((step) => [this.x + step, this.y]);
  }

  fractionY(): number {
    return this.y + this.#vertex((step) => [this.x, this.y + step]);
  }

  /** Summed absolute difference of the block and its place in the other picture. */
  difference(x: number, y: number): number {
    const [from, to, stride] = [this.#from, this.#to, this.#stride];
    let sum = 0;
    for (
      let row = 0, a = this.#at, b = this.#at + y * stride + x;
      row < HALF_BLOCK;
      row++, a += stride, b += stride
    ) {
      for (let i = 0; i < HALF_BLOCK; i++) {
        const apart = from[a + i]! - to[b + i]!;
        sum += apart < 0 ? -apart : apart;
      }
    }
    return sum;
  }

  detail(): number {
    const [from, stride] = [this.#from, this.#stride];
    let sum = 0;
    for (let row = 0, a = this.#at; row < HALF_BLOCK; row++, a += stride) {
      for (let i = 0; i < HALF_BLOCK; i++) sum += from[a + i]!;
    }
    const mean = sum / (HALF_BLOCK * HALF_BLOCK);
    let apart = 0;
    for (let row = 0, a = this.#at; row < HALF_BLOCK; row++, a += stride) {
      for (let i = 0; i < HALF_BLOCK; i++) apart += Math.abs(from[a + i]! - mean);
    }
    return apart / (HALF_BLOCK * HALF_BLOCK);
  }

  /** Where two lines of one slope through three differences meet, −½ … ½: differences grow with the way. */
  #vertex(place: (step: number) => [x: number, y: number]): number {
    const [before, here, after] = [place(-1), place(0), place(1)].map(([x, y]) =>
      Math.abs(x) > HALF_REACH || Math.abs(y) > HALF_REACH ? Number.NaN : this.difference(x, y),
    ) as [number, number, number];
    const slope = Math.max(before, after) - here;
    // A flat block says nothing, and a match that is exact needs no part of a pixel.
    if (!(slope > 0) || here === 0) return 0;
    return Math.min(0.5, Math.max(-0.5, (before - after) / (2 * slope)));
  }
}
