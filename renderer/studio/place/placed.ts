import type { LiveState } from '../../../contract/live';
import { DEFAULT_BINAURAL, type BinauralSettings, type Strip } from '../../../contract/project';
import { poseOf } from '../../sound/binaural/pose';
import type { Place } from './place-map';

/** Where strips are put that were never placed, in this order. */
const FIRST_AZIMUTHS_DEG = [0, 45, -45, 90, -90, 135, -135, 180];

/** Where a strip is heard, as the sound graph has it; one that is not placed would stand in front. */
export function placeOf(strip: Strip, state: LiveState | null): Place {
  return (state && poseOf(strip, state)) ?? strip.binaural ?? DEFAULT_BINAURAL;
}

/** The place of a strip that was never placed: in front, or beside those who stand there. */
export function firstPlace(strips: readonly Strip[]): BinauralSettings {
  const taken = strips.flatMap(({ binaural }) => (binaural?.enabled ? [binaural.azimuthDeg] : []));
  const free = FIRST_AZIMUTHS_DEG.find((azimuth) => !taken.some((other) => Math.abs(other - azimuth) < 15));
  return { ...DEFAULT_BINAURAL, azimuthDeg: free ?? 0 };
}
