import { InferenceSession, Tensor } from 'onnxruntime-node';
import { StudioError } from '../../../contract/errors';
import {
  checkDeclared,
  contractError,
  resolveDims,
  type Declared,
  type GraphSpec,
  type Sizes,
} from './model-contract';

/** One loaded graph. `run` blocks this process's event loop for the whole inference. */
export type Graph = {
  /** Answers with the graph's only output. */
  run(feeds: Readonly<Record<string, Tensor>>): Promise<Tensor>;
  release(): Promise<void>;
};

/** The execution provider that graphs run on. */
export const PROVIDER = 'cpu';

/**
 * Loads a graph and proves it against its contract: declared names, types and dims, then
 * one run on zeros whose result must have the promised shape (it is also the warm-up).
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
): Promise<Graph> {
  const session = await createSession(path, threads);
  try {
    const subject = `Graph "${spec.role}" (${path})`;
    checkDeclared(`The inputs of ${subject}`, spec.inputs, session.inputMetadata.map(declared), sizes);
    checkDeclared(`The outputs of ${subject}`, spec.outputs, session.outputMetadata.map(declared), sizes);
    const output = spec.outputs[0];
    if (!output) throw contractError(subject, 'an output', 'none in its contract');
    const graph = makeGraph(session, output.name);
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

function makeGraph(session: InferenceSession, output: string): Graph {
  return {
    run: async (feeds) => {
      const results = await session.run(feeds, [output]);
      return results[output] as Tensor;
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
  const expected = resolveDims(spec.outputs[0]!.dims, sizes);
  let result: Tensor;
  try {
    result = await graph.run(feeds);
  } catch (cause) {
    const message = `${subject} must run on inputs of its contract's shapes and does not; choose another model.`;
    throw new StudioError('engine', 'model.contract', message, { cause });
  }
  if (result.dims.join() !== expected.join()) {
    throw contractError(subject, `a result of [${expected.join(', ')}]`, `[${result.dims.join(', ')}]`);
  }
}

function declared(metadata: InferenceSession.ValueMetadata): Declared {
  if (!metadata.isTensor) return { name: metadata.name, type: 'not a tensor', dims: [] };
  return { name: metadata.name, type: metadata.type, dims: metadata.shape };
}
