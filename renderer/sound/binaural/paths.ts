import { SAMPLE_RATE } from '../schedule';
import { earDelayFrames, shadowAlpha, shadowB0, shadowB1, SPEED_MS } from './head';
import type { Position, Room } from './room';

/** The direct path and the images in the six walls. */
export const PATHS = 7;
/** No path is earlier than this, so that interpolation never needs a sample of the future. */
const BASE_DELAY_FRAMES = 2;
/** Nearer than this nothing gets louder, m. */
const NEAREST_M = 0.2;
const LEAST_M = 1e-9;

/** Of each path and ear (index 2 × path + ear; ear 0 is left): delay in samples, and both coefficients. */
export class PathValues {
  readonly delay = new Float64Array(2 * PATHS);
  readonly b0 = new Float64Array(2 * PATHS);
  readonly b1 = new Float64Array(2 * PATHS);

  /** Takes another's values. */
  copy(other: PathValues): void {
    this.delay.set(other.delay);
    this.b0.set(other.b0);
    this.b1.set(other.b1);
  }
}

/** What a wall gives back of a sound's pressure: √(1 − absorption), in the room's order of walls. */
export function reflectionsOf(room: Room): Float64Array {
  return Float64Array.from(room.absorption, (absorption) => Math.sqrt(1 - absorption));
}

/**
 * Values of every path for a source inside the room [B2]–[B4]. Delays are counted from the
 * direct path's arrival at the head: the way from source to head is left out.
 */
export function tracePaths(room: Room, reflections: Float64Array, position: Position, out: PathValues): void {
  const x = position[0]!;
  const y = position[1]!;
  const z = position[2]!;
  const directM = Math.hypot(x, y, z);
  setPath(out, 0, x, y, z, directM, 1);
  for (let axis = 0; axis < 3; axis++) {
    const corner = position[axis]! + room.listener[axis]!;
    for (let far = 0; far < 2; far++) {
      const mirrored = (far === 0 ? -corner : 2 * room.size[axis]! - corner) - room.listener[axis]!;
      const path = 1 + 2 * axis + far;
      const gain = reflections[2 * axis + far]!;
      setPath(
        out,
        path,
        axis === 0 ? mirrored : x,
        axis === 1 ? mirrored : y,
        axis === 2 ? mirrored : z,
        directM,
        gain,
      );
    }
  }
}

function setPath(
  out: PathValues,
  path: number,
  x: number,
  y: number,
  z: number,
  directM: number,
  wall: number,
): void {
  const farM = Math.hypot(x, y, z);
  const side = y / Math.max(farM, LEAST_M);
  const gain = wall / Math.max(farM, NEAREST_M);
  const later = BASE_DELAY_FRAMES + (SAMPLE_RATE * (farM - directM)) / SPEED_MS;
  for (let ear = 0; ear < 2; ear++) {
    const cosine = ear === 0 ? side : -side;
    const theta = Math.acos(Math.min(Math.max(cosine, -1), 1));
    const alpha = shadowAlpha(theta);
    const at = 2 * path + ear;
    out.delay[at] = later + earDelayFrames(theta);
    out.b0[at] = gain * shadowB0(alpha);
    out.b1[at] = gain * shadowB1(alpha);
  }
}
