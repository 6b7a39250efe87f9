import { expect, it } from 'vitest';
import { ChunkMemory } from './chunk-memory';
import { smallShape } from './testing';

const shape = smallShape();
const { layers, heads, chunk, tokens, depth } = shape;
const PIECE = chunk * tokens * depth;
const PLANES = layers * heads;
/** Keys of so many chunks of which each number says plane and chunk. */
const keysOf = (...chunks: number[]) =>
  Float32Array.from({ length: PLANES * chunks.length * PIECE }, (_, i) => {
    const plane = Math.floor(i / (chunks.length * PIECE));
    return 1000 * plane + chunks[Math.floor(i / PIECE) % chunks.length]!;
  });
const latentsOf = (memory: ChunkMemory, value: number) => new Float32Array(memory.chunkLatents).fill(value);

/** What each slot of each plane holds. */
function held(keys: Float32Array): number[][] {
  const slots = keys.length / PLANES / PIECE;
  return Array.from({ length: PLANES }, (_, plane) =>
    Array.from({ length: slots }, (_, slot) => {
      const at = (plane * slots + slot) * PIECE;
      const piece = keys.subarray(at, at + PIECE);
      expect(new Set(piece).size).toBe(1);
      return piece[0]!;
    }),
  );
}

function filled(): ChunkMemory {
  const memory = new ChunkMemory(shape);
  for (let c = 1; c <= 5; c++) memory.push(latentsOf(memory, c), keysOf(c), keysOf(-c));
  return memory;
}

it('[G4] keeps the sink and the newest chunks in their slots, in every layer and head', () => {
  const memory = filled();
  // One sink slot, two others that take turns.
  expect(held(memory.keys)).toEqual([
    [1, 4, 5],
    [1001, 1004, 1005],
  ]);
  expect(held(memory.values)[0]).toEqual([-1, -4, -5]);
  const latents = new Float32Array(3 * memory.chunkLatents);
  memory.push(latentsOf(memory, 6), keysOf(6), keysOf(-6));
  memory.gatherLatents(latents);
  expect([0, 1, 2].map((i) => latents[i * memory.chunkLatents])).toEqual([1, 5, 6]);
  expect(held(memory.keys)[0]).toEqual([1, 6, 5]);
});

it('[G7] keys written anew go to the slots of their chunks', () => {
  const memory = filled();
  memory.push(latentsOf(memory, 6), keysOf(6), keysOf(-6));
  memory.eraseKeys();
  expect(memory.keys.every((value) => value === 0) && memory.values.every((value) => value === 0)).toBe(true);
  memory.rewriteKeys(keysOf(11, 15, 16), keysOf(-11, -15, -16));
  expect(held(memory.keys)).toEqual([
    [11, 16, 15],
    [1011, 1016, 1015],
  ]);
});

it('[G4] holds the same bytes for ever', () => {
  const memory = new ChunkMemory(shape);
  const { bytes, keys, values } = memory;
  for (let c = 0; c < 4000; c++) memory.push(latentsOf(memory, c), keysOf(c), keysOf(c));
  expect(memory.bytes).toBe(bytes);
  expect(memory.keys).toBe(keys);
  expect(memory.values).toBe(values);
  memory.clear();
  expect(memory.keys.every((value) => value === 0)).toBe(true);
  expect(memory.slots.made).toBe(0);
});
