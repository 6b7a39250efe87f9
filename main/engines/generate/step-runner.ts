import { Tensor } from 'onnxruntime-node';
import type { Graph } from '../runtime/session';
import type { ChunkMemory } from './chunk-memory';
import { pastFrames, type Shape } from './contract';
import { RunLayouts, type RunLayout } from './run-layouts';

/** Reused tensors of runs over so many frames. */
type Workspace = {
  sample: Tensor;
  sigma: Tensor;
  velocity: Tensor;
  keys: Tensor;
  values: Tensor;
};

/** The passes that the streaming algorithm is made of. Results hold until the next pass. */
export type StepPasses = {
  /** Velocity of the chunk under way at a noise level, over its memory. */
  velocity(
    sample: Float32Array,
    sigma: number,
    hidden: Float32Array,
    memory: ChunkMemory,
  ): Promise<Float32Array>;
  /** Keys and values of a clean chunk over its memory, as they are to be remembered. */
  cleanPass(latents: Float32Array, hidden: Float32Array, memory: ChunkMemory): Promise<KeysAndValues>;
  /** Keys and values of all that is remembered, in one run without memory [G7]. */
  windowPass(hidden: Float32Array, memory: ChunkMemory): Promise<KeysAndValues>;
};

/** [layers, heads, frames · tokens, depth] each; keys before rotation. */
export type KeysAndValues = { keys: Float32Array; values: Float32Array };

/**
 * Runs the step graph for any number of streams, one pass at a time. Every tensor a pass
 * needs is made once for its number of frames, inputs and results alike.
 */
export class StepRunner implements StepPasses {
  readonly #graph: Graph;
  readonly #shape: Shape;
  readonly #layouts: RunLayouts;
  readonly #workspaces = new Map<number, Workspace>();
  readonly #hidden: Tensor;
  readonly #noCache: Tensor;

  constructor(graph: Graph, shape: Shape, text: { textLength: number; textWidth: number }) {
    this.#graph = graph;
    this.#shape = shape;
    this.#layouts = new RunLayouts(shape);
    this.#hidden = zeros([1, text.textLength, text.textWidth]);
    this.#noCache = zeros([shape.layers, shape.heads, 0, shape.depth]);
  }

  /** Layouts and sets of tensors made so far: bounded, however long it runs. */
  get layouts(): number {
    return this.#layouts.size;
  }

  get workspaces(): number {
    return this.#workspaces.size;
  }

  async velocity(sample: Float32Array, sigma: number, hidden: Float32Array, memory: ChunkMemory) {
    const work = this.#workspace(this.#shape.chunk);
    (work.sample.data as Float32Array).set(sample);
    (work.sigma.data as Float32Array).fill(sigma);
    await this.#graph.run(this.#chunkFeeds(work, hidden, memory), { velocity: work.velocity });
    return work.velocity.data as Float32Array;
  }

  async cleanPass(latents: Float32Array, hidden: Float32Array, memory: ChunkMemory) {
    const work = this.#workspace(this.#shape.chunk);
    (work.sample.data as Float32Array).set(latents);
    (work.sigma.data as Float32Array).fill(0);
    return this.#keysAndValues(work, this.#chunkFeeds(work, hidden, memory));
  }

  async windowPass(hidden: Float32Array, memory: ChunkMemory) {
    const frames = memory.slots.inOrder().length * this.#shape.chunk;
    const work = this.#workspace(frames);
    memory.gatherLatents(work.sample.data as Float32Array);
    (work.sigma.data as Float32Array).fill(0);
    return this.#keysAndValues(work, this.#windowFeeds(work, hidden, frames));
  }

  /**
   * Velocities of several chunks in one masked run without memory: what cached passes must
   * agree with.
   * @param sigmas noise level of each frame
   */
  async maskedVelocity(sample: Float32Array, sigmas: readonly number[], hidden: Float32Array) {
    const work = this.#workspace(sigmas.length);
    (work.sample.data as Float32Array).set(sample);
    (work.sigma.data as Float32Array).set(sigmas);
    const feeds = this.#windowFeeds(work, hidden, sigmas.length);
    await this.#graph.run(feeds, { velocity: work.velocity });
    return work.velocity.data as Float32Array;
  }

  async #keysAndValues(work: Workspace, feeds: Record<string, Tensor>): Promise<KeysAndValues> {
    await this.#graph.run(feeds, { k_new: work.keys, v_new: work.values });
    return { keys: work.keys.data as Float32Array, values: work.values.data as Float32Array };
  }

  #chunkFeeds(work: Workspace, hidden: Float32Array, memory: ChunkMemory): Record<string, Tensor> {
    const { layers, heads, depth, tokens, chunk } = this.#shape;
    const cached = pastFrames(this.#shape) * tokens;
    const cacheDims = [layers, heads, cached, depth];
    return {
      ...this.#feeds(work, hidden, this.#layouts.chunkRun(memory.slots), chunk, cached),
      k_cache: new Tensor('float32', memory.keys, cacheDims),
      v_cache: new Tensor('float32', memory.values, cacheDims),
    };
  }

  #windowFeeds(work: Workspace, hidden: Float32Array, frames: number): Record<string, Tensor> {
    return {
      ...this.#feeds(work, hidden, this.#layouts.windowRun(frames), frames, 0),
      k_cache: this.#noCache,
      v_cache: this.#noCache,
    };
  }

  /** Tensors are only views here: none of these copies its numbers. */
  #feeds(work: Workspace, hidden: Float32Array, layout: RunLayout, frames: number, cached: number) {
    const { tokens, depth } = this.#shape;
    const queries = frames * tokens;
    const keys = cached + queries;
    (this.#hidden.data as Float32Array).set(hidden);
    return {
      sample: work.sample,
      sigma: work.sigma,
      encoder_hidden_states: this.#hidden,
      rope_q: new Tensor('float32', layout.ropeQ, [queries, depth / 2, 2]),
      rope_k: new Tensor('float32', layout.ropeK, [keys, depth / 2, 2]),
      attn_bias: new Tensor('float32', layout.bias, [queries, keys]),
    };
  }

  #workspace(frames: number): Workspace {
    const known = this.#workspaces.get(frames);
    if (known) return known;
    const { latent, layers, heads, tokens, depth } = this.#shape;
    const sampleDims = [1, frames, latent.channels, latent.rows, latent.columns];
    const keyDims = [layers, heads, frames * tokens, depth];
    const workspace = {
      sample: zeros(sampleDims),
      sigma: zeros([1, frames]),
      velocity: zeros(sampleDims),
      keys: zeros(keyDims),
      values: zeros(keyDims),
    };
    this.#workspaces.set(frames, workspace);
    return workspace;
  }
}

function zeros(dims: readonly number[]): Tensor {
  return new Tensor('float32', new Float32Array(dims.reduce((product, dim) => product * dim, 1)), dims);
}
