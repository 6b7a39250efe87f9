import type { Tensor } from 'onnxruntime-node';
import { resolveDims, type GraphSpec, type Sizes, type TensorSpec } from '../model-contract';
import type { Tensors } from './backend';
import type { Graph } from './graph';
import { elementsOf, makeTensor } from './tensors';

type Rows = { tensor: Tensor; rowLength: number };
/** The numbers of one row. */
export type Row = Float32Array | BigInt64Array | Int32Array | Uint16Array;

/**
 * Several rows in one run of a graph whose tensors all have the rows as their first axis: what is
 * fed and what comes out lies in memory that is made once and written anew by each run.
 */
export class RowBatch {
  readonly rows: number;
  readonly #inputs: ReadonlyMap<string, Rows>;
  readonly #outputs: ReadonlyMap<string, Rows>;
  readonly #feeds: Tensors;
  readonly #into: Tensors;

  /**
   * @param axis the contract's symbol for the rows, such as `B`.
   * @param sizes what its other symbols stand for.
   */
  constructor(spec: GraphSpec, axis: string, rows: number, sizes: Sizes) {
    this.rows = rows;
    const all = { ...sizes, [axis]: rows };
    const made = (specs: readonly TensorSpec[]) =>
      new Map(specs.map((one) => [one.name, rowsOf(one, axis, all, rows, spec.role)] as const));
    this.#inputs = made(spec.inputs);
    this.#outputs = made(spec.outputs);
    this.#feeds = tensorsOf(this.#inputs);
    this.#into = tensorsOf(this.#outputs);
  }

  /** What row `row` of an input is fed with; to be written into. */
  input(name: string, row: number): Row {
    return rowOf(this.#inputs, name, row);
  }

  /** Row `row` of an output; holds until the next run. */
  output(name: string, row: number): Row {
    return rowOf(this.#outputs, name, row);
  }

  /** Runs the graph on all rows. */
  async run(graph: Graph): Promise<void> {
    await graph.run(this.#feeds, this.#into);
  }
}

function rowsOf(spec: TensorSpec, axis: string, sizes: Sizes, rows: number, role: string): Rows {
  if (spec.dims[0] !== axis) {
    throw new Error(
      `Tensor ${spec.name} of graph "${role}" must have ${axis} rows first, has [${spec.dims.join(', ')}].`,
    );
  }
  const dims = resolveDims(spec.dims, sizes);
  return { tensor: makeTensor(spec.type, dims), rowLength: elementsOf(dims) / rows };
}

function rowOf(tensors: ReadonlyMap<string, Rows>, name: string, row: number): Row {
  const found = tensors.get(name);
  if (!found) throw new Error(`A batch of rows has no tensor ${name}.`);
  const data = found.tensor.data as Row;
  return data.subarray(row * found.rowLength, (row + 1) * found.rowLength);
}

function tensorsOf(rows: ReadonlyMap<string, Rows>): Tensors {
  return Object.fromEntries([...rows].map(([name, { tensor }]) => [name, tensor]));
}
