import type { ImageJobs, ImageOp } from '../../main/engines/runtime/image/image-ops';
import { planTiles, tileCount } from '../../main/engines/runtime/image/tile-plan';
import { i420Bytes } from '../../main/engines/runtime/image/yuv';

/** An operation at one size; `id` begins the names of its figures. */
export type ImageCase<Op extends ImageOp = ImageOp> = { id: string; op: Op; job: ImageJobs[Op] };

const HD = { width: 1280, height: 720 };
const TILE = 256;
const OVERLAP = 32;
const TO_VALUES = { scale: 1 / 127.5, offset: -1 };
const TO_BYTES = { scale: 127.5, offset: 127.5 };

/** What the engines do beside a network, at their sizes. */
export function imageCases(): ImageCase[] {
  return [
    ...[256, 512].flatMap((side) => packing(`${side}`, side * side)),
    ...packing('Hd', HD.width * HD.height),
    resizing('resizeHdTo256', HD, { width: 256, height: 256 }, 'area'),
    resizing('resize256ToHd', { width: 256, height: 256 }, HD, 'bilinear'),
    ...colour(),
    ...tiling(),
    warping('warpLatent64', 64, 4),
    warping('warp256', 256, 4),
  ];
}

function packing(label: string, pixels: number): ImageCase[] {
  const rgba = bytes(4 * pixels);
  const planar = values(3 * pixels);
  return [
    {
      id: `unpack${label}`,
      op: 'unpack',
      job: { rgba, line: TO_VALUES, out: new Float32Array(3 * pixels) },
    },
    {
      id: `pack${label}`,
      op: 'pack',
      job: { planar, line: TO_BYTES, out: new Uint8ClampedArray(4 * pixels) },
    },
  ];
}

type Size = { width: number; height: number };

function resizing(id: string, from: Size, to: Size, filter: 'area' | 'bilinear'): ImageCase {
  const source = { ...from, rgba: bytes(4 * from.width * from.height) };
  return {
    id,
    op: 'resize',
    job: { source, ...to, filter, out: new Uint8Array(4 * to.width * to.height) },
  };
}

function colour(): ImageCase[] {
  const source = { ...HD, rgba: bytes(4 * HD.width * HD.height) };
  const yuv = bytes(i420Bytes(HD.width, HD.height));
  return [
    { id: 'toYuvHd', op: 'toYuv', job: { source, planes: 'i420', out: new Uint8Array(yuv.length) } },
    { id: 'fromYuvHd', op: 'fromYuv', job: { yuv, ...HD, out: new Uint8Array(source.rgba.length) } },
  ];
}

/** A picture of 512² upscaled ×2 in tiles. */
function tiling(): ImageCase[] {
  const plan = planTiles(512, 512, TILE, OVERLAP);
  const shape = { channels: 3, plan };
  const tiles = 3 * tileCount(plan) * TILE ** 2;
  const planes = 3 * 512 ** 2;
  return [
    {
      id: 'cutTiles512',
      op: 'cutTiles',
      job: { ...shape, planes: values(planes), out: new Float32Array(tiles) },
    },
    {
      id: 'joinTiles1024',
      op: 'joinTiles',
      job: { ...shape, tiles: values(4 * tiles), enlarged: 2, out: new Float32Array(4 * planes) },
    },
  ];
}

/** A slow zoom. */
function warping(id: string, side: number, channels: number): ImageCase {
  const pixels = side * side;
  const zoom = (share: number) =>
    Float32Array.from({ length: 2 * pixels }, (_, i) => {
      const place = i < pixels ? i % side : Math.floor((i - pixels) / side);
      return share * (place - side / 2);
    });
  const field = values((channels + 1) * pixels).fill(1, channels * pixels);
  const flows = { forward: zoom(0.03), backward: zoom(-0.03) };
  const size = { width: side, height: side, channels };
  const job = {
    ...size,
    field,
    ...flows,
    seed: { low: 1, high: 0 },
    frame: 0,
    out: new Float32Array(field.length),
  };
  return { id, op: 'warpNoise', job };
}

function bytes(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => Math.imul(i, 2_654_435_761) >>> 24);
}

function values(length: number): Float32Array {
  return Float32Array.from(bytes(length), (byte) => byte / 100 - 1.27);
}
