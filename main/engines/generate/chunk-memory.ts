import { ChunkSlots } from './chunk-slots';
import { latentSize, pastFrames, type Shape } from './contract';

/**
 * What a stream remembers of its past, in memory that is made once and never moved [G4]:
 * un-rotated keys and values [layers, heads, slots · chunk · tokens, depth] and the clean
 * latents [slots][chunk, channels, rows, columns] they were made of.
 */
export class ChunkMemory {
  readonly slots: ChunkSlots;
  readonly keys: Float32Array;
  readonly values: Float32Array;
  /** Numbers of one chunk's latents. */
  readonly chunkLatents: number;
  readonly #latents: Float32Array;
  readonly #planes: number;
  /** Numbers of one chunk's keys within a layer's head. */
  readonly #piece: number;

  constructor(shape: Shape) {
    const { chunk, sink, layers, heads, tokens, depth } = shape;
    this.slots = new ChunkSlots(sink / chunk, (pastFrames(shape) - sink) / chunk);
    this.#planes = layers * heads;
    this.#piece = chunk * tokens * depth;
    this.chunkLatents = chunk * latentSize(shape);
    const { capacity } = this.slots;
    this.keys = new Float32Array(this.#planes * capacity * this.#piece);
    this.values = new Float32Array(this.keys.length);
    this.#latents = new Float32Array(capacity * this.chunkLatents);
  }

  /** Bytes it holds, the same for its whole life. */
  get bytes(): number {
    return this.keys.byteLength + this.values.byteLength + this.#latents.byteLength;
  }

  /** Remembers a finished chunk; the one that loses its slot is gone. */
  push(latents: Float32Array, newKeys: Float32Array, newValues: Float32Array): void {
    const slot = this.slots.next;
    this.#latents.set(latents, slot * this.chunkLatents);
    this.#write(slot, newKeys, newValues, 0, 1);
    this.slots.push();
  }

  /** The remembered clean latents in order of time, written into `out`. */
  gatherLatents(out: Float32Array): void {
    const size = this.chunkLatents;
    this.slots.inOrder().forEach((slot, i) => {
      out.set(this.#latents.subarray(slot * size, (slot + 1) * size), i * size);
    });
  }

  /** Zeros every key and value; slots and latents stay. */
  eraseKeys(): void {
    this.keys.fill(0);
    this.values.fill(0);
  }

  /** Writes the keys and values of all remembered chunks, which come in order of time [G7]. */
  rewriteKeys(newKeys: Float32Array, newValues: Float32Array): void {
    const order = this.slots.inOrder();
    order.forEach((slot, i) => this.#write(slot, newKeys, newValues, i, order.length));
  }

  /** Forgets everything. */
  clear(): void {
    this.slots.clear();
    this.eraseKeys();
    this.#latents.fill(0);
  }

  /** `from`: which of the `chunks` chunks in the new keys. */
  #write(slot: number, newKeys: Float32Array, newValues: Float32Array, from: number, chunks: number): void {
    const piece = this.#piece;
    const { capacity } = this.slots;
    for (let plane = 0; plane < this.#planes; plane++) {
      const source = (plane * chunks + from) * piece;
      const target = (plane * capacity + slot) * piece;
      this.keys.set(newKeys.subarray(source, source + piece), target);
      this.values.set(newValues.subarray(source, source + piece), target);
    }
  }
}
