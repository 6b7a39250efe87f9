import type { ResizeJob } from '../image-ops';
import { resampleWeights, WEIGHT_BITS, type AxisWeights } from '../resample-weights';
import { given, numbers, result, type Pass, type Program, type Slot } from './program';
import { makeKernel } from './wgsl';

/**
 * A thread a pixel of a picture resized along one axis. `shape`: width of the target,
 * width of the source, taps, and 1 for along rows or 0 for along columns.
 */
const RESIZE = makeKernel({
  bindings: [
    'source: array<u32>',
    'shape: array<u32>',
    'first: array<u32>',
    'count: array<u32>',
    'weights: array<i32>',
    'out resized: array<u32>',
  ],
  count: 'arrayLength(&resized)',
  body: `
  let x = i % shape[0];
  let y = i / shape[0];
  let alongRows = shape[3] == 1u;
  let place = select(y, x, alongRows);
  let step = select(shape[1], 1u, alongRows);
  var at = select(x, y * shape[1], alongRows) + first[place] * step;
  var sums = vec4i(${1 << (WEIGHT_BITS - 1)});
  for (var tap = 0u; tap < count[place]; tap++) {
    let pixel = source[at];
    let weight = weights[place * shape[2] + tap];
    sums += weight * vec4i(vec4u(pixel, pixel >> 8u, pixel >> 16u, pixel >> 24u) & vec4u(255u));
    at += step;
  }
  let bytes = vec4u(sums >> vec4u(${WEIGHT_BITS}u));
  resized[i] = bytes.x | (bytes.y << 8u) | (bytes.z << 16u) | (bytes.w << 24u);`,
});

/** The program of `resize` [I4]: along rows, then along columns. */
export function resizeProgram({ source, width, height, filter, out }: ResizeJob): Program {
  const columns = resampleWeights(source.width, width, filter);
  const rows = resampleWeights(source.height, height, filter);
  const narrowedBytes = 4 * width * source.height;
  return {
    slots: {
      source: given(source.rgba),
      ...axisSlots('columns', columns, numbers(width, source.width, columns.taps, 1)),
      narrowed: { bytes: narrowedBytes },
      ...axisSlots('rows', rows, numbers(width, width, rows.taps, 0)),
      resized: result(out),
    },
    passes: [
      axisPass('columns', 'source', 'narrowed', narrowedBytes),
      axisPass('rows', 'narrowed', 'resized', out.byteLength),
    ],
  };
}

function axisSlots(name: string, axis: AxisWeights, shape: Slot): Record<string, Slot> {
  return {
    [`${name}.shape`]: shape,
    [`${name}.first`]: given(axis.first),
    [`${name}.count`]: given(axis.count),
    [`${name}.weights`]: given(axis.weights),
  };
}

function axisPass(name: string, from: string, to: string, bytes: number): Pass {
  const own = ['shape', 'first', 'count', 'weights'].map((part) => `${name}.${part}`);
  return { kernel: RESIZE, slots: [from, ...own, to], threads: bytes / 4 };
}
