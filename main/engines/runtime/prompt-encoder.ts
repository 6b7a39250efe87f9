import { Tensor } from 'onnxruntime-node';
import { Lru } from './lru';
import type { GraphSpec, Sizes } from './model-contract';
import type { Graph } from './session';
import { zeroFeeds } from './session/graph';
import { sessionRuntime } from './session/runtime';
import { openSideGraph } from './session/side-graph';
import type { StageTimes } from './timing';

const KEPT_PROMPTS = 64;
/** An encoder that takes longer than this for one prompt runs beside the loop. */
const SIDE_FROM_MS = 8;

/**
 * Embeddings of prompts, each worked out once per token sequence and kept, least recently
 * used, 64 of them (StreamDiffusion §3.5, pre-computed caches) [A4]. A large encoder works in a
 * thread of its own, so that no picture waits for it.
 */
export class PromptEncoder {
  readonly #graph: Graph;
  readonly #times: StageTimes;
  /** Whether it works beside the loop that asks. */
  readonly beside: boolean;
  readonly #known = new Lru<string, Tensor>(KEPT_PROMPTS);
  readonly #coming = new Map<string, Promise<Tensor>>();

  /** `graph`: `input_ids` int64 [1, length] → `hidden` float32 [1, length, width]. */
  constructor(graph: Graph, times: StageTimes, beside = false) {
    this.#graph = graph;
    this.#times = times;
    this.beside = beside;
  }

  /**
   * Times an opened graph, and has it run beside the loop where it is slow and runs on the
   * processor; then the one given is released.
   * @param path the graph's file; `spec` and `sizes` as it was opened with.
   */
  static async over(
    graph: Graph,
    opening: { path: string; spec: GraphSpec; sizes: Sizes },
    times: StageTimes,
  ): Promise<PromptEncoder> {
    const { provider, remote, trial, sideEntry = null } = sessionRuntime();
    if (provider !== 'cpu' || remote || trial || sideEntry === null) return new PromptEncoder(graph, times);
    const startMs = performance.now();
    await graph.run(zeroFeeds(opening.spec, opening.sizes));
    if (performance.now() - startMs <= SIDE_FROM_MS) return new PromptEncoder(graph, times);
    await graph.release();
    return new PromptEncoder(await openSideGraph(sideEntry, opening), times, true);
  }

  /** Begins to work out an embedding; null when it is at hand, or is worked out when asked for. */
  prepare(ids: readonly number[]): Promise<unknown> | null {
    if (!this.beside || this.#known.get(ids.join())) return null;
    return this.embed(ids);
  }

  /** The embedding `hidden` of token ids; shared, not to be changed. */
  async embed(ids: readonly number[]): Promise<Tensor> {
    const key = ids.join();
    const known = this.#known.get(key);
    if (known) return known;
    let coming = this.#coming.get(key);
    if (!coming) {
      coming = this.#encode(ids, key).finally(() => this.#coming.delete(key));
      this.#coming.set(key, coming);
    }
    return coming;
  }

  /** Frees the graph. */
  async release(): Promise<void> {
    await this.#graph.release();
  }

  async #encode(ids: readonly number[], key: string): Promise<Tensor> {
    const start = this.#times.now();
    const input = new Tensor('int64', BigInt64Array.from(ids, BigInt), [1, ids.length]);
    const { hidden } = await this.#graph.run({ input_ids: input });
    this.#known.set(key, hidden!);
    this.#times.since('prompt', start);
    return hidden!;
  }
}
