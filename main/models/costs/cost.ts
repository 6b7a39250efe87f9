/** What one run of a part of a network costs, and what it is made of. */
export type Cost = {
  /** Multiply-adds with weights: convolutions and linear layers. */
  weighted: number;
  /** Multiply-adds of activations with each other: the two products of attention. */
  products: number;
  /** Numbers that were learnt, biases and norms included: what proves an architecture to be the published one. */
  parameters: number;
};

/** A convolution; `area`: positions of its result. */
type Convolution = {
  from: number;
  to: number;
  area: number;
  kernel?: number;
  groups?: number;
  bias?: boolean;
};

/** Cost of a convolution: each position of each result sums `kernel`² inputs of its group. */
export function conv({ from, to, area, kernel = 3, groups = 1, bias = true }: Convolution): Cost {
  const weights = (from / groups) * to * kernel ** 2;
  return { weighted: weights * area, products: 0, parameters: weights + (bias ? to : 0) };
}

/** Cost of a linear layer over `tokens` rows. */
export function linear(from: number, to: number, tokens = 1, bias = true): Cost {
  return conv({ from, to, area: tokens, kernel: 1, bias });
}

/** Cost of what has parameters and no multiply-adds that count: norms, activations. */
export function learnt(parameters: number): Cost {
  return { weighted: 0, products: 0, parameters };
}

/** A norm with scale and shift for each channel. */
export function norm(channels: number): Cost {
  return learnt(2 * channels);
}

/** The two products of attention, Q Kᵀ and that by V; heads share out the width and change nothing. */
export function attend(queries: number, keys: number, width: number): Cost {
  return { weighted: 0, products: 2 * queries * keys * width, parameters: 0 };
}

/** All of these, one after the other. */
export function sum(...costs: readonly Cost[]): Cost {
  return costs.reduce(
    (all, one) => ({
      weighted: all.weighted + one.weighted,
      products: all.products + one.products,
      parameters: all.parameters + one.parameters,
    }),
    { weighted: 0, products: 0, parameters: 0 },
  );
}

/** The same part `times` times, each with weights of its own. */
export function repeat(times: number, cost: Cost): Cost {
  return sum(...Array.from({ length: times }, () => cost));
}

/** Floating-point operations as catalogues give them: 2 a multiply-add, in units of 10⁹, three figures of them. */
export function gflops({ weighted, products }: Cost): number {
  return Number(((2 * (weighted + products)) / 1e9).toPrecision(3));
}
