import { Tensor } from 'onnxruntime-node';
import { StudioError } from '../../../contract/errors';
import { openEngineModel } from '../runtime/engine-model';
import type { ModelPlaces } from '../runtime/model-catalogue';
import { contractError, graphSpec, resolveDims, type GraphSpec } from '../runtime/model-contract';
import { readOnnxMetadata } from '../runtime/onnx-metadata';
import { openGraph, type Graph, type Tensors } from '../runtime/session';
import { CaptionsContractSchema, readGeometry, type CaptionsContract, type Geometry } from './contract';
import { BANDS } from './features';
import { Ngram } from './ngram';
import { readTokens } from './tokens';

/** The caches of one stream, as the network gave them. */
export type Caches = Tensors;

/** What the streaming loop needs of a network. */
export type ChunkNetwork = {
  readonly geometry: Geometry;
  /** Pieces by token id; the blank has the id after the last. */
  readonly pieces: readonly string[];
  /** How likely pieces follow on each other; null when the model comes without. */
  readonly language: Ngram | null;
  /** Caches of a stream's beginning: zeros, nothing filled. */
  begin(): Caches;
  /**
   * One run: a window of features, [80][window], and the caches of the run before.
   * @returns `geometry.chunk` rows of log probabilities, and the caches for the next run.
   */
  run(window: Float32Array, caches: Caches): Promise<{ logProbabilities: Float32Array; caches: Caches }>;
};

/**
 * The step graph of the captions engine: one chunk and its caches in, scores and caches out
 * (native-models/contracts/captions.md). What it gives goes back in as it is, without a copy.
 */
export class CaptionsModel implements ChunkNetwork {
  readonly geometry: Geometry;
  readonly pieces: readonly string[];
  readonly language: Ngram | null;
  readonly #graph: Graph;
  readonly #spec: GraphSpec;
  readonly #length: Tensor;

  private constructor(
    graph: Graph,
    spec: GraphSpec,
    geometry: Geometry,
    pieces: readonly string[],
    language: Ngram | null,
  ) {
    this.#graph = graph;
    this.#spec = spec;
    this.geometry = geometry;
    this.pieces = pieces;
    this.language = language;
    this.#length = new Tensor('int64', BigInt64Array.of(BigInt(geometry.window)), [1]);
  }

  /**
   * Verifies, loads and proves a model of the catalogue.
   * @throws StudioError `model.missing`, `model.corrupt` or `model.contract`.
   */
  static async open(places: ModelPlaces, modelId: string, threads: number): Promise<CaptionsModel> {
    const schema = CaptionsContractSchema;
    const { verified, contract } = await openEngineModel('captions', places, modelId, schema);
    const files = {
      path: verified.file('model'),
      tokensPath: verified.file('tokens'),
      languagePath: verified.model.files.some(({ role }) => role === 'language')
        ? verified.file('language')
        : null,
    };
    return CaptionsModel.load(files, contract, threads);
  }

  /** The same for files that are known to be whole. */
  static async load(
    { path, tokensPath, languagePath }: { path: string; tokensPath: string; languagePath: string | null },
    contract: CaptionsContract,
    threads: number,
  ): Promise<CaptionsModel> {
    const subject = `Captions model ${path}`;
    const geometry = readGeometry(await readOnnxMetadata(path), contract, subject);
    const pieces = await readTokens(tokensPath);
    if (pieces.length !== geometry.vocabulary) {
      throw contractError(
        subject,
        `${geometry.vocabulary} tokens and a blank`,
        `${pieces.length} in ${tokensPath}`,
      );
    }
    const language = languagePath === null ? null : await Ngram.read(languagePath, pieces.length);
    const spec = graphSpec(contract, 'model');
    const graph = await openGraph(path, spec, geometry.sizes, threads, 'position').catch((cause: unknown) => {
      throw explain(cause, subject, geometry);
    });
    return new CaptionsModel(graph, spec, geometry, pieces, language);
  }

  begin(): Caches {
    const [, , channel, time, filled] = this.#spec.inputs;
    const zeros = (spec: GraphSpec['inputs'][number]) => {
      const dims = resolveDims(spec.dims, this.geometry.sizes);
      return new Tensor('float32', new Float32Array(dims.reduce((product, dim) => product * dim, 1)), dims);
    };
    return {
      [channel!.name]: zeros(channel!),
      [time!.name]: zeros(time!),
      [filled!.name]: new Tensor('int64', BigInt64Array.of(0n), [1]),
    };
  }

  async run(
    window: Float32Array,
    caches: Caches,
  ): Promise<{ logProbabilities: Float32Array; caches: Caches }> {
    const [signal, length, ...kept] = this.#spec.inputs;
    const [scores, , ...next] = this.#spec.outputs;
    const results = await this.#graph.run({
      ...caches,
      [signal!.name]: new Tensor('float32', window, [1, BANDS, this.geometry.window]),
      [length!.name]: this.#length,
    });
    return {
      logProbabilities: results[scores!.name]!.data as Float32Array,
      caches: Object.fromEntries(kept.map(({ name }, i) => [name, results[next[i]!.name]!])),
    };
  }

  async release(): Promise<void> {
    await this.#graph.release();
  }
}

/** Says what a graph that failed its proof promised: a wrong window would only lose words silently. */
function explain(cause: unknown, subject: string, { window, chunk, lookAhead }: Geometry): unknown {
  if (!(cause instanceof StudioError) || cause.code !== 'model.contract') return cause;
  const message =
    `${subject} says that it looks ${lookAhead} frames ahead, so each window of ${window} feature frames ` +
    `must give ${chunk} frames of scores; it does not fit. ${cause.message}`;
  return new StudioError('engine', 'model.contract', message, { cause });
}
