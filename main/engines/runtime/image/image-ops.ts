import type { FilterName } from './resample-weights';
import type { TilePlan } from './tile-plan';

/** A picture of interleaved RGBA bytes, row after row without gaps: width × height × 4. */
export type Picture = { width: number; height: number; rgba: Uint8Array | Uint8ClampedArray };

/** A straight line from one kind of value to another: y = scale·x + offset. */
export type Line = { scale: number; offset: number };

/** RGBA bytes → planar RGB floats [3, H, W], each value `line` of its byte; alpha is left out [I2]. */
export type UnpackJob = { rgba: Uint8Array | Uint8ClampedArray; line: Line; out: Float32Array };

/** Planar RGB floats [3, H, W] → opaque RGBA bytes, each byte `line` of its value [I3]. */
export type PackJob = { planar: Float32Array; line: Line; out: Uint8Array | Uint8ClampedArray };

/** A picture in another size, width × height × 4 bytes; channels are treated alike [I4]. */
export type ResizeJob = {
  source: Picture;
  width: number;
  height: number;
  filter: FilterName;
  out: Uint8Array | Uint8ClampedArray;
};

/** A picture → BT.709 limited range: the luma plane alone, or Y, Cb and Cr of 4:2:0 in a row [I5]. */
export type ToYuvJob = { source: Picture; planes: 'luma' | 'i420'; out: Uint8Array };

/** Y, Cb and Cr of 4:2:0 in a row → opaque RGBA, width × height × 4 bytes [I5]. */
export type FromYuvJob = {
  yuv: Uint8Array;
  width: number;
  height: number;
  out: Uint8Array | Uint8ClampedArray;
};

/** Planes [C, H, W] → equal tiles [tiles, C, side, side]; beyond the picture its edge goes on [I6]. */
export type CutJob = { planes: Float32Array; channels: number; plan: TilePlan; out: Float32Array };

/** Tiles [tiles, C, s·side, s·side] → planes [C, s·H, s·W], joins blended; s = `enlarged` [I7]. */
export type JoinJob = {
  tiles: Float32Array;
  channels: number;
  plan: TilePlan;
  enlarged: number;
  out: Float32Array;
};

/** A field of noise and its density, warped by a dense flow [I8]. */
export type WarpJob = {
  width: number;
  height: number;
  channels: number;
  /** [C + 1, H, W]: the channels of noise, then the density of every pixel, 1 at the start. */
  field: Float32Array;
  /** [2, H, W] pixels, x then y: where each pixel of the earlier picture went. */
  forward: Float32Array;
  /** [2, H, W] pixels, x then y: where each pixel of the later picture was. */
  backward: Float32Array;
  seed: { low: number; high: number };
  /** Numbers the warps of a seed: new noise is never used twice. */
  frame: number;
  /** [C + 1, H, W], like `field`. */
  out: Float32Array;
};

/** The argument of each operation. */
export type ImageJobs = {
  unpack: UnpackJob;
  pack: PackJob;
  resize: ResizeJob;
  toYuv: ToYuvJob;
  fromYuv: FromYuvJob;
  cutTiles: CutJob;
  joinTiles: JoinJob;
  warpNoise: WarpJob;
};

/** Names of the operations of the image path (spec.md). */
export type ImageOp = keyof ImageJobs;

/**
 * Does the work of checked jobs, each into its `out`.
 * @returns how many pixels held a value that is not finite (`pack`), 0 for the others.
 */
export type ImageBackend = {
  readonly name: 'cpu' | 'webgpu';
  run<Op extends ImageOp>(op: Op, job: ImageJobs[Op]): number | Promise<number>;
};
