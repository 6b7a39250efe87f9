import type { BlockVectors } from './choose-vectors';
import { BLOCK, PAD, type PaddedPicture } from '../../runtime/motion/padded-picture';

const QUARTER = BLOCK / 2;
const QUARTER_PIXELS = QUARTER * QUARTER;

/** Weights are whole numbers of this sum: red and blue of a pixel are weighed in one multiplication. */
const ONE = 256;
const RED_BLUE = 0x00ff00ff;
/** Halves, for rounding. */
const HALF_RED_BLUE = 0x00800080;
const HALF_GREEN = 0x80;
const OPAQUE = 0xff000000;

/** Blocks that have a say in a quarter: its own, the one beside, the one above or below, the one across. */
const BLOCKS = 4;

/**
 * Weights of the blocks around a quarter's pixels, [quarter][set of blocks][pixel]: a triangle
 * over two blocks each, summed over the blocks whose bit is set, for blocks that say the same.
 */
const WINDOWS: readonly (readonly Int32Array[])[] = [0, 1, 2, 3].map((quarter) =>
  sumsOfWindows(makeWindows((quarter & 1) === 1, quarter >= 2)),
);

/**
 * The picture at `share` between two, by overlapped block motion compensation (Orchard and
 * Sullivan, 1994) [G11]: each pixel is what the vectors of its block and of the three
 * nearest blocks say, weighted by a triangle window; each says
 * (1 − share)·earlier(p − share·v) + share·later(p + (1 − share)·v), read bilinearly.
 * @param out width × height × 4 bytes that begin at a multiple of four
 */
export function blendBlocks(
  earlier: PaddedPicture,
  later: PaddedPicture,
  vectors: BlockVectors,
  share: number,
  out: Uint8ClampedArray,
): void {
  const { columns, rows, x: vx, y: vy } = vectors;
  const target = new Uint32Array(out.buffer, out.byteOffset, out.length / 4);
  const sampler = new Sampler(earlier, later, share);
  const voices = new Voices();
  for (let row = 0; row < 2 * rows; row++) {
    const down = row & 1;
    const own = (row >> 1) * columns;
    const other = clamp((row >> 1) + 2 * down - 1, rows) * columns;
    for (let column = 0; column < 2 * columns; column++) {
      const right = column & 1;
      const ownColumn = column >> 1;
      const otherColumn = clamp(ownColumn + 2 * right - 1, columns);
      const x = column * QUARTER;
      const y = row * QUARTER;
      const at = y * earlier.width + x;
      voices.clear();
      voices.add(vx[own + ownColumn]!, vy[own + ownColumn]!, 1);
      voices.add(vx[own + otherColumn]!, vy[own + otherColumn]!, 2);
      voices.add(vx[other + ownColumn]!, vy[other + ownColumn]!, 4);
      voices.add(vx[other + otherColumn]!, vy[other + otherColumn]!, 8);
      if (voices.count === 1) {
        sampler.read(x, y, voices.x[0]!, voices.y[0]!, target, at, earlier.width);
        continue;
      }
      for (let i = 0; i < voices.count; i++) {
        sampler.read(x, y, voices.x[i]!, voices.y[i]!, voices.said[i]!, 0, QUARTER);
      }
      mix(voices, WINDOWS[2 * down + right]!, target, at, earlier.width);
    }
  }
}

/** The different vectors of the blocks around a quarter, and which blocks have them. */
class Voices {
  count = 0;
  readonly x = new Int32Array(BLOCKS);
  readonly y = new Int32Array(BLOCKS);
  readonly blocks = new Int32Array(BLOCKS);
  /** The quarter as each vector has it. */
  readonly said = Array.from({ length: BLOCKS }, () => new Uint32Array(QUARTER_PIXELS));

  clear(): void {
    this.count = 0;
  }

  add(vx: number, vy: number, block: number): void {
    for (let i = 0; i < this.count; i++) {
      if (this.x[i] !== vx || this.y[i] !== vy) continue;
      this.blocks[i] = this.blocks[i]! | block;
      return;
    }
    this.x[this.count] = vx;
    this.y[this.count] = vy;
    this.blocks[this.count] = block;
    this.count++;
  }
}

/** Reads quarters of the picture between two along one vector. */
class Sampler {
  readonly #earlier: PaddedPicture;
  readonly #later: PaddedPicture;
  readonly #share: number;
  /** Offsets and weights of the pixels that one pixel is made of. */
  readonly #offsets = new Int32Array(8);
  readonly #weights = new Int32Array(8);

  constructor(earlier: PaddedPicture, later: PaddedPicture, share: number) {
    this.#earlier = earlier;
    this.#later = later;
    this.#share = share;
  }

