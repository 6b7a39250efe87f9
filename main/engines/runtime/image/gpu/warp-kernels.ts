import type { WarpJob } from '../image-ops';
import { normalTable } from '../normal-table';
import { LEAST_DENSITY, MOST_DENSITY, NOISE_OF_EARLIER, NOISE_OF_LATER } from '../warp-noise';
import { given, result, type Program } from './program';
import { makeKernel } from './wgsl';

/**
 * `links` holds seven numbers a pixel, each kind in a row; pixels are numbered from 1, 0 is none.
 * For a later pixel: the last that came to it (ARRIVAL), and its origin where none came; for an
 * earlier one: the last that it is the origin of (CHILD), where it went, and how many links it
 * has. NEXT_ARRIVAL and NEXT_CHILD make lists of them.
 */
const LAYOUT = `
const ARRIVAL = 0u;
const NEXT_ARRIVAL = 1u;
const CHILD = 2u;
const NEXT_CHILD = 3u;
const TARGET = 4u;
const ORIGIN = 5u;
const DEGREE = 6u;
fn pixels() -> u32 { return shape[0] * shape[1]; }`;
const KINDS = 7;

/** Where a pixel is after a step of the flow, by number, 0 when outside; steps beyond ±2^14 and NaN are. */
const PLACE = `${LAYOUT}
fn along(start: u32, bits: u32, length: u32) -> i32 {
  if ((bits & 0x7fffffffu) >= 0x46800000u) { return -1; }
  let place = i32(start) + i32(round(bitcast<f32>(bits)));
  return select(-1, place, place < i32(length));
}
fn placeOf(i: u32) -> u32 {
  let x = along(i % shape[0], flow[i], shape[0]);
  let y = along(i / shape[0], flow[pixels() + i], shape[1]);
  return select(0u, u32(y) * shape[0] + u32(x) + 1u, x >= 0 && y >= 0);
}`;

const LINK_BINDINGS = ['shape: array<u32>', 'flow: array<u32>', 'shared links: array<atomic<u32>>'];

/** A thread an earlier pixel: where it goes. */
const LINK_FORWARD = makeKernel({
  bindings: LINK_BINDINGS,
  functions: PLACE,
  count: 'pixels()',
  body: `
  let to = placeOf(i);
  if (to == 0u) { return; }
  atomicStore(&links[TARGET * pixels() + i], to);
  atomicStore(&links[DEGREE * pixels() + i], 1u);
  let other = atomicExchange(&links[ARRIVAL * pixels() + to - 1u], i + 1u);
  atomicStore(&links[NEXT_ARRIVAL * pixels() + i], other);`,
});

/** A thread a later pixel: where it comes from, if none went to it. */
const LINK_BACKWARD = makeKernel({
  bindings: LINK_BINDINGS,
  functions: PLACE,
  count: 'pixels()',
  body: `
  if (atomicLoad(&links[ARRIVAL * pixels() + i]) != 0u) { return; }
  let origin = placeOf(i);
  if (origin == 0u) { return; }
  atomicStore(&links[ORIGIN * pixels() + i], origin);
  atomicAdd(&links[DEGREE * pixels() + origin - 1u], 1u);
  let other = atomicExchange(&links[CHILD * pixels() + origin - 1u], i + 1u);
  atomicStore(&links[NEXT_CHILD * pixels() + i], other);`,
});

/** Philox 4×32-10 (../philox.ts) and the table of normals; products of u32 by halves, for WGSL has no u64. */
const NORMALS = `${LAYOUT}
fn high(a: u32, b: u32) -> u32 {
  let low = (a & 0xffffu) * (b & 0xffffu);
  let middle = (a >> 16u) * (b & 0xffffu) + (low >> 16u);
  let cross = (a & 0xffffu) * (b >> 16u) + (middle & 0xffffu);
  return (a >> 16u) * (b >> 16u) + (middle >> 16u) + (cross >> 16u);
}
fn normalOf(pixel: u32, whose: u32, channel: u32) -> f32 {
  var words = vec4u(pixel, shape[5], channel / 4u, whose);
  var key = vec2u(shape[3], shape[4]);
  for (var turn = 0; turn < 10; turn++) {
    words = vec4u(
      high(0xcd9e8d57u, words.z) ^ words.y ^ key.x, 0xcd9e8d57u * words.z,
      high(0xd2511f53u, words.x) ^ words.w ^ key.y, 0xd2511f53u * words.x);
    key += vec2u(0x9e3779b9u, 0xbb67ae85u);
  }
  return normals[words[channel % 4u] >> 16u];
}
fn linkOf(kind: u32, i: u32) -> u32 { return links[kind * pixels() + i]; }`;

