import { PAD, type PaddedPicture } from './padded-picture';

/** Side of a block, in pixels. */
export const BLOCK = 8;
/** Farthest that a block is looked for along each axis, in pixels. */
export const REACH = 12;

const HALF_REACH = REACH / 2;
const HALF_BLOCK = BLOCK / 2;
/** The half-size search compares every other row of a window around the block, which tells alike blocks apart. */
const HALF_WINDOW = 8;
const ROW_STEP = 2;
const HALF_MARGIN = (HALF_WINDOW - HALF_BLOCK) / 2;
/** A match of so small a summed difference is good enough: nobody would see a better one. */
const EASY_WINDOW = (1.5 * HALF_WINDOW * HALF_WINDOW) / ROW_STEP;
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

class HalfSearch {
  bestX = 0;
  bestY = 0;
  #best = 0;
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
    this.#best = Number.POSITIVE_INFINITY;
    const x = PAD / 2 + column * HALF_BLOCK - HALF_MARGIN;
    const y = PAD / 2 + row * HALF_BLOCK - HALF_MARGIN;
    this.#at = y * this.#stride + x;
  }

  get isEasy(): boolean {
    return this.#best <= EASY_WINDOW;
  }

  tryAll(): void {
    for (let y = -HALF_REACH; y <= HALF_REACH; y++) {
      for (let x = -HALF_REACH; x <= HALF_REACH; x++) this.tryVector(x, y);
    }
  }

  tryVector(x: number, y: number): void {
    const from = this.#from;
    const to = this.#to;
    const stride = this.#stride;
    let sum = ((2 * LENGTH_COST) / ROW_STEP) * (Math.abs(x) + Math.abs(y));
    let a = this.#at;
    let b = a + y * stride + x;
    for (let row = 0; row < HALF_WINDOW; row += ROW_STEP, a += ROW_STEP * stride, b += ROW_STEP * stride) {
      if (sum >= this.#best) return;
      for (let i = 0; i < HALF_WINDOW; i++) sum += Math.abs(from[a + i]! - to[b + i]!);
    }
    if (sum >= this.#best) return;
    this.#best = sum;
    this.bestX = x;
    this.bestY = y;
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
  attempt(0, 0);
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
  let a = (y + PAD) * stride + x + PAD;
  let b = (y2 + PAD) * stride + x2 + PAD;
  let sum = 0;
  for (let row = 0; row < BLOCK && sum < enough; row++, a += stride, b += stride) {
    for (let i = 0; i < BLOCK; i++) sum += Math.abs(first.luma[a + i]! - second.luma[b + i]!);
  }
  return sum;
}
