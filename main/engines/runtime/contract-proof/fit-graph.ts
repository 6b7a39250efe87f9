import type { Dim } from '../contract-dims';
import {
  contractError,
  describe,
  type Contract,
  type Declared,
  type GraphSpec,
  type TensorSpec,
} from '../model-contract';
import type { TensorNames } from '../session/naming';
import type { Symbols } from './symbols';

/**
 * How one graph answers its contract: the tensors that it has, each with the one type it declares and
 * the shapes that it can still have, and its own names for them. `openGraph` takes both.
 */
export type Fit = { spec: GraphSpec; names: TensorNames };

type Tensors = { inputs: readonly Declared[]; outputs: readonly Declared[] };
type Fitted = { specs: TensorSpec[]; names: Record<string, string> };

/**
 * Holds what a graph declares against its contract, which may leave several ways open, and settles
 * the symbols that the graph fixes.
 * @param subject begins each message.
 * @throws StudioError `model.contract`: what was expected, what was found, what to do.
 */
export function fitGraph(
  subject: string,
  contract: Pick<Contract, 'boundByPosition'>,
  spec: GraphSpec,
  found: Tensors,
  symbols: Symbols,
): Fit {
  const byPosition = contract.boundByPosition === true;
  const inputs = fitTensors(
    `The inputs of ${subject}`,
    spec.inputs,
    found.inputs,
    symbols,
    byPosition,
    false,
  );
  const extra = spec.extraOutputs === true;
  const outputs = fitTensors(
    `The outputs of ${subject}`,
    spec.outputs,
    found.outputs,
    symbols,
    byPosition,
    extra,
  );
  for (const group of spec.exactlyOne ?? []) {
    const present = group.filter((name) => name in inputs.names || name in outputs.names);
    if (present.length !== 1) {
      throw contractError(subject, `exactly one of ${group.join(', ')}`, present.join(' and ') || 'none');
    }
  }
  return {
    spec: { ...spec, inputs: inputs.specs, outputs: outputs.specs },
    names: { inputs: inputs.names, outputs: outputs.names },
  };
}

function fitTensors(
  subject: string,
  specs: readonly TensorSpec[],
  found: readonly Declared[],
  symbols: Symbols,
  byPosition: boolean,
  extraAllowed: boolean,
): Fitted {
  const fitted: Fitted = { specs: [], names: {} };
  const taken = new Set<Declared>();
  specs.forEach((spec, place) => {
    const names = [spec.name, ...(spec.names ?? [])];
    const tensor = byPosition ? found[place] : found.find(({ name }) => names.includes(name));
    if (!tensor && spec.optional) return;
    const shapes = tensor ? shapesOf(spec, tensor, symbols) : [];
    const type = [spec.type, ...(spec.types ?? [])].find((candidate) => candidate === tensor?.type);
    const [dims, ...others] = shapes;
    if (!tensor || !type || !dims) {
      throw contractError(
        subject,
        inWords(spec, symbols),
        (tensor ? [tensor] : found).map(describe).join(', ') || 'nothing',
      );
    }
    taken.add(tensor);
    if (others.length === 0) {
      tensor.dims.forEach((length, axis) => {
        if (typeof length === 'number') symbols.settle(dims[axis]!, length, `${tensor.name} of ${subject}`);
      });
    }
    fitted.specs.push({ ...spec, type, dims, shapes: others });
    fitted.names[spec.name] = tensor.name;
  });
  const extra = found.find((tensor) => !taken.has(tensor));
  if (extra && !extraAllowed) {
    throw contractError(subject, specs.map((spec) => describe(spec)).join(', '), `also ${describe(extra)}`);
  }
  return fitted;
}

/** The contract's shapes that a declared one can be, those first that fix what it fixes. */
function shapesOf(spec: TensorSpec, { dims }: Declared, symbols: Symbols): Dim[][] {
  const isPossible = (shape: readonly Dim[]) =>
    shape.length === dims.length &&
    dims.every((length, axis) => typeof length === 'string' || symbols.allows(shape[axis]!, length));
  const isExact = (shape: readonly Dim[]) => dims.every((length, axis) => length === shape[axis]);
  const possible = [spec.dims, ...(spec.shapes ?? [])].filter(isPossible);
  const exact = possible.filter(isExact);
  if (exact.length > 0) return exact;
  // Of an input any shape can be fed; of an output only a run tells.
  return possible;
}

/** A tensor with all its ways: `timestep (or t) int64 or float32 [B] or []`. */
function inWords(spec: TensorSpec, symbols: Symbols): string {
  const names = spec.names?.length ? `${spec.name} (or ${spec.names.join(', ')})` : spec.name;
  const types = [spec.type, ...(spec.types ?? [])].join(' or ');
  const shapes = [spec.dims, ...(spec.shapes ?? [])];
  const dims = shapes.map((shape) => `[${shape.join(', ')}]`).join(' or ');
  return `${names} ${types}${dims}${symbols.explain(shapes.flat())}`;
}
