/** Which pixel of a later picture gets the noise of which pixel of an earlier one [I8]. */
export type FlowLinks = {
  /** Per earlier pixel: the later one it went to, −1 when it left. */
  target: Int32Array;
  /** Per later pixel: how many earlier ones went to it. */
  arrivals: Int32Array;
  /** Per later pixel where none went to: the earlier one it came from, −1 when it was not in the picture. */
  origin: Int32Array;
  /** Per earlier pixel: how many later ones it is linked with. */
  degree: Int32Array;
};

/** Flows as `WarpJob` has them; one that is not finite leaves the picture. */
type Flows = { width: number; height: number; forward: Float32Array; backward: Float32Array };

/** Links the pixels of two pictures: forwards where pixels went, backwards where none came. */
export function linkPixels({ width, height, forward, backward }: Flows): FlowLinks {
  const pixels = width * height;
  const target = new Int32Array(pixels);
  const arrivals = new Int32Array(pixels);
  const origin = new Int32Array(pixels).fill(-1);
  const degree = new Int32Array(pixels);
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++, i++) {
      const to = placeOf(x, forward[i]!, width) + width * placeOf(y, forward[pixels + i]!, height);
      // NaN, from either axis, is a place outside
      target[i] = to >= 0 ? to : -1;
      if (!(to >= 0)) continue;
      arrivals[to] = arrivals[to]! + 1;
      degree[i] = 1;
    }
  }
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++, i++) {
      if (arrivals[i]! > 0) continue;
      const from = placeOf(x, backward[i]!, width) + width * placeOf(y, backward[pixels + i]!, height);
      if (!(from >= 0)) continue;
      origin[i] = from;
      degree[from] = degree[from]! + 1;
    }
  }
  return { target, arrivals, origin, degree };
}

/** Adding and taking away 1.5·2⁵² leaves the nearest whole number, halves to even, as WGSL's `round`. */
const ROUNDING = 1.5 * 2 ** 52;

/** Where a pixel is after a step along one axis, NaN when that is outside. */
function placeOf(from: number, step: number, length: number): number {
  const place = from + (step + ROUNDING - ROUNDING);
  return place >= 0 && place < length ? place : Number.NaN;
}
