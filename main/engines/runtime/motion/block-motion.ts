import { BLOCK, HALF_ROW_STEP, HALF_WINDOW, PAD, type PaddedPicture } from './padded-picture';

/** Farthest that a block is looked for along each axis, in pixels. */
export const REACH = 12;

const HALF_REACH = REACH / 2;
const HALF_BLOCK = BLOCK / 2;
/** The half-size search compares every other row of a window around the block, which tells alike blocks apart. */
const HALF_MARGIN = (HALF_WINDOW - HALF_BLOCK) / 2;
/** A match of so small a summed difference is good enough: nobody would see a better one. */
const EASY_WINDOW = (1.5 * HALF_WINDOW * HALF_WINDOW) / HALF_ROW_STEP;
const EASY_BLOCK = BLOCK * BLOCK;
/** A longer vector must be better by this much of summed difference per pixel of its length. */
const LENGTH_COST = 3;

/** Where the blocks of one picture went in another. */
export type MotionField = {
  columns: number;
  rows: number;
  /** Pixels, −REACH … REACH, per block, row-major. */
  x: Int8Array;
  y: Int8Array;
  /** Mean absolute luma difference of the match, 0 … 255. */
  error: Float32Array;
};

/** An empty field for pictures of a size; sides are multiples of `BLOCK`. */
export function makeMotionField(width: number, height: number): MotionField {
  const columns = width / BLOCK;
  const rows = height / BLOCK;
  const blocks = columns * rows;
  return {
    columns,
    rows,
    x: new Int8Array(blocks),
    y: new Int8Array(blocks),
    error: new Float32Array(blocks),
  };
}

/**
 * Block matching in two steps [G11]: full search at half size within ±REACH/2 (±REACH
 * pixels) unless none, a neighbour's vector or the other direction's is good enough; then ±1
 * pixel at full size.
 * @param opposite what the search from `to` to `from` found, where it was made before
 * @param field filled in: the block at p in `from` looks like `to` at p + vector
 */
export function findMotion(
  from: PaddedPicture,
  to: PaddedPicture,
  field: MotionField,
  opposite?: MotionField,
): void {
  const search = new HalfSearch(from, to);
  for (let row = 0, block = 0; row < field.rows; row++) {
    for (let column = 0; column < field.columns; column++, block++) {
      search.open(column, row);
      search.tryVector(0, 0);
      if (column > 0) search.tryVector(field.x[block - 1]! >> 1, field.y[block - 1]! >> 1);
      if (row > 0) {
        const above = block - field.columns;
        search.tryVector(field.x[above]! >> 1, field.y[above]! >> 1);
      }
      if (opposite) search.tryVector(-opposite.x[block]! >> 1, -opposite.y[block]! >> 1);
      if (!search.isEasy) search.tryAll();
      refine(from, to, field, block, 2 * search.bestX, 2 * search.bestY);
    }
  }
}

/**
 * The search of one block at half size. A window whose sum, or whose rows' sums, differ by
 * more than the best match so far cannot be a better one (successive elimination, Li and
 * Salari 1995): most places are left without looking at their pixels.
 */
class HalfSearch {
  bestX = 0;
  bestY = 0;
  #best = 0;
  #at = 0;
  readonly #from: PaddedPicture;
  readonly #to: PaddedPicture;
  readonly #stride: number;
  readonly #step: number;

  constructor(from: PaddedPicture, to: PaddedPicture) {
    this.#from = from;
    this.#to = to;
    this.#stride = from.halfStride;
    this.#step = HALF_ROW_STEP * from.halfStride;
  }

  open(column: number, row: number): void {
    this.#best = Number.POSITIVE_INFINITY;
    const x = PAD / 2 + column * HALF_BLOCK - HALF_MARGIN;
    const y = PAD / 2 + row * HALF_BLOCK - HALF_MARGIN;
    this.#at = y * this.#stride + x;
  }

  get isEasy(): boolean {
    return this.#best <= EASY_WINDOW;
  }

