import { resolveDims, type GraphSpec, type Sizes } from '../model-contract';
import type { Tensors } from './backend';
import { makeTensor } from './tensors';

/** One loaded graph. `run` blocks this process's event loop for the whole inference, unless it is remote. */
export type Graph = {
  /**
   * Answers with every output of the contract. With `into` only the outputs it names are
   * worked out, and they are written into its tensors: no memory is taken for results.
   */
  run(feeds: Tensors, into?: Tensors): Promise<Tensors>;
  release(): Promise<void>;
};

/** Zeros of a contract's shapes, on which a graph is proved; what has one value has that. */
export function zeroFeeds(spec: GraphSpec, sizes: Sizes): Tensors {
  const feeds = spec.inputs.map(({ name, type, dims, value }) => {
    const [only] = value === undefined ? [] : resolveDims([value], sizes);
    return [
      name,
      makeTensor(type, resolveDims(dims, sizes), only === undefined ? only : () => only),
    ] as const;
  });
  return Object.fromEntries(feeds);
}
