import type { Tensor } from 'onnxruntime-node';
import { Tensor as OrtTensor } from 'onnxruntime-node';

/**
 * BinauralFlow's buffer bank: one whole set of layer caches for each evaluation of the solver,
 * because the past of a layer at one solver time says nothing of another [B12]. What a run gives
 * is what the next run of that time is fed with: sets are handed on, never copied.
 */
export class BufferBank {
  readonly #shapes: readonly (readonly number[])[];
  readonly #sets = new Map<number, readonly Tensor[]>();

  /** @param shapes of every cache, in the graph's order. */
  constructor(shapes: readonly (readonly number[])[]) {
    this.#shapes = shapes;
  }

  /** The caches of an evaluation; zeros before its first run. */
  take(evaluation: number): readonly Tensor[] {
    return this.#sets.get(evaluation) ?? this.#shapes.map(zeros);
  }

  /** Keeps what a run of that evaluation left. */
  put(evaluation: number, caches: readonly Tensor[]): void {
    this.#sets.set(evaluation, caches);
  }

  /** The stream begins anew: every cache is zero. */
  reset(): void {
    this.#sets.clear();
  }
}

function zeros(shape: readonly number[]): Tensor {
  const length = shape.reduce((product, side) => product * side, 1);
  return new OrtTensor('float32', new Float32Array(length), [...shape]);
}
