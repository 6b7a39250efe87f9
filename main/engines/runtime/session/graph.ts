import { Tensor } from 'onnxruntime-node';
import { resolveDims, type GraphSpec, type Sizes } from '../model-contract';
import type { Tensors } from './backend';

/** One loaded graph. `run` blocks this process's event loop for the whole inference, unless it is remote. */
export type Graph = {
  /**
   * Answers with every output of the contract. With `into` only the outputs it names are
   * worked out, and they are written into its tensors: no memory is taken for results.
   */
  run(feeds: Tensors, into?: Tensors): Promise<Tensors>;
  release(): Promise<void>;
};

/** Zeros of a contract's shapes, on which a graph is proved. */
export function zeroFeeds(spec: GraphSpec, sizes: Sizes): Tensors {
  const feeds = spec.inputs.map(({ name, type, dims }) => {
    const shape = resolveDims(dims, sizes);
    const length = shape.reduce((product, dim) => product * dim, 1);
    if (type === 'int64') return [name, new Tensor('int64', new BigInt64Array(length), shape)];
    if (type === 'int32') return [name, new Tensor('int32', new Int32Array(length), shape)];
    return [name, new Tensor('float32', new Float32Array(length), shape)];
  });
  return Object.fromEntries(feeds) as Tensors;
}
