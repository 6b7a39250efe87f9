import { graphSpec } from '../runtime/model-contract';
import { Lru } from '../runtime/lru';
import type { Graph } from '../runtime/session';
import { RowBatch } from '../runtime/session/row-batch';
import type { AnimateContract } from './contract';
import type { Row, RunRows } from './stream/stream-batch';

/** Batches of so many sizes and row counts keep their memory. */
const KEPT_BATCHES = 12;

/** Width and height in pixels. */
export type Size = { width: number; height: number };

/** What the network is told of a frame beside its sample and level. */
export type Conditions = {
  size: Size;
  /** Latent of the source picture. */
  condition: Float32Array;
  strength: number;
  /** The prompt's hidden states, and those of what is not to be seen. */
  hidden: Float32Array;
  against: Float32Array;
};

/**
 * The velocity network as the stream batch runs it: rows of one size go through it together, in
 * memory that is kept for their number.
 */
export class AnimateNetwork {
  readonly #graph: Graph;
  readonly #contract: AnimateContract;
  readonly #batches = new Lru<string, RowBatch>(KEPT_BATCHES);

  constructor(graph: Graph, contract: AnimateContract) {
    this.#graph = graph;
    this.#contract = contract;
  }

  readonly run: RunRows<Conditions> = async (rows) => {
    const outputs: Float32Array[] = [];
    const sizes = new Map<string, number[]>();
    for (const [i, { tag }] of rows.entries()) {
      const key = `${tag.size.width}x${tag.size.height}`;
      const places = sizes.get(key);
      if (places) places.push(i);
      else sizes.set(key, [i]);
    }
    for (const places of sizes.values()) {
      const group = places.map((place) => rows[place]!);
      const batch = await this.#runGroup(group);
      for (const [row, place] of places.entries())
        outputs[place] = batch.output('velocity', row) as Float32Array;
    }
    return outputs;
  };

  async #runGroup(rows: readonly Row<Conditions>[]): Promise<RowBatch> {
    const batch = this.#batch(rows[0]!.tag.size, rows.length);
    for (const [i, { tag, sample, level, negative }] of rows.entries()) {
      const fed = (name: string) => batch.input(name, i) as Float32Array;
      fed('sample').set(sample);
      fed('sigma')[0] = level.time;
      fed('condition').set(tag.condition);
      fed('strength')[0] = tag.strength;
      fed('encoder_hidden_states').set(negative ? tag.against : tag.hidden);
    }
    await batch.run(this.#graph);
    return batch;
  }

  #batch({ width, height }: Size, rows: number): RowBatch {
    const key = `${rows}:${width}x${height}`;
    const known = this.#batches.get(key);
    if (known) return known;
    const { codecFactor } = this.#contract;
    const sizes = { h: height / codecFactor, w: width / codecFactor, H: height, W: width };
    const batch = new RowBatch(graphSpec(this.#contract, 'unet'), 'B', rows, sizes);
    this.#batches.set(key, batch);
    return batch;
  }
}
