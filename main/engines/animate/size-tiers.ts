import { ENGINE_PICTURE_SIZE } from '../../../contract/engine';
import type { QualityTier } from '../runtime/quality/governor';
import type { Size } from './pipeline';

/** Pictures a second, of all streams together, for which size is given up [A13]. */
const WANTED_FPS = 12;
/** Sides of the tiers over those of the picture that came. */
const SHARES = [1, 3 / 4, 1 / 2];

/** What the governor may choose between: the networks' cost goes with the number of pixels. */
export const SIZE_TIERS: readonly QualityTier[] = SHARES.map((share) => ({
  label: `${ENGINE_PICTURE_SIZE * share} px`,
  cost: share ** 2,
}));

/** Milliseconds one picture may take where so many streams take turns. */
export function budgetMs(streams: number): number {
  return 1000 / (WANTED_FPS * Math.max(1, streams));
}

/**
 * The size a picture is worked on at a tier; its own at the first.
 * @param multiple both sides of every other are multiples of this, and at least it.
 */
export function sizeAt(tier: number, { width, height }: Size, multiple: number): Size {
  const share = SHARES[tier]!;
  const side = (full: number) =>
    share === 1 ? full : Math.min(full, multiple * Math.max(1, Math.round((share * full) / multiple)));
  return { width: side(width), height: side(height) };
}