/** A thread a value of an earlier pixel: the mean of the new noise of its links. */
const SPLIT = makeKernel({
  bindings: ['shape: array<u32>', 'links: array<u32>', 'normals: array<f32>', 'out means: array<f32>'],
  functions: NORMALS,
  count: 'arrayLength(&means)',
  body: `
  let channel = i / pixels();
  let pixel = i % pixels();
  let degree = linkOf(DEGREE, pixel);
  if (degree < 2u) { return; }
  var sum = 0.0;
  if (linkOf(TARGET, pixel) != 0u) { sum += normalOf(pixel, ${NOISE_OF_EARLIER}u, channel); }
  var child = linkOf(CHILD, pixel);
  while (child != 0u) {
    sum += normalOf(child - 1u, ${NOISE_OF_LATER}u, channel);
    child = linkOf(NEXT_CHILD, child - 1u);
  }
  means[i] = sum / f32(degree);`,
});

/** A thread a value of a later pixel, or its density. */
const GATHER = makeKernel({
  bindings: [
    ...['shape: array<u32>', 'links: array<u32>', 'normals: array<f32>'],
    ...['means: array<f32>', 'field: array<f32>', 'out warped: array<f32>'],
  ],
  functions: `${NORMALS}
fn part(source: u32, pixel: u32, whose: u32, channel: u32) -> f32 {
  let at = channel * pixels() + source;
  let degree = linkOf(DEGREE, source);
  if (degree == 1u) { return field[at]; }
  let d = f32(degree);
  return field[at] / d + (normalOf(pixel, whose, channel) - means[at]) / sqrt(d);
}
fn alphaOf(source: u32) -> f32 {
  return field[shape[2] * pixels() + source] / f32(linkOf(DEGREE, source));
}
fn densityOf(pixel: u32) -> f32 {
  var arrival = linkOf(ARRIVAL, pixel);
  let origin = linkOf(ORIGIN, pixel);
  if (arrival == 0u) { if (origin == 0u) { return 1.0; } return alphaOf(origin - 1u); }
  var density = 0.0;
  while (arrival != 0u) {
    density += alphaOf(arrival - 1u);
    arrival = linkOf(NEXT_ARRIVAL, arrival - 1u);
  }
  return density;
}
fn ownNoise(pixel: u32, origin: u32, channel: u32) -> f32 {
  if (origin == 0u) { return normalOf(pixel, ${NOISE_OF_LATER}u, channel); }
  let d = f32(linkOf(DEGREE, origin - 1u));
  return part(origin - 1u, pixel, ${NOISE_OF_LATER}u, channel) * sqrt(d);
}
fn mixOf(first: u32, channel: u32) -> f32 {
  var sum = 0.0;
  var variance = 0.0;
  var arrival = first;
  while (arrival != 0u) {
    let source = arrival - 1u;
    let alpha = alphaOf(source);
    sum += alpha * part(source, source, ${NOISE_OF_EARLIER}u, channel);
    variance += alpha * alpha / f32(linkOf(DEGREE, source));
    arrival = linkOf(NEXT_ARRIVAL, source);
  }
  return sum / sqrt(variance);
}`,
  count: 'arrayLength(&warped)',
  body: `
  let channel = i / pixels();
  let pixel = i % pixels();
  if (channel == shape[2]) {
    warped[i] = clamp(densityOf(pixel), ${LEAST_DENSITY}, f32(${MOST_DENSITY}));
    return;
  }
  let arrival = linkOf(ARRIVAL, pixel);
  if (arrival == 0u) { warped[i] = ownNoise(pixel, linkOf(ORIGIN, pixel), channel); return; }
  if (linkOf(NEXT_ARRIVAL, arrival - 1u) != 0u) { warped[i] = mixOf(arrival, channel); return; }
  let d = f32(linkOf(DEGREE, arrival - 1u));
  warped[i] = part(arrival - 1u, arrival - 1u, ${NOISE_OF_EARLIER}u, channel) * sqrt(d);`,
});

/** The program of `warpNoise` [I8]. */
export function warpNoiseProgram(job: WarpJob): Program {
  const { width, height, channels, seed, frame } = job;
  const pixels = width * height;
  const values = channels * pixels;
  const slots = {
    shape: given(Uint32Array.of(width, height, channels, seed.low, seed.high, frame)),
    forward: given(job.forward),
    backward: given(job.backward),
    links: { bytes: 4 * KINDS * pixels, zeroed: true },
    normals: given(normalTable()),
    means: { bytes: 4 * values },
    field: given(job.field),
    warped: result(job.out),
  } as const;
  const passes = [
    { kernel: LINK_FORWARD, slots: ['shape', 'forward', 'links'], threads: pixels },
    { kernel: LINK_BACKWARD, slots: ['shape', 'backward', 'links'], threads: pixels },
    { kernel: SPLIT, slots: ['shape', 'links', 'normals', 'means'], threads: values },
    {
      kernel: GATHER,
      slots: ['shape', 'links', 'normals', 'means', 'field', 'warped'],
      threads: values + pixels,
    },
  ];
  return { slots, passes };
}
