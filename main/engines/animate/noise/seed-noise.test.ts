import { describe, expect, it } from 'vitest';
import { fillNormals } from '../../runtime/philox';
import { SeedNoise, towardsSeed, type SeedShare } from './seed-noise';

const LENGTH = 20_000;

function spread(values: Float32Array): { mean: number; variance: number } {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return { mean, variance: values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length };
}

describe('SeedNoise', () => {
  it('[A6] is the Philox stream of its seed, kept and not made again', () => {
    const noises = new SeedNoise();
    const expected = new Float32Array(64);
    fillNormals({ low: 9, high: 0 }, 0, expected);
    expect(noises.of(9, 64)).toEqual(expected);
    expect(noises.of(9, 64)).toBe(noises.of(9, 64));
    expect(noises.mixed([{ seed: 9, amount: 1 }], 64)).toBe(noises.of(9, 64));
  });

  it('[S9] on the way from seed to seed it stays N(0, 1), and begins and ends at the seeds', () => {
    const noises = new SeedNoise();
    const first: SeedShare[] = [{ seed: 1, amount: 1 }];
    for (const weight of [0, 0.25, 0.5, 0.75, 1]) {
      const { mean, variance } = spread(noises.mixed(towardsSeed(first, 2, weight), LENGTH));
      expect(Math.abs(mean)).toBeLessThan(0.03);
      expect(Math.abs(variance - 1)).toBeLessThan(0.03);
    }
    expect(towardsSeed(first, 2, 0)).toEqual(first);
    expect(towardsSeed(first, 2, 1)).toEqual([{ seed: 2, amount: 1 }]);
  });

  it('[S9] a way that is left over and over keeps few seeds, and its variance', () => {
    let shares: SeedShare[] = [{ seed: 0, amount: 1 }];
    for (let seed = 1; seed < 40; seed++) shares = towardsSeed(shares, seed, 0.3);
    expect(shares.length).toBeLessThanOrEqual(8);
    expect(Math.hypot(...shares.map(({ amount }) => amount))).toBeCloseTo(1, 9);
    expect(towardsSeed(shares, shares[0]!.seed, 0.5)).toHaveLength(shares.length);
  });
});
