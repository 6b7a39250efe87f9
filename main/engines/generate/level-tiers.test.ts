import { describe, expect, it } from 'vitest';
import { levelTiers } from './level-tiers';
import { someLevels } from './sampling';

describe('noise levels of the generate engine', () => {
  const sigmas = [1, 0.9375, 0.8333, 0.625];

  it('[G16] are all of the model’s, then fewer, down to two', () => {
    const tiers = levelTiers(4);
    expect(tiers.map(({ levels, label }) => [levels, label])).toEqual([
      [4, '4 steps'],
      [3, '3 steps'],
      [2, '2 steps'],
    ]);
    expect(tiers.map(({ cost }) => cost)).toEqual([1, 6 / 7, 5 / 7]);
    expect(levelTiers(1)).toEqual([{ levels: 1, label: '1 step', cost: 1 }]);
  });

  it('[G16] begin with pure noise and are taken evenly', () => {
    expect(levelTiers(4).map(({ levels }) => someLevels(sigmas, levels))).toEqual([
      sigmas,
      [1, 0.9375, 0.8333],
      [1, 0.8333],
    ]);
    expect(someLevels(sigmas, Infinity)).toBe(sigmas);
  });
});
