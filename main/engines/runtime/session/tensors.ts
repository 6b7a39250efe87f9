import { Tensor } from 'onnxruntime-node';
import { fromHalf, toHalf } from '../half';
import type { TensorSpec } from '../model-contract';

/** How many numbers a tensor of a shape holds. */
export function elementsOf(shape: readonly number[]): number {
  return shape.reduce((product, dim) => product * dim, 1);
}

/** A tensor of a contract's type, its numbers by their place; zeros without `valueAt`. */
export function makeTensor(
  type: TensorSpec['type'],
  shape: readonly number[],
  valueAt?: (index: number) => number,
): Tensor {
  const length = elementsOf(shape);
  if (type === 'int64') {
    const data = new BigInt64Array(length);
    if (valueAt) for (let i = 0; i < length; i++) data[i] = BigInt(valueAt(i));
    return new Tensor('int64', data, shape);
  }
  if (type === 'float16') {
    const data = new Uint16Array(length);
    if (valueAt) for (let i = 0; i < length; i++) data[i] = toHalf(valueAt(i));
    return new Tensor('float16', data, shape);
  }
  const data = type === 'int32' ? new Int32Array(length) : new Float32Array(length);
  if (valueAt) for (let i = 0; i < length; i++) data[i] = valueAt(i);
  return new Tensor(type, data, shape);
}

/** A tensor's numbers, whatever its type. */
export function numbersOf({ type, data }: Tensor): ArrayLike<number> {
  // Newer runtimes of JavaScript have an array of half-precision floats.
  if (type === 'float16' && data instanceof Uint16Array) return Float32Array.from(data, fromHalf);
  if (data instanceof BigInt64Array) return Float64Array.from(data, Number);
  return data as ArrayLike<number>;
}
