import { Tensor } from 'onnxruntime-node';
import type { RemoteErrors, RemoteTensor } from './client';

const DATATYPES: Readonly<Record<string, string>> = { float32: 'FP32', int64: 'INT64', int32: 'INT32' };
const BYTES: Readonly<Record<string, number>> = { FP32: 4, INT64: 8, INT32: 4 };

/** The protocol's name of a tensor's type. */
export function datatypeOf(type: string): string {
  const datatype = DATATYPES[type];
  if (datatype) return datatype;
  throw new Error(`Tensors of type ${type} are not sent to a server.`);
}

/** The contract's name of a type of the protocol. */
export function typeOf(datatype: string): string {
  return Object.entries(DATATYPES).find(([, name]) => name === datatype)?.[0] ?? datatype;
}

/** A tensor's memory, row by row and little-endian, as the protocol wants it; not a copy. */
export function bytesOf({ data }: Tensor): Uint8Array {
  const { buffer, byteOffset, byteLength } = data as Float32Array;
  return new Uint8Array(buffer, byteOffset, byteLength);
}

/** A tensor of a server's bytes, which must be exactly as many as its shape needs. */
export function tensorOf(
  { name, datatype, shape }: RemoteTensor,
  bytes: Uint8Array,
  wrong: RemoteErrors,
): Tensor {
  const length = shape.reduce((product, dim) => product * dim, 1);
  const needed = length * (BYTES[datatype] ?? NaN);
  if (needed !== bytes.length || !shape.every((dim) => Number.isSafeInteger(dim) && dim >= 0)) {
    const rule = `send ${name} ${datatype}[${shape.join(', ')}] in the bytes that it takes`;
    throw wrong('remote.invalid', rule, `it sent ${bytes.length}`);
  }
  // Bytes within a message begin anywhere; numbers do not.
  const { buffer } = new Uint8Array(bytes);
  if (datatype === 'FP32') return new Tensor('float32', new Float32Array(buffer), shape);
  if (datatype === 'INT32') return new Tensor('int32', new Int32Array(buffer), shape);
  return new Tensor('int64', new BigInt64Array(buffer), shape);
}

/** A tensor of numbers as JSON has them, nested or not. */
export function tensorOfNumbers(described: RemoteTensor, data: unknown, wrong: RemoteErrors): Tensor {
  const { name, datatype } = described;
  const numbers = [data].flat(Infinity) as number[];
  const fits = datatype === 'FP32' ? (value: unknown) => typeof value === 'number' : Number.isSafeInteger;
  if (!numbers.every(fits)) {
    throw wrong('remote.invalid', `send ${name} as numbers`, 'it sent something else');
  }
  const values =
    datatype === 'FP32'
      ? Float32Array.from(numbers)
      : datatype === 'INT32'
        ? Int32Array.from(numbers)
        : BigInt64Array.from(numbers, BigInt);
  return tensorOf(described, new Uint8Array(values.buffer), wrong);
}
