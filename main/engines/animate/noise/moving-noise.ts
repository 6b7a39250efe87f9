import type { Noise } from '../../../../contract/animate';
import type { WarpJob } from '../../runtime/image/image-ops';
import { findMotion, makeMotionField, type MotionField } from '../../runtime/motion/block-motion';
import { BLOCK, PaddedPicture } from '../../runtime/motion/padded-picture';
import { fillNormals } from '../../runtime/philox';
import type { Size, SourcePicture } from '../pipeline';

/** Points of the field along each side of a latent cell: finer, so that small movements count. */
const FINE = 4;
/** When most blocks are not found again within this mean luma difference, it is a cut. */
const CUT_DIFFERENCE = 24;
/** Fields are drawn from another part of a seed than noise that stands still, renewal from a third. */
const FIELD_KEY = 1;
const RENEWAL_KEY = 2;

/** Warps a field of noise, wherever that is fastest. */
export type Warp = (job: WarpJob) => Promise<unknown>;

/** A latent's shape for a size: channels × rows × columns. */
export type LatentShape = { channels: number; rows: number; columns: number };

type State = {
  size: Size;
  shape: LatentShape;
  seed: number;
  /** channels + 1 planes: noise, then density. */
  field: Float32Array;
  spare: Float32Array;
  /** What of each block's way was too small to move the field, in its points, both axes. */
  rest: { forward: Float32Array; backward: Float32Array };
  frame: number;
};

/**
 * Noise that goes with what moves in a source (after Go-with-the-Flow, Burgert et al., arXiv
 * 2501.08331) [S10]: block motion between pictures warps a field four times as fine as the latent,
 * of which each cell's sum over 4 is the latent's noise; every picture's is N(0, 1), white.
 */
export class MovingNoise {
  readonly #warp: Warp;
  #state: State | null = null;
  #earlier: PaddedPicture | null = null;
  #later: PaddedPicture | null = null;
  #forward: MotionField | null = null;
  #backward: MotionField | null = null;

  constructor(warp: Warp) {
    this.#warp = warp;
  }

  /**
   * The noise of the next picture of the source. Another seed or size, and a cut, begin anew.
   * @param size what the source is worked on in.
   */
  async next(
    source: SourcePicture,
    size: Size,
    shape: LatentShape,
    seed: number,
    renewal: Noise['renewal'],
  ): Promise<Float32Array> {
    const moved = this.#look(source);
    const known = this.#state;
    const fits = known?.seed === seed && known.size.width === size.width && known.size.height === size.height;
    if (!known || !fits || moved === 'cut') this.#state = begin(size, shape, seed);
    else if (moved === 'moved') await this.#move(known, source);
    const state = this.#state!;
    state.frame++;
    const noise = reduce(state);
    if (renewal > 0) renew(noise, state, renewal);
    return noise;
  }

