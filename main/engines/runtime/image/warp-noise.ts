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
  const fresh = freshNoise(job, links);
  const pixels = job.width * job.height;
  const parts = splitNoise(job, links, fresh, pixels);
  gatherNoise(job, links, fresh, parts, pixels);
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

/** What every link carries, at the pixel whose new noise it uses. */
function splitNoise(job: WarpJob, links: FlowLinks, fresh: Fresh, pixels: number): Fresh {
  const { channels, field } = job;
  const { target, arrivals, origin, degree } = links;
  const earlier = new Float32Array(channels * pixels);
  const later = new Float32Array(channels * pixels);
  const sums = new Float32Array(pixels);
  for (let channel = 0; channel < channels; channel++) {
    const plane = channel * pixels;
    sums.fill(0);
    for (let i = 0; i < pixels; i++) {
      if (target[i]! >= 0) sums[i] = sums[i]! + fresh.earlier[plane + i]!;
      const from = origin[i]!;
      if (from >= 0) sums[from] = sums[from]! + fresh.later[plane + i]!;
    }
    const part = (from: number, z: number): number => {
      const d = degree[from]!;
      const q = field[plane + from]!;
      return d === 1 ? q : q / d + (z - sums[from]! / d) / Math.sqrt(d);
    };
    for (let i = 0; i < pixels; i++) {
      if (target[i]! >= 0) earlier[plane + i] = part(i, fresh.earlier[plane + i]!);
      if (arrivals[i] === 0 && origin[i]! >= 0) later[plane + i] = part(origin[i]!, fresh.later[plane + i]!);
    }
  }
  return { earlier, later };
}

function gatherNoise(
  { channels, field, out }: WarpJob,
  { target, arrivals, origin, degree }: FlowLinks,
  fresh: Fresh,
  parts: Fresh,
  pixels: number,
): void {
  const densities = channels * pixels;
  const variance = new Float32Array(pixels);
  out.fill(0);
  for (let i = 0; i < pixels; i++) {
    const to = target[i]!;
    if (to < 0) continue;
    const d = degree[i]!;
    const alpha = field[densities + i]! / d;
    // A pixel alone needs no weight, and is not rounded by one.
    const weight = arrivals[to] === 1 ? Math.sqrt(d) : alpha;
    for (let at = 0; at < densities; at += pixels) {
      out[at + to] = out[at + to]! + weight * parts.earlier[at + i]!;
    }
    variance[to] = variance[to]! + (alpha * alpha) / d;
    out[densities + to] = out[densities + to]! + alpha;
  }
  for (let i = 0; i < pixels; i++) {
    const from = origin[i]!;
    const isNew = arrivals[i] === 0;
    const d = from >= 0 ? degree[from]! : 1;
    for (let at = 0; at < densities; at += pixels) {
      if (arrivals[i]! > 1) out[at + i] = out[at + i]! / Math.sqrt(variance[i]!);
      else if (isNew) out[at + i] = from >= 0 ? parts.later[at + i]! * Math.sqrt(d) : fresh.later[at + i]!;
    }
    const density = isNew ? (from >= 0 ? field[densities + from]! / d : 1) : out[densities + i]!;
    out[densities + i] = Math.min(MOST_DENSITY, Math.max(LEAST_DENSITY, density));
  }
}
