import { StudioError } from '../../../../contract/errors';
import type { ImageJobs, ImageOp, Line } from './image-ops';
import { FILTERS } from './resample-weights';
import { tileCount } from './tile-plan';
import { i420Bytes } from './yuv';

/** Longest side of a picture, in pixels. */
export const MAX_SIDE = 8192;
/** Most pixels of a picture: enough for 7680×4320. */
export const MAX_PIXELS = 2 ** 25;
const MAX_CHANNELS = 64;
const MAX_ENLARGED = 8;
/** Beyond these, float32 cannot tell neighbouring bytes apart. */
const MAX_LINE = 1e6;

type Checks = { [Op in ImageOp]: (job: ImageJobs[Op]) => void };

/**
 * Refuses a job before anything of it is done [I1].
 * @throws StudioError `argument.invalid`
 */
export function checkJob<Op extends ImageOp>(op: Op, job: ImageJobs[Op]): void {
  CHECKS[op](job);
}

const CHECKS: Checks = {
  unpack({ rgba, line, out }) {
    checkPixels(rgba.length / 4, 'RGBA bytes');
    checkLine(line);
    checkLength('Planar values', out, 3 * (rgba.length / 4));
  },
  pack({ planar, line, out }) {
    checkPixels(out.length / 4, 'RGBA bytes');
    checkLine(line);
    checkLength('Planar values', planar, 3 * (out.length / 4));
  },
  resize({ source, width, height, filter, out }) {
    checkSize(source.width, source.height);
    checkSize(width, height);
    if (!FILTERS.includes(filter)) refuse(`A filter must be one of ${FILTERS.join(', ')}, got ${filter}`);
    checkLength('A picture', source.rgba, 4 * source.width * source.height);
    checkLength('A resized picture', out, 4 * width * height);
    checkApart(source.rgba, out);
  },
  toYuv({ source, planes, out }) {
    checkSize(source.width, source.height);
    const { width, height } = source;
    checkLength('A picture', source.rgba, 4 * width * height);
    checkLength('Planes of YUV', out, planes === 'luma' ? width * height : i420Bytes(width, height));
    checkApart(source.rgba, out);
  },
  fromYuv({ yuv, width, height, out }) {
    checkSize(width, height);
    checkLength('Planes of YUV', yuv, i420Bytes(width, height));
    checkLength('A picture', out, 4 * width * height);
    checkApart(yuv, out);
  },
  cutTiles({ planes, channels, plan, out }) {
    checkPlan(channels, plan, 1);
    checkLength('Planes', planes, channels * plan.width * plan.height);
    checkLength('Tiles', out, tileCount(plan) * channels * plan.side ** 2);
    checkApart(planes, out);
  },
  joinTiles({ tiles, channels, plan, enlarged, out }) {
    checkPlan(channels, plan, enlarged);
    checkLength('Tiles', tiles, tileCount(plan) * channels * (enlarged * plan.side) ** 2);
    checkLength('Planes', out, channels * plan.width * plan.height * enlarged ** 2);
    checkApart(tiles, out);
  },
  warpNoise({ width, height, channels, field, forward, backward, frame, out }) {
    checkSize(width, height);
    checkWhole('Channels', channels, 1, MAX_CHANNELS);
    checkWhole("A warp's frame", frame, 0, 0xffffffff);
    checkLength('A field of noise with its density', field, (channels + 1) * width * height);
    checkLength('The flow forwards', forward, 2 * width * height);
    checkLength('The flow backwards', backward, 2 * width * height);
    checkLength('A warped field with its density', out, (channels + 1) * width * height);
    checkApart(field, out);
  },
};

function checkPlan(channels: number, plan: ImageJobs['cutTiles']['plan'], enlarged: number): void {
  checkWhole('Channels', channels, 1, MAX_CHANNELS);
  checkWhole('The factor by which tiles are enlarged', enlarged, 1, MAX_ENLARGED);
  checkSize(plan.width * enlarged, plan.height * enlarged);
  checkWhole("A tile's side", plan.side, 1, MAX_SIDE);
  checkWhole('The overlap of tiles', plan.overlap, 0, Math.floor(plan.side / 2));
}

function checkSize(width: number, height: number): void {
  const fits = (side: number) => Number.isInteger(side) && side >= 1 && side <= MAX_SIDE;
  if (fits(width) && fits(height) && width * height <= MAX_PIXELS) return;
  refuse(
    `A picture must have sides of 1 to ${MAX_SIDE} pixels and at most ${MAX_PIXELS} pixels, ` +
      `got ${width}×${height}; use a smaller one`,
  );
}

function checkPixels(pixels: number, what: string): void {
  if (Number.isInteger(pixels) && pixels >= 1 && pixels <= MAX_PIXELS) return;
  refuse(`${what} must be four for each of 1 to ${MAX_PIXELS} pixels, got ${4 * pixels}`);
}

function checkLine({ scale, offset }: Line): void {
  if (scale >= 1 / MAX_LINE && scale <= MAX_LINE && Math.abs(offset) <= MAX_LINE) return;
  refuse(
    `A line must have a scale of ${1 / MAX_LINE} to ${MAX_LINE} and an offset within ±${MAX_LINE}, ` +
      `got ${scale}·x + ${offset}`,
  );
}

function checkWhole(what: string, value: number, least: number, most: number): void {
  if (Number.isInteger(value) && value >= least && value <= most) return;
  refuse(`${what} must be a whole number of ${least} to ${most}, got ${value}`);
}

function checkLength(what: string, { length }: { length: number }, wanted: number): void {
  if (length !== wanted) refuse(`${what} must have ${wanted} elements for this size, got ${length}`);
}

function checkApart(from: ArrayBufferView, to: ArrayBufferView): void {
  const isApart =
    from.buffer !== to.buffer ||
    from.byteOffset + from.byteLength <= to.byteOffset ||
    to.byteOffset + to.byteLength <= from.byteOffset;
  if (!isApart) refuse('What an operation reads and what it writes must not share memory, and do');
}

function refuse(message: string): never {
  throw new StudioError('engine', 'argument.invalid', `${message}.`);
}
