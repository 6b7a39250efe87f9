import type { Noise } from '../../../../contract/animate';
import type { WarpJob } from '../../runtime/image/image-ops';
import { findFlow, FLOW_BLOCK, makeBlockFlow, type BlockFlow } from '../../runtime/motion/block-flow';
import { PaddedPicture } from '../../runtime/motion/padded-picture';
import { fillNormals } from '../../runtime/philox';
import type { Size, SourcePicture } from '../pipeline';

/** Points of the field along each side of a latent cell: finer, so that small movements count. */
const FINE = 4;
/** When most blocks are not found again within this mean luma difference, it is a cut. */
const CUT_DIFFERENCE = 24;
/** … and this share of a block's own detail: fine texture that moved by parts of a pixel is not lost. */
const CUT_SHARE = 0.8;
/** A point moves on when this much of a step is wanted: blocks of one movement move in one picture. */
const STEP_FROM = 0.75;
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
  rest: Float32Array;
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
  #flow: BlockFlow | null = null;

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
      this.#flow = makeBlockFlow(width, height);
      this.#later.set(rgba);
      return 'cut';
    }
    [this.#earlier, this.#later] = [this.#later, this.#earlier];
    const [earlier, later] = [this.#earlier!, this.#later];
    later.set(rgba);
    findFlow(earlier, later, this.#flow!);
    const { x, y, error, detail } = this.#flow!;
    const isLost = (one: number, block: number) => one > CUT_DIFFERENCE && one > CUT_SHARE * detail[block]!;
    const lost = error.filter(isLost).length;
    if (lost > error.length / 2) return 'cut';
    return x.some((step) => step !== 0) || y.some((step) => step !== 0) ? 'moved' : 'still';
  }

  async #move(state: State, source: SourcePicture): Promise<void> {
    const { shape, field, spare, frame, seed } = state;
    const flow = this.#flow!;
    if (state.rest.length !== 2 * flow.error.length) state.rest = new Float32Array(2 * flow.error.length);
    const [width, height] = [FINE * shape.columns, FINE * shape.rows];
    const scale = { x: width / source.width, y: height / source.height };
    const forward = steps(flow, state.rest, { width, height }, scale);
    const job: WarpJob = {
      width,
      height,
      channels: shape.channels,
      field,
      forward,
      // What is uncovered comes from where its surroundings came from.
      backward: forward.map((step) => -step),
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
    rest: new Float32Array(0),
    frame: 0,
  };
}

/**
 * Whole steps of each point of the field, from the motion of the block it lies in and what was left
 * of it before; 2 × points, x then y.
 */
function steps(
  { columns, rows, x, y }: BlockFlow,
  rest: Float32Array,
  { width, height }: Size,
  scale: { x: number; y: number },
): Float32Array {
  const blocks = columns * rows;
  const whole = new Float32Array(2 * blocks);
  for (const [axis, flow] of [x, y].entries()) {
    const points = axis === 0 ? scale.x : scale.y;
    const smooth = smoothed(flow, columns, rows);
    const left = rest.subarray(axis * blocks, (axis + 1) * blocks);
    const wanted = smooth.map((step, block) => points * step + left[block]!);
    for (let block = 0; block < blocks; block++) {
      const step = Math.sign(wanted[block]!) * Math.floor(Math.abs(wanted[block]!) + 1 - STEP_FROM);
      whole[axis * blocks + block] = step;
      left[block] = wanted[block]! - step;
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

/** Mean of the middle five of each block's and its neighbours' motion: what is alone in its way is mistaken. */
function smoothed(flow: Float32Array, columns: number, rows: number): Float32Array {
  const out = new Float32Array(flow.length);
  const around: number[] = [];
  for (let row = 0, block = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++, block++) {
      around.length = 0;
      for (let dy = -1; dy <= 1; dy++) {
        for (let dx = -1; dx <= 1; dx++) {
          const [x, y] = [column + dx, row + dy];
          // Beyond the edge lies what is at the edge.
          const inside = Math.min(columns - 1, Math.max(0, x)) + columns * Math.min(rows - 1, Math.max(0, y));
          around.push(flow[inside]!);
        }
      }
      around.sort((a, b) => a - b);
      out[block] = (around[2]! + around[3]! + around[4]! + around[5]! + around[6]!) / 5;
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
  return width % FLOW_BLOCK === 0 && height % FLOW_BLOCK === 0;
}
