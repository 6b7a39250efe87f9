import fc from 'fast-check';
import { expect, it } from 'vitest';
import { ropeTable } from './rope';
import { smallShape } from './testing';

const shape = smallShape();

it('[G5] turns each axis by its own position and base, in the contract’s order', () => {
  const table = ropeTable([3], shape);
  const frame = 3;
  const cells = [0, 1].flatMap((column) => [
    Math.cos(frame),
    Math.sin(frame),
    Math.cos(column),
    Math.sin(column),
  ]);
  expect([...table]).toEqual([...Float32Array.from(cells)]);
});

it('[G5] later pairs of an axis turn more slowly by base^(−j/n)', () => {
  const slow = smallShape({ depth: 8, rope: { axes: [{ axis: 'frame', pairs: 4, base: 16 }] } });
  const table = ropeTable([1], slow);
  const angles = [0, 1, 2, 3].map((j) => Math.atan2(table[2 * j + 1]!, table[2 * j]!));
  [1, 0.5, 0.25, 0.125].forEach((angle, j) => expect(angles[j]).toBeCloseTo(angle, 6));
});

/** Turns the pairs of a vector as the step graph does. */
function rotate(vector: readonly number[], turns: Float32Array): number[] {
  return vector.map((_, i) => {
    const pair = i - (i % 2);
    const [x0, x1] = [vector[pair]!, vector[pair + 1]!];
    const [cos, sin] = [turns[pair]!, turns[pair + 1]!];
    return i % 2 === 0 ? x0 * cos - x1 * sin : x0 * sin + x1 * cos;
  });
}

it('[G5] the score of a rotated query and key hangs on their distance alone', () => {
  const number = fc.double({ min: -1, max: 1, noNaN: true });
  const vector = fc.array(number, { minLength: 4, maxLength: 4 });
  fc.assert(
    fc.property(vector, vector, fc.nat(11), fc.nat(11), fc.nat(500), (query, key, q, k, shift) => {
      const score = (from: number) => {
        const tables = [q + from, k + from].map((frame) => ropeTable([frame], shape).subarray(0, 4));
        const [a, b] = [rotate(query, tables[0]!), rotate(key, tables[1]!)];
        return a.reduce((sum, value, i) => sum + value * b[i]!, 0);
      };
      expect(score(shift)).toBeCloseTo(score(0), 3);
    }),
  );
});
