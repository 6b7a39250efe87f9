import { resolveDims, type Declared, type Dim, type GraphSpec } from '../model-contract';
import type { Tensors } from '../session/backend';
import type { RemoteErrors, RemoteTensor } from './client';
import { typeOf } from './tensor-bytes';

/** A tensor as the contract's check takes it; free lengths become symbols. */
export function declared({ name, datatype, shape }: RemoteTensor): Declared {
  return { name, type: typeOf(datatype), dims: shape.map((dim) => (dim < 0 ? '?' : dim)) };
}

/**
 * Holds what a server sent against what it was sent: every result that was asked for, of the
 * contract's type and, as far as the inputs settle it, shape, without values that are no numbers.
 * @throws StudioError `remote.invalid`.
 */
export function checkAnswer(
  spec: GraphSpec,
  feeds: Tensors,
  outputs: readonly string[],
  results: Tensors,
  wrong: RemoteErrors,
): void {
  const known = symbolsOf(spec, feeds);
  for (const { name, type, dims } of spec.outputs) {
    if (!outputs.includes(name)) continue;
    const tensor = results[name];
    const fits =
      tensor?.type === type &&
      tensor.dims.length === dims.length &&
      tensor.dims.every((length, axis) => [length, null].includes(lengthOf(dims[axis]!, known)));
    if (!fits) {
      const found = tensor ? `${tensor.type}[${tensor.dims.join(', ')}]` : 'nothing';
      throw wrong('remote.invalid', `send ${name} as ${type}[${dims.join(', ')}]`, `it sent ${found}`);
    }
    if (type === 'float32' && hasNaN(tensor.data as Float32Array)) {
      throw wrong('remote.invalid', `send numbers as ${name}`, 'it sent values that are none');
    }
  }
}

/**
 * Copies results into the memory that was given for them.
 * @throws StudioError `remote.invalid` when a result has another length.
 */
export function copyInto(results: Tensors, into: Tensors, wrong: RemoteErrors): void {
  for (const [name, tensor] of Object.entries(into)) {
    const [from, to] = [results[name]!.data as Float32Array, tensor.data as Float32Array];
    if (from.length !== to.length) {
      throw wrong('remote.invalid', `send ${to.length} values as ${name}`, `it sent ${from.length}`);
    }
    to.set(from);
  }
}

function symbolsOf({ inputs }: GraphSpec, feeds: Tensors): Record<string, number> {
  const known: Record<string, number> = {};
  for (const { name, dims } of inputs) {
    dims.forEach((dim, axis) => {
      const length = feeds[name]?.dims[axis];
      if (typeof dim === 'string' && /^[A-Za-z]+$/.test(dim) && length !== undefined) known[dim] = length;
    });
  }
  return known;
}

/** A length that the inputs settle; null when only the graph knows it. */
function lengthOf(dim: Dim, known: Record<string, number>): number | null {
  const symbol = typeof dim === 'string' ? /[A-Za-z]+/.exec(dim)![0] : null;
  return symbol === null || symbol in known ? resolveDims([dim], known)[0]! : null;
}

function hasNaN(values: Float32Array): boolean {
  for (let i = 0; i < values.length; i++) if (Number.isNaN(values[i])) return true;
  return false;
}