  tryAll(): void {
    const { halfWindowSums: sums } = this.#to;
    const own = this.#from.halfWindowSums[this.#at]!;
    for (let y = -HALF_REACH; y <= HALF_REACH; y++) {
      const row = this.#at + y * this.#stride;
      for (let x = -HALF_REACH; x <= HALF_REACH; x++) {
        if (Math.abs(own - sums[row + x]!) < this.#best) this.tryVector(x, y);
      }
    }
  }

  tryVector(x: number, y: number): void {
    const best = this.#best;
    const a = this.#at;
    const b = a + y * this.#stride + x;
    const length = ((2 * LENGTH_COST) / HALF_ROW_STEP) * (Math.abs(x) + Math.abs(y));
    if (length + this.#rowBound(a, b) >= best) return;
    const cost = length + this.#difference(a, b, best - length);
    if (cost >= best) return;
    this.#best = cost;
    this.bestX = x;
    this.bestY = y;
  }

  /** No less than the sums of the rows differ. */
  #rowBound(a: number, b: number): number {
    const { halfRowSums: from } = this.#from;
    const { halfRowSums: to } = this.#to;
    let sum = 0;
    for (let row = 0; row < HALF_WINDOW; row += HALF_ROW_STEP, a += this.#step, b += this.#step) {
      sum += Math.abs(from[a]! - to[b]!);
    }
    return sum;
  }

  /** Summed absolute difference of two windows; at least `enough` as soon as it cannot be less. */
  #difference(a: number, b: number, enough: number): number {
    const { halfLuma: from } = this.#from;
    const { halfLuma: to } = this.#to;
    let sum = 0;
    for (let row = 0; row < HALF_WINDOW; row += HALF_ROW_STEP, a += this.#step, b += this.#step) {
      if (sum >= enough) return sum;
      for (let i = 0; i < HALF_WINDOW; i++) sum += Math.abs(from[a + i]! - to[b + i]!);
    }
    return sum;
  }
}

function refine(
  from: PaddedPicture,
  to: PaddedPicture,
  field: MotionField,
  block: number,
  x: number,
  y: number,
) {
  const left = (block % field.columns) * BLOCK;
  const top = Math.floor(block / field.columns) * BLOCK;
  let best = Number.POSITIVE_INFINITY;
  const attempt = (vx: number, vy: number) => {
    const cost = blockDifference(from, left, top, to, left + vx, top + vy, best);
    if (cost >= best) return;
    best = cost;
    field.x[block] = vx;
    field.y[block] = vy;
  };
  attempt(x, y);
  if (x !== 0 || y !== 0) attempt(0, 0);
  for (let dy = -1; dy <= 1 && best > EASY_BLOCK; dy++) {
    for (let dx = -1; dx <= 1; dx++) {
      const vx = Math.max(-REACH, Math.min(REACH, x + dx));
      const vy = Math.max(-REACH, Math.min(REACH, y + dy));
      attempt(vx, vy);
    }
  }
  field.error[block] = best / (BLOCK * BLOCK);
}

/**
 * Summed absolute luma difference of a block at (x, y) in one picture and (x2, y2) in
 * another; at least `enough` as soon as it cannot be less.
 */
export function blockDifference(
  first: PaddedPicture,
  x: number,
  y: number,
  second: PaddedPicture,
  x2: number,
  y2: number,
  enough: number,
): number {
  const { stride } = first;
  const a = (y + PAD) * stride + x + PAD;
  const b = (y2 + PAD) * stride + x2 + PAD;
  const bound = rowBound(first.rowSums, a, second.rowSums, b, stride);
  if (bound >= enough) return bound;
  let sum = 0;
  for (let row = 0, at = 0; row < BLOCK && sum < enough; row++, at += stride) {
    for (let i = 0; i < BLOCK; i++) sum += Math.abs(first.luma[a + at + i]! - second.luma[b + at + i]!);
  }
  return sum;
}

/** What the sums of two blocks' rows differ by: their pixels differ by no less. */
function rowBound(first: Uint16Array, a: number, second: Uint16Array, b: number, stride: number): number {
  let sum = 0;
  for (let row = 0; row < BLOCK; row++, a += stride, b += stride) sum += Math.abs(first[a]! - second[b]!);
  return sum;
}
