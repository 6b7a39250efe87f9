import * as v from 'valibot';
import { ContractSchema } from '../runtime/model-contract';
import { BLOCK } from '../runtime/motion/padded-picture';

const count = (max: number) => v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(max));
const AxisSchema = v.object({
  axis: v.picklist(['frame', 'row', 'column']),
  /** Pairs of a head's elements that turn with this axis. */
  pairs: count(128),
  base: v.pipe(v.number(), v.minValue(1), v.maxValue(1e6)),
});

/** `contracts/generate.json`. */
export const GenerateContractSchema = v.pipe(
  v.object({
    ...ContractSchema.entries,
    /** Size of a picture in pixels. */
    width: count(2048),
    height: count(2048),
    /** Pixels per latent cell, along one side. */
    codecFactor: count(64),
    /** Frames a second the world was filmed at. */
    fps: count(30),
    latent: v.object({ channels: count(64), rows: count(256), columns: count(256) }),
    /** Latent cells of one token. */
    patch: v.object({ rows: count(32), columns: count(32) }),
    /** Tokens of a frame. */
    tokens: count(4096),
    layers: count(64),
    heads: count(64),
    /** Width of one head. */
    depth: count(256),
    /** Frames made together, visible at most (with the chunk under way), and kept forever. */
    chunk: count(16),
    window: count(256),
    sink: v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(256)),
    /** Frames of one run at most. */
    maxFrames: count(256),
    textLength: count(256),
    textWidth: count(4096),
    /** Noise levels of the denoising passes, from pure noise down. */
    sigmas: v.pipe(
      v.array(v.pipe(v.number(), v.gtValue(0), v.maxValue(1))),
      v.minLength(1),
      v.maxLength(16),
      v.check((s) => s.every((sigma, i) => i === 0 || sigma < s[i - 1]!), 'sigmas must fall.'),
    ),
    rope: v.object({ axes: v.array(AxisSchema) }),
    /** Added to the score of what a query may not see. */
    hidden: v.pipe(v.number(), v.maxValue(-1000)),
  }),
  v.check(
    ({ tokens, latent, patch }) => tokens * patch.rows * patch.columns === latent.rows * latent.columns,
    'tokens must be the patches of a latent.',
  ),
  v.check(
    ({ width, height, codecFactor, latent }) =>
      width === latent.columns * codecFactor && height === latent.rows * codecFactor,
    'width and height must be those of the latent times codecFactor.',
  ),
  v.check(
    ({ width, height }) => width % BLOCK === 0 && height % BLOCK === 0,
    `width and height must be multiples of ${BLOCK}.`,
  ),
  v.check(
    ({ rope, depth }) => 2 * rope.axes.reduce((sum, { pairs }) => sum + pairs, 0) === depth,
    'the pairs of rope.axes must fill a head.',
  ),
  v.check(
    ({ chunk, window, sink, maxFrames }) =>
      window % chunk === 0 && sink % chunk === 0 && window >= sink + 2 * chunk && maxFrames >= window - chunk,
    'window and sink must be whole chunks, with room for the chunk under way and one before it, in one run.',
  ),
);
export type GenerateContract = v.InferOutput<typeof GenerateContractSchema>;

/** The sizes that the streaming algorithm needs of a contract. */
export type Shape = Pick<
  GenerateContract,
  | 'latent'
  | 'patch'
  | 'tokens'
  | 'layers'
  | 'heads'
  | 'depth'
  | 'chunk'
  | 'window'
  | 'sink'
  | 'sigmas'
  | 'rope'
  | 'hidden'
>;

/** Numbers of one frame's latent. */
export function latentSize({ latent }: Pick<Shape, 'latent'>): number {
  return latent.channels * latent.rows * latent.columns;
}

/** Frames that are remembered beside the chunk under way. */
export function pastFrames({ window, chunk }: Pick<Shape, 'window' | 'chunk'>): number {
  return window - chunk;
}