  /** Compares a picture with the one before. */
  #look({ width, height, rgba }: SourcePicture): 'moved' | 'still' | 'cut' {
    if (this.#earlier?.width !== width || this.#earlier.height !== height) {
      this.#earlier = new PaddedPicture(width, height);
      this.#later = new PaddedPicture(width, height);
      this.#forward = makeMotionField(width, height);
      this.#backward = makeMotionField(width, height);
      this.#later.set(rgba);
      return 'cut';
    }
    [this.#earlier, this.#later] = [this.#later, this.#earlier];
    const [earlier, later] = [this.#earlier!, this.#later];
    later.set(rgba);
    findMotion(earlier, later, this.#forward!);
    findMotion(later, earlier, this.#backward!, this.#forward!);
    const { x, y, error } = this.#forward!;
    const lost = error.reduce((sum, one) => sum + (one > CUT_DIFFERENCE ? 1 : 0), 0);
    if (lost > error.length / 2) return 'cut';
    return x.some((step) => step !== 0) || y.some((step) => step !== 0) ? 'moved' : 'still';
  }

  async #move(state: State, source: SourcePicture): Promise<void> {
    const { shape, field, spare, frame, seed } = state;
    const numbers = 2 * this.#forward!.error.length;
    if (state.rest.forward.length !== numbers) state.rest = noRest(numbers);
    const { rest } = state;
    const [width, height] = [FINE * shape.columns, FINE * shape.rows];
    const spread = (motion: MotionField, left: Float32Array) =>
      steps(motion, left, { width, height }, { x: width / source.width, y: height / source.height });
    const job: WarpJob = {
      width,
      height,
      channels: shape.channels,
      field,
      forward: spread(this.#forward!, rest.forward),
      backward: spread(this.#backward!, rest.backward),
      seed: { low: seed, high: FIELD_KEY },
      frame,
      out: spare,
    };
    await this.#warp(job);
    state.field = spare;
    state.spare = field;
  }
}

function begin(size: Size, shape: LatentShape, seed: number): State {
  const points = FINE * FINE * shape.rows * shape.columns;
  const field = new Float32Array((shape.channels + 1) * points);
  fillNormals({ low: seed, high: FIELD_KEY }, 0, field.subarray(0, shape.channels * points));
  field.fill(1, shape.channels * points);
  return {
    size,
    shape,
    seed,
    field,
    spare: new Float32Array(field.length),
    rest: noRest(0),
    frame: 0,
  };
}

function noRest(length: number): State['rest'] {
  return { forward: new Float32Array(length), backward: new Float32Array(length) };
}

/**
 * Whole steps of each point of the field, from the motion of the block it lies in and what was left
 * of it before; 2 × points, x then y.
 */
function steps(
  { columns, rows, x, y }: MotionField,
  rest: Float32Array,
  { width, height }: Size,
  scale: { x: number; y: number },
): Float32Array {
  const blocks = columns * rows;
  const whole = new Float32Array(2 * blocks);
  for (let block = 0; block < blocks; block++) {
    for (const [axis, step] of [x[block]! * scale.x, y[block]! * scale.y].entries()) {
      const at = axis * blocks + block;
      const wanted = step + rest[at]!;
      // Halves go away from zero, so that both directions of a movement take the same step.
      whole[at] = Math.sign(wanted) * Math.floor(Math.abs(wanted) + 0.5);
      rest[at] = wanted - whole[at];
    }
  }
  const points = width * height;
  const out = new Float32Array(2 * points);
  const [perColumn, perRow] = [width / columns, height / rows];
  for (let py = 0, i = 0; py < height; py++) {
    const first = columns * Math.min(rows - 1, Math.floor(py / perRow));
    for (let px = 0; px < width; px++, i++) {
      const block = first + Math.min(columns - 1, Math.floor(px / perColumn));
      out[i] = whole[block]!;
      out[points + i] = whole[blocks + block]!;
    }
  }
  return out;
}

/** Degrades noise: ((1 − γ)·Q + γ·ζ) / √((1 − γ)² + γ²), ζ new with each picture. */
function renew(noise: Float32Array, { seed, frame }: State, renewal: number): void {
  const fresh = new Float32Array(noise.length);
  fillNormals({ low: seed, high: RENEWAL_KEY }, frame, fresh);
  const norm = Math.hypot(1 - renewal, renewal);
  const [kept, gained] = [(1 - renewal) / norm, renewal / norm];
  for (let i = 0; i < noise.length; i++) noise[i] = kept * noise[i]! + gained * fresh[i]!;
}

/** Each latent cell is the sum of its points over their number's root: N(0, 1) again. */
function reduce({ field, shape: { channels, rows, columns } }: State): Float32Array {
  const out = new Float32Array(channels * rows * columns);
  const stride = FINE * columns;
  for (let channel = 0, at = 0; channel < channels; channel++) {
    const plane = channel * stride * FINE * rows;
    for (let row = 0; row < rows; row++) {
      for (let column = 0; column < columns; column++, at++) {
        let sum = 0;
        for (let dy = 0; dy < FINE; dy++) {
          const from = plane + (FINE * row + dy) * stride + FINE * column;
          for (let dx = 0; dx < FINE; dx++) sum += field[from + dx]!;
        }
        out[at] = sum / FINE;
      }
    }
  }
  return out;
}

/** Whether motion can be looked for in pictures of a size. */
export function canMove({ width, height }: Size): boolean {
  return width % BLOCK === 0 && height % BLOCK === 0;
}
