import { BLOCK } from './block-motion';
import type { BlockVectors } from './choose-vectors';
import { PAD, type PaddedPicture } from './padded-picture';

const QUARTER = BLOCK / 2;
/** Channels of a quarter's pixels, without alpha. */
const SUMS = QUARTER * QUARTER * 3;

/** Weight of a block at distance 0 … 3 from its edge, inside it: a triangle over two blocks. */
const OWN = Float32Array.from({ length: QUARTER }, (_, i) => (QUARTER + i + 0.5) / BLOCK);

/**
 * The picture at `share` between two, by overlapped block motion compensation (Orchard and
 * Sullivan, 1994) [G11]: each pixel is what the vectors of its block and of the three
 * nearest blocks say, weighted by a triangle window; each says
 * (1 − share)·earlier(p − share·v) + share·later(p + (1 − share)·v), read bilinearly.
 */
export function blendBlocks(
  earlier: PaddedPicture,
  later: PaddedPicture,
  vectors: BlockVectors,
  share: number,
  out: Uint8ClampedArray,
): void {
  const { columns, rows } = vectors;
  const sums = new Float32Array(SUMS);
  const weights = new Float32Array(QUARTER * QUARTER);
  for (let row = 0; row < 2 * rows; row++) {
    const blockRow = row >> 1;
    const down = row & 1;
    const otherRow = Math.max(0, Math.min(rows - 1, blockRow + (down ? 1 : -1)));
    for (let column = 0; column < 2 * columns; column++) {
      const blockColumn = column >> 1;
      const right = column & 1;
      const otherColumn = Math.max(0, Math.min(columns - 1, blockColumn + (right ? 1 : -1)));
      const near = [
        blockRow * columns + blockColumn,
        blockRow * columns + otherColumn,
        otherRow * columns + blockColumn,
        otherRow * columns + otherColumn,
      ] as const;
      const x = column * QUARTER;
      const y = row * QUARTER;
      sums.fill(0);
      if (near.every((block) => sameVector(vectors, block, near[0]))) {
        weights.fill(1);
        addBoth(earlier, later, x, y, vectors, near[0], share, weights, sums);
      } else {
        for (const [i, block] of near.entries()) {
          fillWeights(weights, (i & 1) === 0, i < 2, right === 1, down === 1);
          addBoth(earlier, later, x, y, vectors, block, share, weights, sums);
        }
      }
      store(sums, out, x, y, earlier.width);
    }
  }
}

function sameVector({ x, y }: BlockVectors, a: number, b: number): boolean {
  return x[a] === x[b] && y[a] === y[b];
}

/** Weights of one of the four blocks around a quarter; `right` and `down` say which quarter it is. */
function fillWeights(
  weights: Float32Array,
  ownColumn: boolean,
  ownRow: boolean,
  right: boolean,
  down: boolean,
) {
  for (let j = 0, at = 0; j < QUARTER; j++) {
    const vertical = OWN[down ? QUARTER - 1 - j : j]!;
    for (let i = 0; i < QUARTER; i++, at++) {
      const horizontal = OWN[right ? QUARTER - 1 - i : i]!;
      weights[at] = (ownColumn ? horizontal : 1 - horizontal) * (ownRow ? vertical : 1 - vertical);
    }
  }
}

function addBoth(
  earlier: PaddedPicture,
  later: PaddedPicture,
  x: number,
  y: number,
  vectors: BlockVectors,
  block: number,
  share: number,
  weights: Float32Array,
  sums: Float32Array,
): void {
  const vx = vectors.x[block]!;
  const vy = vectors.y[block]!;
  addSample(earlier, x - share * vx, y - share * vy, 1 - share, weights, sums);
  addSample(later, x + (1 - share) * vx, y + (1 - share) * vy, share, weights, sums);
}

/** Adds a quarter read bilinearly at a fractional place, times `strength` and each pixel's weight. */
function addSample(
  picture: PaddedPicture,
  x: number,
  y: number,
  strength: number,
  weights: Float32Array,
  sums: Float32Array,
): void {
  const { rgba, stride } = picture;
  const left = Math.floor(x);
  const top = Math.floor(y);
  const fx = x - left;
  const fy = y - top;
  const w00 = (1 - fx) * (1 - fy) * strength;
  const w01 = fx * (1 - fy) * strength;
  const w10 = (1 - fx) * fy * strength;
  const w11 = fx * fy * strength;
  const whole = fx === 0 && fy === 0;
  const below = 4 * stride;
  for (let j = 0, pixel = 0, sum = 0; j < QUARTER; j++) {
    let at = 4 * ((top + j + PAD) * stride + left + PAD);
    for (let i = 0; i < QUARTER; i++, pixel++, at += 4) {
      const weight = weights[pixel]!;
      for (let c = 0; c < 3; c++, sum++) {
        const from = at + c;
        const value = whole
          ? w00 * rgba[from]!
          : w00 * rgba[from]! +
            w01 * rgba[from + 4]! +
            w10 * rgba[from + below]! +
            w11 * rgba[from + below + 4]!;
        sums[sum] = sums[sum]! + weight * value;
      }
    }
  }
}

function store(sums: Float32Array, out: Uint8ClampedArray, x: number, y: number, width: number): void {
  for (let j = 0, sum = 0; j < QUARTER; j++) {
    let at = 4 * ((y + j) * width + x);
    for (let i = 0; i < QUARTER; i++, at += 4, sum += 3) {
      out[at] = sums[sum]!;
      out[at + 1] = sums[sum + 1]!;
      out[at + 2] = sums[sum + 2]!;
      out[at + 3] = 255;
    }
  }
}
