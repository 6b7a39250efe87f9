import { DEFAULT_BINAURAL, type BinauralSettings, type Project, type Strip } from '../../../contract/project';
import type { Place } from './place-map';

/** Half of the angle that the canvas spans before the listener, degrees. */
const HALF_WIDTH_DEG = 60;
const HALF_HEIGHT_DEG = 30;
/** Where strips are put that were never placed, in this order. */
const FIRST_AZIMUTHS_DEG = [0, 45, -45, 90, -90, 135, -135, 180];

/** Where a strip is heard: its own place, or the middle of the layer that it follows. */
export function placeOf(project: Project | null, binaural: BinauralSettings): Place {
  const layer = project?.scenes
    .flatMap((scene) => scene.layers)
    .find((one) => one.id === binaural.followLayerId);
  if (!layer) return binaural;
  const { x, y, width, height } = layer.transform;
  return {
    azimuthDeg: -clamp((x + width / 2) * 2 - 1) * HALF_WIDTH_DEG + 0,
    elevationDeg: -clamp((y + height / 2) * 2 - 1) * HALF_HEIGHT_DEG + 0,
    distanceM: binaural.distanceM,
  };
}

function clamp(value: number): number {
  return Math.min(1, Math.max(-1, value));
}

/** The place of a strip that was never placed: in front, or beside those who stand there. */
export function firstPlace(strips: readonly Strip[]): BinauralSettings {
  const taken = strips.flatMap(({ binaural }) => (binaural?.enabled ? [binaural.azimuthDeg] : []));
  const free = FIRST_AZIMUTHS_DEG.find((azimuth) => !taken.some((other) => Math.abs(other - azimuth) < 15));
  return { ...DEFAULT_BINAURAL, azimuthDeg: free ?? 0 };
}
