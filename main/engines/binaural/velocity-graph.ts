import { Tensor } from 'onnxruntime-node';
import { openEngineModel } from '../runtime/engine-model';
import type { ModelPlaces } from '../runtime/model-catalogue';
import { contractError, graphSpec } from '../runtime/model-contract';
import { openGraph, type Graph } from '../runtime/session';
import { BinauralContractSchema, type BinauralContract } from './contract';
import { BINS } from './stft';

/** Channels of a state: left re, left im, right re, right im. */
export const PLANES = 4;

/** What one evaluation of the network is given, beside its caches. */
export type VelocityInput = {
  /** φ and the parametric render, each [4, frames, 257]. */
  sample: Float32Array;
  start: Float32Array;
  /** [frames, 4]. */
  pose: Float32Array;
  frames: number;
  time: number;
};

/** The network: velocity of the flow, and the caches that the next chunk of the same solver time takes. */
export type VelocityNetwork = {
  readonly contract: BinauralContract;
  evaluate(
    input: VelocityInput,
    caches: readonly Tensor[],
  ): Promise<{ velocity: Float32Array; caches: Tensor[] }>;
  release(): Promise<void>;
};

/**
 * Opens a model of the catalogue: hashes, contract, one proving run of a chunk.
 * @throws StudioError `model.missing`, `model.corrupt` or `model.contract`.
 */
export async function openVelocityNetwork(
  places: ModelPlaces,
  modelId: string,
  threads: number,
): Promise<VelocityNetwork> {
  const { verified, contract } = await openEngineModel('binaural', places, modelId, BinauralContractSchema);
  return loadVelocityNetwork(verified.file('velocity'), contract, threads);
}

/**
 * Loads the velocity graph and proves it against its contract.
 * @throws StudioError `model.contract`.
 */
export async function loadVelocityNetwork(
  path: string,
  contract: BinauralContract,
  threads: number,
): Promise<VelocityNetwork> {
  const spec = graphSpec(contract, 'velocity');
  const declared = spec.inputs.filter(({ name }) => name.startsWith('cache_')).length;
  if (declared !== contract.caches.length) {
    throw contractError('The contract "binaural"', `${contract.caches.length} caches`, `${declared}`);
  }
  const graph = await openGraph(path, spec, { F: contract.chunkFrames }, threads);
  return {
    contract,
    evaluate: (input, caches) => evaluate(graph, input, caches),
    release: () => graph.release(),
  };
}

async function evaluate(
  graph: Graph,
  { sample, start, pose, frames, time }: VelocityInput,
  caches: readonly Tensor[],
): Promise<{ velocity: Float32Array; caches: Tensor[] }> {
  const dims = [1, PLANES, frames, BINS];
  const feeds: Record<string, Tensor> = {
    sample: new Tensor('float32', sample, dims),
    start: new Tensor('float32', start, dims),
    pose: new Tensor('float32', pose, [1, frames, 4]),
    time: new Tensor('float32', Float32Array.of(time), [1]),
  };
  caches.forEach((cache, i) => (feeds[`cache_${i}`] = cache));
  const results = await graph.run(feeds);
  return {
    velocity: results.velocity!.data as Float32Array,
    caches: caches.map((_, i) => results[`cache_${i}_next`]!),
  };
}
