import { Tensor } from 'onnxruntime-node';
import { Lru } from './lru';
import type { Graph } from './session';
import type { StageTimes } from './timing';

const KEPT_PROMPTS = 64;

/**
 * Embeddings of prompts, each worked out once per token sequence and kept, least recently
 * used, 64 of them (StreamDiffusion §3.5, pre-computed caches) [A4].
 */
export class PromptEncoder {
  readonly #graph: Graph;
  readonly #times: StageTimes;
  readonly #known = new Lru<string, Tensor>(KEPT_PROMPTS);

  /** `graph`: `input_ids` int64 [1, length] → `hidden` float32 [1, length, width]. */
  constructor(graph: Graph, times: StageTimes) {
    this.#graph = graph;
    this.#times = times;
  }

  /** The embedding `hidden` of token ids; shared, not to be changed. */
  async embed(ids: readonly number[]): Promise<Tensor> {
    const key = ids.join();
    const known = this.#known.get(key);
    if (known) return known;
    const start = this.#times.now();
    const input = new Tensor('int64', BigInt64Array.from(ids, BigInt), [1, ids.length]);
    const { hidden } = await this.#graph.run({ input_ids: input });
    this.#known.set(key, hidden!);
    this.#times.since('prompt', start);
    return hidden!;
  }
}
