import { describe, expect, it } from 'vitest';
import { budgetMs, sizeAt, SIZE_TIERS } from './size-tiers';

describe('sizes of the animate engine', () => {
  it('[A13] are the picture’s own, then three quarters and half of it, in whole multiples', () => {
    const full = { width: 256, height: 256 };
    expect(SIZE_TIERS.map((_, tier) => sizeAt(tier, full, 32))).toEqual([
      full,
      { width: 192, height: 192 },
      { width: 128, height: 128 },
    ]);
    expect(sizeAt(1, { width: 512, height: 288 }, 32)).toEqual({ width: 384, height: 224 });
    expect(SIZE_TIERS.map(({ label }) => label)).toEqual(['256 px', '192 px', '128 px']);
  });

  it('[A13] are never larger than the picture, nor smaller than a multiple', () => {
    expect(sizeAt(2, { width: 32, height: 32 }, 32)).toEqual({ width: 32, height: 32 });
    expect(sizeAt(1, { width: 1, height: 1 }, 1)).toEqual({ width: 1, height: 1 });
  });

  it('[A13] streams share the time', () => {
    expect(budgetMs(1)).toBeCloseTo(1000 / 12);
    expect(budgetMs(2)).toBeCloseTo(500 / 12);
    expect(budgetMs(0)).toBe(budgetMs(1));
  });
});
