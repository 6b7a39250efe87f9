import type { QualityTier } from '../runtime/quality/governor';

/** Fewer noise levels than this leave no picture worth showing. */
const FEWEST = 2;
/** What a chunk costs beside its levels, in passes of the network: its clean pass, decoding, pictures between. */
const BESIDE = 3;

/** What the governor may choose between: all noise levels of a model, then fewer [G16]. */
export function levelTiers(levels: number): (QualityTier & { levels: number })[] {
  const count = Math.max(1, levels - FEWEST + 1);
  return Array.from({ length: count }, (_, i) => ({
    levels: levels - i,
    label: levels - i === 1 ? '1 step' : `${levels - i} steps`,
    cost: (levels - i + BESIDE) / (levels + BESIDE),
  }));
}
