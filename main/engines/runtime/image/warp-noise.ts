import { philoxRounds } from '../philox';
import { linkPixels, type FlowLinks } from './flow-links';
import type { WarpJob } from './image-ops';
import { normalTable } from './normal-table';

/** Density stays within these: it only weighs pixels against each other, and must not run out of range. */
export const LEAST_DENSITY = 2 ** -20;
export const MOST_DENSITY = 2 ** 20;

/** Whose new noise it is: an earlier pixel's for the place it went to, or a later pixel's own [I9]. */
export const NOISE_OF_EARLIER = 0;
export const NOISE_OF_LATER = 1;

/**
 * Moves a field of noise with a flow so that every pixel stays N(0, 1) and independent of its
 * neighbours (after Go-with-the-Flow, Burgert et al., arXiv 2501.08331, §3.2; re-derived) [I8]:
 * a pixel that d later ones come from is split, X_k = q/d + (Z_k − Z̄)/√d, of variance 1/d each
 * and uncorrelated; a pixel that several go to is Σ αX / √(Σ α²/d), α = density/d. Where d is 1
 * and no other comes, noise is copied bit for bit.
 */
export function warpNoise(job: WarpJob): void {
  const links = linkPixels(job);
  const { mixing, density } = warpDensity(job, links);
  const fresh = freshNoise(job, links);
  const pixels = job.width * job.height;
  const sums = new Float32Array(pixels);
  for (let channel = 0; channel < job.channels; channel++) {
    const plane = (values: Float32Array) => values.subarray(channel * pixels, (channel + 1) * pixels);
    const planes = { earlier: plane(fresh.earlier), later: plane(fresh.later) };
    sumNoise(links, planes, sums);
    const parts = { field: plane(job.field), sums, degree: links.degree };
    const out = plane(job.out);
    copyNoise(links, planes, parts, out);
    mixNoise(links, planes, parts, mixing, density, out);
  }
}

type Fresh = { earlier: Float32Array; later: Float32Array };

/** New normals for the links of pixels that have several, and for pixels that have none. */
function freshNoise(job: WarpJob, { target, arrivals, origin, degree }: FlowLinks): Fresh {
  const { channels } = job;
  const pixels = job.width * job.height;
  const earlier = new Float32Array(channels * pixels);
  const later = new Float32Array(channels * pixels);
  const draw = makeDraw(job, pixels);
  for (let i = 0; i < pixels; i++) {
    if (degree[i]! > 1 && target[i]! >= 0) draw(i, NOISE_OF_EARLIER, earlier);
    if (arrivals[i] === 0 && (origin[i]! < 0 || degree[origin[i]!]! > 1)) draw(i, NOISE_OF_LATER, later);
  }
  return { earlier, later };
}

/** Draws the normals of a pixel: the counter is (pixel, frame, group of four channels, whose) [I9]. */
function makeDraw({ channels, seed, frame }: WarpJob, pixels: number) {
  const table = normalTable();
  const words = new Uint32Array(4);
  return (pixel: number, whose: number, out: Float32Array): void => {
    for (let channel = 0; channel < channels; channel++) {
      if (channel % 4 === 0) {
        words[0] = pixel;
        words[1] = frame;
        words[2] = channel >> 2;
        words[3] = whose;
        philoxRounds(words, seed.low, seed.high);
      }
      out[channel * pixels + pixel] = table[words[channel % 4]! >>> 16]!;
    }
  };
}

/** Per earlier pixel with several links: the sum of their new noise. */
function sumNoise({ target, origin, degree }: FlowLinks, fresh: Fresh, sums: Float32Array): void {
  for (let i = 0; i < sums.length; i++) {
    sums[i] = degree[i]! > 1 && target[i]! >= 0 ? fresh.earlier[i]! : 0;
  }
  for (let i = 0; i < sums.length; i++) {
    const from = origin[i]!;
    if (from >= 0 && degree[from]! > 1) sums[from] = sums[from]! + fresh.later[i]!;
  }
}

type Parts = { field: Float32Array; sums: Float32Array; degree: Int32Array };

/** X·√d of a link from a pixel, with the new noise z that is the link's own. */
function partOf({ field, sums, degree }: Parts, from: number, z: number): number {
  const d = degree[from]!;
  return d === 1 ? field[from]! : field[from]! / Math.sqrt(d) + z - sums[from]! / d;
}

/** Later pixels with one link or none: Σ αX / √(Σ α²/d) is X·√d there, whatever α is. */
function copyNoise(
  { target, arrivals, origin }: FlowLinks,
  fresh: Fresh,
  parts: Parts,
  out: Float32Array,
): void {
  for (let i = 0; i < out.length; i++) {
    const to = target[i]!;
    if (to >= 0 && arrivals[to] === 1) out[to] = partOf(parts, i, fresh.earlier[i]!);
    if (arrivals[i]! > 0) continue;
    const from = origin[i]!;
    const z = fresh.later[i]!;
    out[i] = from < 0 ? z : partOf(parts, from, z);
  }
}

/** Later pixels that several went to; `mixing` are these earlier ones, in order. */
function mixNoise(
  { target, degree }: FlowLinks,
  fresh: Fresh,
  parts: Parts,
  mixing: readonly number[],
  { given, variance }: Densities,
  out: Float32Array,
): void {
  for (const i of mixing) out[target[i]!] = 0;
  for (const i of mixing) {
    const to = target[i]!;
    const alpha = given[i]! / degree[i]!;
    const weight = alpha / Math.sqrt(degree[i]! * variance[to]!);
    out[to] = out[to]! + weight * partOf(parts, i, fresh.earlier[i]!);
  }
}

/** The density of earlier pixels, and Σ α²/d of later ones. */
type Densities = { given: Float32Array; variance: Float32Array };

/** Writes the density of every later pixel; finds the earlier ones that share a later one. */
function warpDensity(
  { width, height, channels, field, out }: WarpJob,
  { target, arrivals, origin, degree }: FlowLinks,
): { mixing: number[]; density: Densities } {
  const pixels = width * height;
  const given = field.subarray(channels * pixels);
  const density = out.subarray(channels * pixels).fill(0);
  const variance = new Float32Array(pixels);
  const mixing: number[] = [];
  for (let i = 0; i < pixels; i++) {
    const to = target[i]!;
    if (to < 0) continue;
    const alpha = given[i]! / degree[i]!;
    density[to] = density[to]! + alpha;
    variance[to] = variance[to]! + (alpha * alpha) / degree[i]!;
    if (arrivals[to]! > 1) mixing.push(i);
  }
  for (let i = 0; i < pixels; i++) {
    const from = origin[i]!;
    const own = from >= 0 ? given[from]! / degree[from]! : 1;
    density[i] = Math.min(MOST_DENSITY, Math.max(LEAST_DENSITY, arrivals[i]! > 0 ? density[i]! : own));
  }
  return { mixing, density: { given, variance } };
}
