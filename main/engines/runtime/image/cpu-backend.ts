import type { ImageBackend, ImageJobs, ImageOp } from './image-ops';
import { pack, unpack } from './packing';
import { resize } from './resize';
import { cutTiles, joinTiles } from './tiles';
import { warpNoise } from './warp-noise';
import { fromYuv, toYuv } from './yuv';

const OPS: { [Op in ImageOp]: (job: ImageJobs[Op]) => number | void } = {
  unpack,
  pack,
  resize,
  toYuv,
  fromYuv,
  cutTiles,
  joinTiles,
  warpNoise,
};

/** The operations on the processor, packing in WASM SIMD and the rest in TypeScript: always there, and what a GPU's results are held against. */
export const CPU_BACKEND = {
  name: 'cpu',
  run: (op, job) => OPS[op](job) ?? 0,
} as const satisfies ImageBackend;
