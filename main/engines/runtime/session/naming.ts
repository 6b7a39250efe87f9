import type { Declared, GraphSpec, TensorSpec } from '../model-contract';
import type { Session, Tensors } from './backend';
import type { Graph } from './graph';

/** A graph's own names of its tensors, by the contract's. */
export type TensorNames = {
  readonly inputs: Readonly<Record<string, string>>;
  readonly outputs: Readonly<Record<string, string>>;
};

/** How a graph's tensors are known: by the contract's names, by their places in its lists alone, or as is told. */
export type Binding = 'name' | 'position' | TensorNames;

/** The graph's own names under a binding; a contract's tensor that it has no place for is left out. */
export function namesOf(binding: Binding, spec: GraphSpec, session: Session): TensorNames {
  if (typeof binding === 'object') return binding;
  const pairs = (specs: readonly TensorSpec[], found: readonly Declared[]) =>
    Object.fromEntries(
      specs.flatMap(({ name }, i) =>
        binding === 'name' ? [[name, name]] : found[i] ? [[name, found[i].name]] : [],
      ),
    );
  return {
    inputs: pairs(spec.inputs, session.inputs),
    outputs: pairs(spec.outputs, session.outputs),
  };
}

/**
 * What a session declares, under the contract's names. Where those are not the graph's own, lengths
 * that the graph leaves free are for the run to prove.
 */
export function declaredAs(
  binding: Binding,
  spec: GraphSpec,
  session: Session,
  names: TensorNames,
): Pick<Session, 'inputs' | 'outputs'> {
  const isNamed = ({ name }: Declared) => Object.values(names.outputs).includes(name);
  const outputs = spec.extraOutputs ? session.outputs.filter(isNamed) : session.outputs;
  if (binding === 'name') return { inputs: session.inputs, outputs };
  return {
    inputs: renamed(session.inputs, spec.inputs, names.inputs),
    outputs: renamed(outputs, spec.outputs, names.outputs),
  };
}

function renamed(
  found: readonly Declared[],
  specs: readonly TensorSpec[],
  own: Readonly<Record<string, string>>,
): Declared[] {
  return found.map((tensor) => {
    const spec = specs.find(({ name }) => own[name] === tensor.name);
    if (!spec) return tensor;
    const dims = tensor.dims.map((dim, axis) => (typeof dim === 'string' ? (spec.dims[axis] ?? dim) : dim));
    return { ...tensor, name: spec.name, dims };
  });
}

/** A graph that speaks the contract's names to a session that has its own. */
export function makeGraph(session: Session, spec: GraphSpec, names: TensorNames): Graph {
  const fetches = spec.outputs.map(({ name }) => names.outputs[name]!);
  return {
    run: async (feeds, into) => {
      const wanted = into ? toOwn(into, names.outputs) : fetches;
      const results = await session.run(toOwn(feeds, names.inputs), wanted);
      const named = spec.outputs.map(({ name }, i) => [name, results[fetches[i]!]] as const);
      return Object.fromEntries(named.filter(([, tensor]) => tensor)) as Tensors;
    },
    release: () => session.release(),
  };
}

function toOwn(tensors: Tensors, own: Readonly<Record<string, string>>): Tensors {
  return Object.fromEntries(
    Object.entries(tensors).flatMap(([name, tensor]) => (own[name] ? [[own[name], tensor]] : [])),
  );
}
