import { expect, it } from 'vitest';
import { normalTable } from './normal-table';

/** Φ of a few places, from the tables of Abramowitz and Stegun (26.1). */
const KNOWN = [
  [0.5, 0.69146246],
  [1, 0.84134475],
  [2, 0.97724987],
  [3, 0.9986501],
  [4, 0.99996833],
] as const;

it('[I9] so much of the table lies below z as of a normal', () => {
  const table = normalTable();
  for (const [z, chance] of KNOWN) {
    const below = table.filter((value) => value <= z).length / table.length;
    expect(Math.abs(below - chance)).toBeLessThan(2 ** -16);
  }
});

it('[I9] the table rises, is symmetric, and has variance 1 and the kurtosis of a normal', () => {
  const table = normalTable();
  let isOrdered = true;
  let squares = 0;
  let fourths = 0;
  for (let i = 0; i < table.length; i++) {
    const z = table[i]!;
    isOrdered &&= (i === 0 || z > table[i - 1]!) && z === -table[table.length - 1 - i]!;
    squares += z ** 2 / table.length;
    fourths += z ** 4 / table.length;
  }
  expect(isOrdered).toBe(true);
  expect(squares).toBeCloseTo(1, 6);
  expect(Math.abs(fourths - 3)).toBeLessThan(0.005);
});
