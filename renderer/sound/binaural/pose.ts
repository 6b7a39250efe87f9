import type { LiveState } from '../../../contract/live';
import type { BinauralSettings, Layer, Strip } from '../../../contract/project';
import type { Pose } from './parametric-render';

/** Half of the angle that the canvas spans, degrees. */
const HALF_WIDTH_DEG = 60;
const HALF_HEIGHT_DEG = 30;
/** A layer of this size (√(width × height) of the programme) is as far as the strip's own distance. */
const USUAL_SIZE = 0.5;
const NEAREST_M = 0.3;
const FARTHEST_M = 20;

/**
 * Where a strip is heard [B7]: its own place, or that of the layer it follows. Right on the canvas
 * is right in the ear (azimuth −60°), up is up (+30°), and half the size is twice as far. Null
 * when the strip is not placed.
 */
export function poseOf(strip: Strip, state: LiveState): Pose | null {
  const { binaural } = strip;
  if (!binaural?.enabled) return null;
  const layer = followed(binaural, state);
  if (layer) return poseOfLayer(layer, binaural);
  const { azimuthDeg, elevationDeg, distanceM, room } = binaural;
  return { azimuthDeg, elevationDeg, distanceM, room };
}

/** Whether the neural engine refines a strip: it wants it, and the engine runs or will. */
export function usesNetwork(strip: Strip, state: LiveState): boolean {
  const { binaural } = strip;
  if (!binaural?.enabled || !binaural.network || !state.strips[strip.id]?.binaural) return false;
  const { state: engine } = state.engines.binaural;
  return engine !== 'failed' && engine !== 'stopped';
}

function followed({ followLayerId }: BinauralSettings, state: LiveState): Layer | null {
  if (followLayerId === null) return null;
  for (const scene of state.project.scenes) {
    const layer = scene.layers.find((entry) => entry.id === followLayerId);
    if (layer) return layer;
  }
  return null;
}

function poseOfLayer({ transform }: Layer, { distanceM, room }: BinauralSettings): Pose {
  const { x, y, width, height } = transform;
  const right = within(x + width / 2 - 0.5, 0.5) * 2;
  const down = within(y + height / 2 - 0.5, 0.5) * 2;
  const size = Math.sqrt(width * height);
  return {
    // + 0: the middle is 0, not −0.
    azimuthDeg: -right * HALF_WIDTH_DEG + 0,
    elevationDeg: -down * HALF_HEIGHT_DEG + 0,
    distanceM: Math.min(Math.max((distanceM * USUAL_SIZE) / size, NEAREST_M), FARTHEST_M),
    room,
  };
}

function within(value: number, most: number): number {
  return Math.min(Math.max(value, -most), most);
}
