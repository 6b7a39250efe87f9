import type { RunningProvider } from '../../../contract/engine';
import { StudioError } from '../../../contract/errors';
import { checkDeclared, contractError, resolveDims, type GraphSpec, type Sizes } from './model-contract';
import { inspectOnnx } from './onnx-inspection';
import type { Session, Tensors } from './session/backend';
import { zeroFeeds, type Graph } from './session/graph';
import { declaredAs, makeGraph, namesOf, type Binding } from './session/naming';
import { checkFeeds } from './session/provider-check';
import { sessionRuntime } from './session/runtime';
import type { Trial } from './session/trial';

export type { Tensors } from './session/backend';
export type { Graph } from './session/graph';
export type { Binding } from './session/naming';

type Opening = { path: string; spec: GraphSpec; sizes: Sizes; threads: number; binding: Binding };

/**
 * Loads a graph on this process's runtime and proves it against its contract: what the file
 * says of its weights, declared names, types and dims, then one run on zeros whose results must
 * have the promised shapes (it is also the warm-up). Bound by position, the graph's own names
 * do not matter; `run` speaks the contract's.
 * @param sizes what the contract's symbols stand for in that run.
 * @param threads threads within one operator.
 * @throws StudioError `model.missing`, `model.corrupt`, `model.contract`, `provider.refused`.
 */
export async function openGraph(
  path: string,
  spec: GraphSpec,
  sizes: Sizes,
  threads: number,
  binding: Binding = 'name',
): Promise<Graph> {
  const { provider, trial, remote } = sessionRuntime();
  inspectOnnx(path);
  const opening = { path, spec, sizes, threads, binding };
  const graph = trial ? await openTried(opening, provider, trial) : await openLocal(opening, provider);
  return remote ? remote.join(spec, sizes, graph) : graph;
}

async function openLocal(opening: Opening, provider: RunningProvider): Promise<Graph> {
  const { spec, sizes, binding } = opening;
  const session = await openSession(opening, provider);
  try {
    const subject = subjectOf(opening);
    const names = namesOf(binding, spec, session);
    const found = declaredAs(binding, spec, session, names);
    checkDeclared(`The inputs of ${subject}`, spec.inputs, found.inputs, sizes);
    checkDeclared(`The outputs of ${subject}`, spec.outputs, found.outputs, sizes);
    const { turns } = sessionRuntime();
    const made = makeGraph(session, spec, names);
    const graph = turns ? turns.guard(made) : made;
    await proveRun(graph, subject, spec, sizes);
    return graph;
  } catch (error) {
    await session.release();
    throw error;
  }
}

async function openSession({ path, threads }: Opening, provider: RunningProvider): Promise<Session> {
  try {
    return await sessionRuntime().open(path, provider, threads);
  } catch (cause) {
    if (provider !== 'cpu') {
      const message = `The provider "${provider}" must be able to load ${path} and cannot; it is not used for this model.`;
      throw new StudioError('engine', 'provider.refused', message, { cause });
    }
    const message = `ONNX Runtime must be able to load ${path} and cannot; choose another model.`;
    throw new StudioError('engine', 'model.contract', message, { cause });
  }
}

/** A graph on the provider that is on trial, held against the same graph on the processor. */
async function openTried(opening: Opening, provider: RunningProvider, trial: Trial): Promise<Graph> {
  const { spec, sizes } = opening;
  const onCpu = await openLocal(opening, 'cpu');
  let graph: Graph | null = null;
  try {
    const onProvider = (graph = await openLocal(opening, provider));
    const feeds = checkFeeds(spec, sizes);
    const subject = `The provider "${provider}" with graph "${spec.role}"`;
    await trial.compare(
      subject,
      () => onProvider.run(feeds),
      () => onCpu.run(feeds),
    );
    return onProvider;
  } catch (cause) {
    await graph?.release();
    if (cause instanceof StudioError && cause.code === 'provider.refused') throw cause;
    const message = `The provider "${provider}" must do with graph "${spec.role}" what the processor does, and fails.`;
    throw new StudioError('engine', 'provider.refused', message, { cause });
  } finally {
    await onCpu.release();
  }
}

function subjectOf({ path, spec }: Opening): string {
  return `Graph "${spec.role}" (${path})`;
}

async function proveRun(graph: Graph, subject: string, spec: GraphSpec, sizes: Sizes): Promise<void> {
  let results: Tensors;
  try {
    results = await graph.run(zeroFeeds(spec, sizes));
  } catch (cause) {
    const message = `${subject} must run on inputs of its contract's shapes and does not; choose another model.`;
    throw new StudioError('engine', 'model.contract', message, { cause });
  }
  for (const { name, dims, shapes = [] } of spec.outputs) {
    const expected = [dims, ...shapes].map((shape) => resolveDims(shape, sizes).join(', '));
    const found = results[name]?.dims.join(', ') ?? 'nothing';
    if (expected.includes(found)) continue;
    throw contractError(subject, `a result ${name} of [${expected.join('] or [')}]`, `[${found}]`);
  }
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