  read(
    x: number,
    y: number,
    vx: number,
    vy: number,
    out: Uint32Array,
    outAt: number,
    outStride: number,
  ): void {
    const share = this.#share;
    const { stride } = this.#earlier;
    const first = this.#earlier.pixels;
    const second = this.#later.pixels;
    this.#aim(0, x - share * vx, y - share * vy, 1 - share);
    this.#aim(4, x + (1 - share) * vx, y + (1 - share) * vy, share);
    this.#fill();
    const w = this.#weights;
    const [a0, a1, a2, a3] = [w[0]!, w[1]!, w[2]!, w[3]!];
    const [b0, b1, b2, b3] = [w[4]!, w[5]!, w[6]!, w[7]!];
    const isWhole = a0 + b0 === ONE;
    let a = this.#offsets[0]!;
    let b = this.#offsets[4]!;
    for (let j = 0; j < QUARTER; j++, a += stride, b += stride, outAt += outStride) {
      for (let i = 0; i < QUARTER; i++) {
        let redBlue = (HALF_RED_BLUE + redBlueOf(first, a + i, a0) + redBlueOf(second, b + i, b0)) | 0;
        let green = (HALF_GREEN + greenOf(first, a + i, a0) + greenOf(second, b + i, b0)) | 0;
        if (!isWhole) {
          redBlue = (redBlue + redBlueOf(first, a + i + 1, a1) + redBlueOf(second, b + i + 1, b1)) | 0;
          green = (green + greenOf(first, a + i + 1, a1) + greenOf(second, b + i + 1, b1)) | 0;
          const below = i + stride;
          redBlue = (redBlue + redBlueOf(first, a + below, a2) + redBlueOf(second, b + below, b2)) | 0;
          green = (green + greenOf(first, a + below, a2) + greenOf(second, b + below, b2)) | 0;
          redBlue =
            (redBlue + redBlueOf(first, a + below + 1, a3) + redBlueOf(second, b + below + 1, b3)) | 0;
          green = (green + greenOf(first, a + below + 1, a3) + greenOf(second, b + below + 1, b3)) | 0;
        }
        out[outAt + i] = ((redBlue >>> 8) & RED_BLUE) | (green & 0xff00) | OPAQUE;
      }
    }
  }

  /** Place and bilinear weights of one picture's four pixels. */
  #aim(at: number, x: number, y: number, strength: number): void {
    const left = Math.floor(x);
    const top = Math.floor(y);
    const fx = x - left;
    const fy = y - top;
    this.#offsets[at] = (top + PAD) * this.#earlier.stride + left + PAD;
    this.#weights[at] = Math.round(ONE * strength * (1 - fx) * (1 - fy));
    this.#weights[at + 1] = Math.round(ONE * strength * fx * (1 - fy));
    this.#weights[at + 2] = Math.round(ONE * strength * (1 - fx) * fy);
    this.#weights[at + 3] = Math.round(ONE * strength * fx * fy);
  }

  /** Gives what rounding took or gave to the largest weight: their sum is `ONE`. */
  #fill(): void {
    const w = this.#weights;
    let sum = 0;
    let largest = 0;
    for (let i = 0; i < 8; i++) {
      sum += w[i]!;
      if (w[i]! > w[largest]!) largest = i;
    }
    w[largest] = w[largest]! + ONE - sum;
  }
}

function redBlueOf(pixels: Uint32Array, at: number, weight: number): number {
  return Math.imul(pixels[at]! & RED_BLUE, weight);
}

function greenOf(pixels: Uint32Array, at: number, weight: number): number {
  return Math.imul((pixels[at]! >>> 8) & 0xff, weight);
}

/** What the blocks say of a quarter, weighed. */
function mix(
  { count, blocks, said }: Voices,
  windows: readonly Int32Array[],
  out: Uint32Array,
  at: number,
  width: number,
) {
  for (let j = 0, i = 0; j < QUARTER; j++, at += width) {
    for (let column = 0; column < QUARTER; column++, i++) {
      let redBlue = HALF_RED_BLUE;
      let green = HALF_GREEN;
      for (let voice = 0; voice < count; voice++) {
        const weight = windows[blocks[voice]!]![i]!;
        redBlue = (redBlue + redBlueOf(said[voice]!, i, weight)) | 0;
        green = (green + greenOf(said[voice]!, i, weight)) | 0;
      }
      out[at + column] = ((redBlue >>> 8) & RED_BLUE) | (green & 0xff00) | OPAQUE;
    }
  }
}

function sumsOfWindows(windows: readonly Int32Array[]): Int32Array[] {
  return Array.from({ length: 1 << BLOCKS }, (_, set) =>
    Int32Array.from({ length: QUARTER_PIXELS }, (_unused, pixel) =>
      windows.reduce((sum, window, block) => sum + ((set >> block) & 1) * window[pixel]!, 0),
    ),
  );
}

function makeWindows(right: boolean, down: boolean): Int32Array[] {
  // Of a pixel's place in its quarter, counted from the block's middle outwards.
  const own = (outwards: number) => (BLOCK - outwards - 0.5) / BLOCK;
  const windows = [0, 1, 2, 3].map(() => new Int32Array(QUARTER_PIXELS));
  for (let i = 0; i < QUARTER_PIXELS; i++) {
    const column = i % QUARTER;
    const row = Math.floor(i / QUARTER);
    const h = own(right ? column : QUARTER - 1 - column);
    const v = own(down ? row : QUARTER - 1 - row);
    windows[1]![i] = Math.round(ONE * (1 - h) * v);
    windows[2]![i] = Math.round(ONE * h * (1 - v));
    windows[3]![i] = Math.round(ONE * (1 - h) * (1 - v));
    windows[0]![i] = ONE - windows[1]![i]! - windows[2]![i]! - windows[3]![i]!;
  }
  return windows;
}

function clamp(index: number, length: number): number {
  return Math.max(0, Math.min(length - 1, index));
}
