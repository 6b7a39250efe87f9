import { memoryBias, windowBias } from './attention-bias';
import type { ChunkSlots } from './chunk-slots';
import type { Shape } from './contract';
import { ropeTable } from './rope';

/** Positions and visibility of one run. */
export type RunLayout = {
  /** [queries, depth / 2, 2] */
  ropeQ: Float32Array;
  /** [keys, depth / 2, 2] */
  ropeK: Float32Array;
  /** [queries, keys] */
  bias: Float32Array;
};

/**
 * The layouts of every run there can be, each made once [G5]: positions are relative to the
 * visible window, so that there are only as many as the window has orders, in show's first
 * minute as in its last.
 */
export class RunLayouts {
  readonly #shape: Shape;
  readonly #chunkRuns = new Map<number, RunLayout>();
  readonly #windowRuns = new Map<number, RunLayout>();

  constructor(shape: Shape) {
    this.#shape = shape;
  }

  /** Layouts made so far. */
  get size(): number {
    return this.#chunkRuns.size + this.#windowRuns.size;
  }

  /** Of a chunk over its memory: the first visible frame is 0, the chunk comes last. */
  chunkRun(slots: ChunkSlots): RunLayout {
    const known = this.#chunkRuns.get(slots.orderKey);
    if (known) return known;
    const { chunk } = this.#shape;
    const order = slots.inOrder();
    const filled = Array.from({ length: slots.capacity }, () => false);
    const firstFrames = Array.from({ length: slots.capacity }, () => 0);
    order.forEach((slot, i) => {
      filled[slot] = true;
      firstFrames[slot] = i * chunk;
    });
    const own = count(chunk, order.length * chunk);
    const positions = firstFrames.flatMap((first) => count(chunk, first)).concat(own);
    const layout = {
      ropeQ: ropeTable(own, this.#shape),
      ropeK: ropeTable(positions, this.#shape),
      bias: memoryBias(filled, this.#shape),
    };
    this.#chunkRuns.set(slots.orderKey, layout);
    return layout;
  }

  /** Of several chunks in one run without memory. */
  windowRun(frames: number): RunLayout {
    const known = this.#windowRuns.get(frames);
    if (known) return known;
    const rope = ropeTable(count(frames, 0), this.#shape);
    const layout = { ropeQ: rope, ropeK: rope, bias: windowBias(frames, this.#shape) };
    this.#windowRuns.set(frames, layout);
    return layout;
  }
}

function count(length: number, first: number): number[] {
  return Array.from({ length }, (_, i) => first + i);
}
