import { InferenceSession, Tensor } from 'onnxruntime-node';
import { StudioError } from '../../../contract/errors';
import {
  checkDeclared,
  contractError,
  resolveDims,
  type Declared,
  type GraphSpec,
  type Sizes,
  type TensorSpec,
} from './model-contract';

/** What a graph is fed with, and what it gives, by tensor name. */
export type Tensors = Readonly<Record<string, Tensor>>;

/** One loaded graph. `run` blocks this process's event loop for the whole inference. */
export type Graph = {
  /**
   * Answers with every output of the contract. With `into` only the outputs it names are
   * worked out, and they are written into its tensors: no memory is taken for results.
   */
  run(feeds: Tensors, into?: Tensors): Promise<Tensors>;
  release(): Promise<void>;
};

/** The execution provider that graphs run on. */
export const PROVIDER = 'cpu';

/** How a graph's tensors are known: by the contract's names, or by their places in its lists alone. */
export type Binding = 'name' | 'position';

/**
 * Loads a graph and proves it against its contract: declared names, types and dims, then
 * one run on zeros whose results must have the promised shapes (it is also the warm-up).
 * Bound by position, the graph's own names do not matter; `run` speaks the contract's.
 * @param sizes what the contract's symbols stand for in that run.
 * @param threads threads within one operator; they do not spin while they wait, for
 * spinning threads starve a machine that also draws and encodes.
 * @throws StudioError `model.contract`.
 */
export async function openGraph(
  path: string,
  spec: GraphSpec,
  sizes: Sizes,
  threads: number,
  binding: Binding = 'name',
): Promise<Graph> {
  const session = await createSession(path, threads);
  try {
    const subject = `Graph "${spec.role}" (${path})`;
    const inputs = session.inputMetadata.map(declared);
    const outputs = session.outputMetadata.map(declared);
    const as = binding === 'name' ? (found: Declared[]) => found : renamed;
    checkDeclared(`The inputs of ${subject}`, spec.inputs, as(inputs, spec.inputs), sizes);
    checkDeclared(`The outputs of ${subject}`, spec.outputs, as(outputs, spec.outputs), sizes);
    const names = spec.outputs.map((output) => output.name);
    const graph =
      binding === 'name' ? makeGraph(session, names) : makePositionalGraph(session, spec, inputs, outputs);
    await proveRun(graph, subject, spec, sizes);
    return graph;
  } catch (error) {
    await session.release();
    throw error;
  }
}

async function createSession(path: string, threads: number): Promise<InferenceSession> {
  try {
    return await InferenceSession.create(path, {
      executionProviders: [PROVIDER],
      intraOpNumThreads: threads,
      interOpNumThreads: 1,
      executionMode: 'sequential',
      graphOptimizationLevel: 'all',
      logSeverityLevel: 3,
      extra: { session: { intra_op: { allow_spinning: '0' }, inter_op: { allow_spinning: '0' } } },
    });
  } catch (cause) {
    const message = `ONNX Runtime must be able to load ${path} and cannot; choose another model.`;
    throw new StudioError('engine', 'model.contract', message, { cause });
  }
}

function makeGraph(session: InferenceSession, outputs: string[]): Graph {
  return {
    run: async (feeds, into) => await session.run(feeds, into ?? outputs),
    release: () => session.release(),
  };
}

/** Tensors under the contract's names; lengths that the graph leaves free are for the run to prove. */
function renamed(found: readonly Declared[], specs: readonly TensorSpec[]): Declared[] {
  return found.map((tensor, i) => {
    const spec = specs[i];
    if (!spec) return tensor;
    const dims = tensor.dims.map((dim, axis) => (typeof dim === 'string' ? (spec.dims[axis] ?? dim) : dim));
    return { ...tensor, name: spec.name, dims };
  });
}

/** A graph whose tensors have other names than the contract gives their places. */
function makePositionalGraph(
  session: InferenceSession,
  spec: GraphSpec,
  inputs: readonly Declared[],
  outputs: readonly Declared[],
): Graph {
  const fetches = outputs.map((output) => output.name);
  return {
    run: async (feeds) => {
      const own = Object.fromEntries(spec.inputs.map(({ name }, i) => [inputs[i]!.name, feeds[name]!]));
      const results = (await session.run(own, fetches)) as Tensors;
      return Object.fromEntries(spec.outputs.map(({ name }, i) => [name, results[fetches[i]!]!]));
    },
    release: () => session.release(),
  };
}

async function proveRun(graph: Graph, subject: string, spec: GraphSpec, sizes: Sizes): Promise<void> {
  const feeds: Record<string, Tensor> = {};
  for (const input of spec.inputs) {
    const dims = resolveDims(input.dims, sizes);
    const length = dims.reduce((product, dim) => product * dim, 1);
    feeds[input.name] =
      input.type === 'int64'
        ? new Tensor('int64', new BigInt64Array(length), dims)
        : new Tensor('float32', new Float32Array(length), dims);
  }
  let results: Tensors;
  try {
    results = await graph.run(feeds);
  } catch (cause) {
    const message = `${subject} must run on inputs of its contract's shapes and does not; choose another model.`;
    throw new StudioError('engine', 'model.contract', message, { cause });
  }
  for (const { name, dims } of spec.outputs) {
    const expected = resolveDims(dims, sizes).join(', ');
    const found = results[name]?.dims.join(', ') ?? 'nothing';
    if (found !== expected) throw contractError(subject, `a result ${name} of [${expected}]`, `[${found}]`);
  }
}

function declared(metadata: InferenceSession.ValueMetadata): Declared {
  if (!metadata.isTensor) return { name: metadata.name, type: 'not a tensor', dims: [] };
  return { name: metadata.name, type: metadata.type, dims: metadata.shape };
}

/**
 * Loads several graphs of one model; when one fails, those before it are released.
 * @param fileOf absolute path of the file with a role.
 * @throws StudioError as `openGraph` does.
 */
export async function openGraphs<Role extends string>(
  specs: readonly GraphSpec[],
  fileOf: (role: string) => string,
  sizes: Sizes,
  threads: number,
): Promise<Record<Role, Graph>> {
  const opened: Record<string, Graph> = {};
  try {
    for (const spec of specs) opened[spec.role] = await openGraph(fileOf(spec.role), spec, sizes, threads);
  } catch (error) {
    await releaseGraphs(opened);
    throw error;
  }
  return opened;
}

/** Frees the sessions of several graphs. */
export async function releaseGraphs(graphs: Readonly<Record<string, Graph>>): Promise<void> {
  for (const graph of Object.values(graphs)) await graph.release();
}
