import { InferenceSession, type Tensor } from 'onnxruntime-node';
import type { RunningProvider } from '../../../../contract/engine';
import type { Declared } from '../model-contract';

/** What a graph is fed with, and what it gives, by tensor name. */
export type Tensors = Readonly<Record<string, Tensor>>;

/** A graph that a runtime has loaded, as itself declares its tensors. */
export type Session = {
  readonly inputs: readonly Declared[];
  readonly outputs: readonly Declared[];
  /** `fetches`: names of the outputs wanted, or tensors that they are written into. */
  run(feeds: Tensors, fetches: readonly string[] | Tensors): Promise<Tensors>;
  release(): Promise<void>;
};

/**
 * Loads a graph on a provider; rejects when the provider cannot be had, or the graph not be read.
 * `device` is one of several graphics cards, numbered as the provider does.
 */
export type OpenSession = (
  model: string | Uint8Array,
  provider: RunningProvider,
  threads: number,
  device?: number,
) => Promise<Session>;

/** Providers that run on one of several graphics cards; the others have the system's choice. */
const NUMBERED: readonly RunningProvider[] = ['cuda', 'dml'];

/** What the runtime is told to run on. */
export function executionProvider(
  provider: RunningProvider,
  device?: number,
): InferenceSession.ExecutionProviderConfig {
  if (device === undefined || !NUMBERED.includes(provider)) return provider;
  return { name: provider, deviceId: device };
}

/**
 * ONNX Runtime's sessions. Threads do not spin while they wait: that starves a machine which
 * also draws and encodes, and halves the speed of two engines beside each other.
 */
export const openOnnxSession: OpenSession = async (model, provider, threads, device) => {
  const options: InferenceSession.SessionOptions = {
    executionProviders: [executionProvider(provider, device)],
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    executionMode: 'sequential',
    graphOptimizationLevel: 'all',
    logSeverityLevel: 3,
    extra: { session: { intra_op: { allow_spinning: '0' }, inter_op: { allow_spinning: '0' } } },
  };
  const session = await (typeof model === 'string'
    ? InferenceSession.create(model, options)
    : InferenceSession.create(model, options));
  return {
    inputs: session.inputMetadata.map(declared),
    outputs: session.outputMetadata.map(declared),
    run: async (feeds, fetches) => await session.run(feeds, fetches as string[] | Tensors),
    release: () => session.release(),
  };
};

function declared(metadata: InferenceSession.ValueMetadata): Declared {
  if (!metadata.isTensor) return { name: metadata.name, type: 'not a tensor', dims: [] };
  return { name: metadata.name, type: metadata.type, dims: metadata.shape };
}
