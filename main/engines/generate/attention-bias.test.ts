import { expect, it } from 'vitest';
import { memoryBias, windowBias } from './attention-bias';
import { smallShape } from './testing';

const shape = smallShape();

/** Frames that each frame sees, read back from a bias. */
function seen(bias: Float32Array, queries: number, keys: number): number[][] {
  const { tokens } = shape;
  return Array.from({ length: queries }, (_, q) =>
    Array.from({ length: keys }, (_, k) => k).filter((k) => {
      const block = Array.from({ length: tokens * tokens }, (_, i) => {
        const row = q * tokens + Math.floor(i / tokens);
        return bias[row * keys * tokens + k * tokens + (i % tokens)]!;
      });
      expect(new Set(block).size).toBe(1);
      return block[0] === 0;
    }),
  );
}

it('[G6] several chunks: no later chunk, the sink, and the window counted from the chunk’s end', () => {
  const rows = seen(windowBias(12, shape), 12, 12);
  expect(rows[0]).toEqual([0, 1]);
  expect(rows[1]).toEqual([0, 1]);
  expect(rows[5]).toEqual([0, 1, 2, 3, 4, 5]);
  // Chunk 4 ends before frame 10: the sink 0, 1 and the six frames 4 … 9.
  expect(rows[8]).toEqual([0, 1, 4, 5, 6, 7, 8, 9]);
  expect(rows[11]).toEqual([0, 1, 6, 7, 8, 9, 10, 11]);
});

it('[G6] a chunk sees the filled slots of its memory and all of itself', () => {
  const rows = seen(memoryBias([true, false, true], shape), 2, 8);
  expect(rows).toEqual([
    [0, 1, 4, 5, 6, 7],
    [0, 1, 4, 5, 6, 7],
  ]);
});
