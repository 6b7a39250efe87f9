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
  const rules = { symbols, byPosition: contract.boundByPosition === true };
  const inputs = fitTensors(subject, 'inputs', spec, found.inputs, rules);
  const outputs = fitTensors(subject, 'outputs', spec, found.outputs, rules);
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
  part: 'inputs' | 'outputs',
  spec: GraphSpec,
  found: readonly Declared[],
  { symbols, byPosition }: { symbols: Symbols; byPosition: boolean },
): Fitted {
  const whole = `The ${part} of ${subject}`;
  const fitted: Fitted = { specs: [], names: {} };
  const taken = new Set<Declared>();
  spec[part].forEach((wanted, place) => {
    const names = [wanted.name, ...(wanted.names ?? [])];
    const tensor = byPosition ? found[place] : found.find(({ name }) => names.includes(name));
    if (!tensor && wanted.optional) return;
    const fit = tensor && fitTensor(wanted, tensor, symbols, subject);
    if (!fit) {
      const seen = (tensor ? [tensor] : found).map(describe).join(', ') || 'nothing';
      throw contractError(whole, inWords(wanted, symbols), seen);
    }
    taken.add(tensor);
    fitted.specs.push(fit);
    fitted.names[wanted.name] = tensor.name;
  });
  const extra = found.find((tensor) => !taken.has(tensor));
  if (extra && !(part === 'outputs' && spec.extraOutputs)) {
    throw contractError(whole, spec[part].map(describe).join(', '), `also ${describe(extra)}`);
  }
  return fitted;
}

/** What a declared tensor settles of its spec; null when it does not fit. */
function fitTensor(spec: TensorSpec, tensor: Declared, symbols: Symbols, subject: string): TensorSpec | null {
  const type = [spec.type, ...(spec.types ?? [])].find((candidate) => candidate === tensor.type);
  const [dims, ...shapes] = shapesOf(spec, tensor, symbols);
  if (!type || !dims) return null;
  const isWhole = tensor.dims.every((length, axis) => {
    if (typeof length === 'string' || shapes.length > 0) return true;
    symbols.settle(dims[axis]!, length, `${tensor.name} of ${subject}`);
    // The same symbol twice in one shape.
    return symbols.allows(dims[axis]!, length);
  });
  return isWhole ? { ...spec, type, dims, shapes } : null;
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
