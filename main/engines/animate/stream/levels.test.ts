import { describe, expect, it } from 'vitest';
import { flowLevels, lcmLevels, turboLevels } from './levels';

/** Timestep, signal and noise as StreamDiffusion's scheduler has them, to four places. */
const PUBLISHED: [index: number, time: number, signal: number, noise: number][] = [
  [0, 999, 0.0683, 0.9977],
  [16, 679, 0.3098, 0.9508],
  [18, 639, 0.3548, 0.9349],
  [22, 559, 0.4513, 0.8924],
  [26, 479, 0.5524, 0.8336],
  [32, 359, 0.7011, 0.7131],
  [35, 299, 0.7695, 0.6386],
  [45, 99, 0.9463, 0.3233],
];

describe('levels', () => {
  it.each(PUBLISHED)(
    '[S1] index %i is timestep %i with the published coefficients',
    (index, time, signal, noise) => {
      const [level] = lcmLevels([index]);
      expect(level!.time).toBe(time);
      expect(level!.signal).toBeCloseTo(signal, 4);
      expect(level!.noise).toBeCloseTo(noise, 4);
    },
  );

  it('[S1] the noisiest level is 14.6146 times as noisy as it has signal', () => {
    const [level] = lcmLevels([0]);
    expect(level!.noise / level!.signal).toBeCloseTo(14.6146, 4);
  });

  it('[S1] the boundary of a consistency model is all but the estimate itself', () => {
    for (const { cSkip, cOut } of lcmLevels([0, 16, 32, 45])) {
      expect(cSkip).toBeLessThanOrEqual(2.6e-7);
      expect(cOut).toBeCloseTo(1, 6);
    }
    expect(turboLevels([35])[0]).toMatchObject({ cSkip: 0, cOut: 1 });
  });

  it('[S1] rectified flow mixes in a straight line', () => {
    expect(flowLevels([1, 0.75])).toEqual([
      { time: 1, signal: 0, noise: 1, cSkip: 0, cOut: 1 },
      { time: 0.75, signal: 0.25, noise: 0.75, cSkip: 0, cOut: 1 },
    ]);
  });

  it.each([[[]], [[3, 3]], [[5, 2]], [[50]], [[-1]], [[1.5]], [[NaN]]])(
    'refuses the timestep indices %j',
    (indices) => {
      expect(() => lcmLevels(indices)).toThrow('A timestep index must lie within its range');
    },
  );

  it.each([[[]], [[0.5, 0.7]], [[1.2]], [[0]], [[0.5, 0.5]], [[NaN]]])(
    'refuses the noise levels %j',
    (sigmas) => {
      expect(() => flowLevels(sigmas)).toThrow('A noise level must lie within its range');
    },
  );
});
