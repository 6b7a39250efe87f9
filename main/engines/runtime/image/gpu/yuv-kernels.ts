import type { FromYuvJob, ToYuvJob } from '../image-ops';
import { BT709 } from '../yuv';
import { given, numbers, result, type Program } from './program';
import { makeKernel } from './wgsl';

const { y, u, v, luma, redOfV, greenOfU, greenOfV, blueOfU } = BT709;
const weigh = ([red, green, blue]: readonly [number, number, number]): string =>
  `${red} * color.x + ${green} * color.y + ${blue} * color.z`;

/**
 * A thread four bytes of Y, Cb and Cr in a row; `shape`: width, height of the picture and
 * how many bytes are wanted.
 */
const TO_YUV = makeKernel({
  bindings: ['rgba: array<u32>', 'shape: array<u32>', 'out yuv: array<u32>'],
  count: 'arrayLength(&yuv)',
  functions: `
fn colorAt(x: u32, y: u32) -> vec3i {
  let pixel = rgba[min(y, shape[1] - 1u) * shape[0] + min(x, shape[0] - 1u)];
  return vec3i(vec3u(pixel, pixel >> 8u, pixel >> 16u) & vec3u(255u));
}
fn byteAt(n: u32) -> u32 {
  let pixels = shape[0] * shape[1];
  if (n >= shape[2]) { return 0u; }
  if (n < pixels) {
    let color = colorAt(n % shape[0], n / shape[0]);
    return u32((${weigh(y)} + ${(16 << 16) + 32_768}) >> 16u);
  }
  let columns = (shape[0] + 1u) / 2u;
  let samples = columns * ((shape[1] + 1u) / 2u);
  let sample = (n - pixels) % samples;
  let x = 2u * (sample % columns);
  let y = 2u * (sample / columns);
  let color = colorAt(x, y) + colorAt(x + 1u, y) + colorAt(x, y + 1u) + colorAt(x + 1u, y + 1u);
  let chroma = select(${weigh(v)}, ${weigh(u)}, n < pixels + samples);
  return u32((chroma + ${4 * ((128 << 16) + 32_768)}) >> 18u);
}`,
  body: `
  let at = 4u * i;
  yuv[i] = byteAt(at) | (byteAt(at + 1u) << 8u) | (byteAt(at + 2u) << 16u) | (byteAt(at + 3u) << 24u);`,
});

/** A thread a pixel; `shape`: width and height. */
const FROM_YUV = makeKernel({
  bindings: ['yuv: array<u32>', 'shape: array<u32>', 'out rgba: array<u32>'],
  count: 'arrayLength(&rgba)',
  functions: `
fn byteAt(n: u32) -> i32 { return i32((yuv[n / 4u] >> (8u * (n % 4u))) & 255u); }
fn clamped(value: i32) -> u32 { return u32(clamp(value >> 16u, 0, 255)); }`,
  body: `
  let columns = (shape[0] + 1u) / 2u;
  let pixels = shape[0] * shape[1];
  let sample = pixels + (i / shape[0] / 2u) * columns + (i % shape[0]) / 2u;
  let luma = ${luma} * (byteAt(i) - 16) + 32768;
  let u = byteAt(sample) - 128;
  let v = byteAt(sample + columns * ((shape[1] + 1u) / 2u)) - 128;
  let red = clamped(luma + ${redOfV} * v);
  let green = clamped(luma + (${greenOfU}) * u + (${greenOfV}) * v);
  let blue = clamped(luma + ${blueOfU} * u);
  rgba[i] = red | (green << 8u) | (blue << 16u) | 0xff000000u;`,
});

/** The program of `toYuv` [I5]. */
export function toYuvProgram({ source, out }: ToYuvJob): Program {
  return {
    slots: {
      rgba: given(source.rgba),
      shape: numbers(source.width, source.height, out.length),
      yuv: result(out),
    },
    passes: [{ kernel: TO_YUV, slots: ['rgba', 'shape', 'yuv'], threads: Math.ceil(out.length / 4) }],
  };
}

/** The program of `fromYuv` [I5]. */
export function fromYuvProgram({ yuv, width, height, out }: FromYuvJob): Program {
  return {
    slots: { yuv: given(yuv), shape: numbers(width, height), rgba: result(out) },
    passes: [{ kernel: FROM_YUV, slots: ['yuv', 'shape', 'rgba'], threads: width * height }],
  };
}
