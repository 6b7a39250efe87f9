import { Lru } from '../../lru';
import type { Line, PackJob, UnpackJob } from '../image-ops';
import { byteLevels, byteThresholds } from '../packing';
import { given, result, type Program } from './program';
import { makeKernel } from './wgsl';

/** A thread a pixel: each byte's value is looked up, so that both backends give the same float. */
const UNPACK = makeKernel({
  bindings: ['rgba: array<u32>', 'levels: array<f32>', 'out planar: array<f32>'],
  count: 'arrayLength(&rgba)',
  body: `
  let pixels = arrayLength(&rgba);
  let pixel = rgba[i];
  planar[i] = levels[pixel & 255u];
  planar[pixels + i] = levels[(pixel >> 8u) & 255u];
  planar[2u * pixels + i] = levels[(pixel >> 16u) & 255u];`,
});

/**
 * A thread a pixel. A shader may take it that no value is NaN or infinite, so these are
 * told by their bits and never become floats. The byte is guessed by the line, which may be
 * off by one, and set right by the thresholds.
 */
const PACK = makeKernel({
  bindings: [
    'planar: array<u32>',
    'thresholds: array<f32>',
    'line: array<f32>',
    'out rgba: array<u32>',
    'shared broken: array<atomic<u32>>',
  ],
  count: 'arrayLength(&rgba)',
  functions: `
fn isBroken(bits: u32) -> bool { return (bits & 0x7f800000u) == 0x7f800000u; }
fn byteOf(bits: u32) -> u32 {
  if (isBroken(bits)) { return select(0u, 255u, bits == 0x7f800000u); }
  let value = bitcast<f32>(bits);
  if (value < thresholds[1]) { return 0u; }
  if (value >= thresholds[255]) { return 255u; }
  let guess = u32(clamp(round(value * line[0] + line[1]), 1.0, 254.0));
  if (value < thresholds[guess]) { return guess - 1u; }
  return select(guess, guess + 1u, value >= thresholds[guess + 1u]);
}`,
  body: `
  let pixels = arrayLength(&rgba);
  let red = planar[i];
  let green = planar[pixels + i];
  let blue = planar[2u * pixels + i];
  if (isBroken(red) || isBroken(green) || isBroken(blue)) { atomicAdd(&broken[0], 1u); }
  rgba[i] = byteOf(red) | (byteOf(green) << 8u) | (byteOf(blue) << 16u) | 0xff000000u;`,
});

/** The program of `unpack` [I2]. */
export function unpackProgram({ rgba, line, out }: UnpackJob): Program {
  return {
    slots: { rgba: given(rgba), levels: given(byteLevels(line)), planar: result(out) },
    passes: [{ kernel: UNPACK, slots: ['rgba', 'levels', 'planar'], threads: rgba.length / 4 }],
  };
}

/** The program of `pack` [I3]; `broken` gets the count of pixels that are not finite. */
export function packProgram({ planar, line, out }: PackJob, broken: Uint32Array): Program {
  const slots = {
    planar: given(planar),
    thresholds: given(thresholdsOf(line)),
    line: given(Float32Array.of(line.scale, line.offset)),
    rgba: result(out),
    broken: { ...result(broken), zeroed: true },
  } as const;
  return { slots, passes: [{ kernel: PACK, slots: Object.keys(slots), threads: out.length / 4 }] };
}

const KEPT_LINES = 8;
const thresholds = new Lru<string, Float32Array>(KEPT_LINES);

function thresholdsOf(line: Line): Float32Array {
  const key = `${line.scale}·x + ${line.offset}`;
  const known = thresholds.get(key) ?? byteThresholds(line);
  thresholds.set(key, known);
  return known;
}
