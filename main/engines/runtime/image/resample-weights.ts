import { Lru } from '../lru';

/** Ways to make one pixel of several; both take in every pixel when a picture shrinks. */
export const FILTERS = ['area', 'bilinear'] as const;
export type FilterName = (typeof FILTERS)[number];

/** Weights are whole numbers of this sum: sums of bytes stay below 2^31, and are the same on every machine. */
export const WEIGHT_BITS = 22;
const ONE = 1 << WEIGHT_BITS;

/** What each pixel along one axis of a resized picture is made of. */
export type AxisWeights = {
  /** First source pixel of each. */
  first: Int32Array;
  /** How many source pixels each is made of, at most `taps`. */
  count: Int32Array;
  taps: number;
  /** Each one's weights, `taps` places for each; they sum to 2^22. */
  weights: Int32Array;
};

/**
 * Weights along one axis [I4]. `area`: the share of each source pixel that a target pixel
 * covers. `bilinear`: a triangle around the target pixel's middle, as wide as two pixels of
 * the coarser of both pictures. Kept, and shared: nobody writes into them.
 */
export function resampleWeights(from: number, to: number, filter: FilterName): AxisWeights {
  const key = `${from} to ${to} by ${filter}`;
  const axis = kept.get(key) ?? makeWeights(from, to, filter);
  kept.set(key, axis);
  return axis;
}

const KEPT_AXES = 16;
const kept = new Lru<string, AxisWeights>(KEPT_AXES);

function makeWeights(from: number, to: number, filter: FilterName): AxisWeights {
  const ratio = from / to;
  const reach = filter === 'area' ? ratio / 2 : Math.max(1, ratio);
  const taps = Math.min(from, Math.ceil(2 * reach) + 1);
  const first = new Int32Array(to);
  const count = new Int32Array(to);
  const weights = new Int32Array(to * taps);
  for (let target = 0; target < to; target++) {
    const middle = (target + 0.5) * ratio;
    const begin = Math.max(0, Math.floor(middle - reach));
    const end = Math.min(from, Math.ceil(middle + reach), begin + taps);
    const shares: number[] = [];
    for (let pixel = begin; pixel < end; pixel++) shares.push(share(filter, pixel, middle, reach));
    const whole = wholeWeights(shares);
    const head = whole.findIndex((weight) => weight !== 0);
    const tight = whole.slice(head, whole.findLastIndex((weight) => weight !== 0) + 1);
    first[target] = begin + head;
    count[target] = tight.length;
    weights.set(tight, target * taps);
  }
  return { first, count, taps, weights };
}

function share(filter: FilterName, pixel: number, middle: number, reach: number): number {
  if (filter === 'bilinear') return Math.max(0, 1 - Math.abs(pixel + 0.5 - middle) / reach);
  return Math.max(0, Math.min(pixel + 1, middle + reach) - Math.max(pixel, middle - reach));
}

/** Shares as whole numbers of the sum 2^22; the largest takes what rounding left. */
function wholeWeights(shares: readonly number[]): number[] {
  const sum = shares.reduce((total, value) => total + value, 0);
  const whole = shares.map((value) => Math.round((ONE * value) / sum));
  const largest = whole.indexOf(Math.max(...whole));
  whole[largest] = whole[largest]! + ONE - whole.reduce((total, value) => total + value, 0);
  return whole;
}
