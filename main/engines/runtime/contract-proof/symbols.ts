import { solveDim, symbolOf, type Dim, type Sizes } from '../contract-dims';

const MAX_SIZE = 2 ** 31;

/**
 * What the symbols of a contract stand for in one model, as its metadata and fixed lengths settle
 * it, graph by graph: the width of the text encoder must be the one that the U-Net takes.
 */
export class Symbols {
  readonly #known = new Map<string, { size: number; source: string }>();
  readonly #allowed: Readonly<Record<string, readonly number[]>>;
  readonly #free: readonly string[];

  /**
   * @param allowed the only sizes that a symbol may have.
   * @param free symbols that a graph must leave free.
   */
  constructor(allowed: Readonly<Record<string, readonly number[]>> = {}, free: readonly string[] = []) {
    this.#allowed = allowed;
    this.#free = free;
  }

  /** Whether a dim may be so long in a graph that fixes it. */
  allows(dim: Dim, length: number): boolean {
    const symbol = symbolOf(dim);
    if (symbol === null) return dim === length;
    const size = solveDim(dim as string, length);
    if (!Number.isSafeInteger(size) || size < 0 || size > MAX_SIZE || this.#free.includes(symbol))
      return false;
    const known = this.#known.get(symbol);
    return known ? known.size === size : (this.#allowed[symbol]?.includes(size) ?? true);
  }

  /** Takes over what an allowed length says of its symbol, unless that is settled. */
  settle(dim: Dim, length: number, source: string): void {
    const symbol = symbolOf(dim);
    if (symbol === null || this.#known.has(symbol)) return;
    this.#known.set(symbol, { size: solveDim(dim as string, length), source });
  }

  /** In words what is known of the symbols of some dims, as ` with D = 768 (text_encoder)`; empty for nothing. */
  explain(dims: readonly Dim[]): string {
    const symbols = [...new Set(dims.map(symbolOf))].filter((symbol) => symbol !== null);
    const words = symbols.flatMap((symbol) => {
      const known = this.#known.get(symbol);
      if (known) return [`${symbol} = ${known.size} (${known.source})`];
      if (this.#free.includes(symbol)) return [`${symbol} left free`];
      return this.#allowed[symbol] ? [`${symbol} = ${this.#allowed[symbol].join(' or ')}`] : [];
    });
    return words.length > 0 ? ` with ${words.join(', ')}` : '';
  }

  /** The sizes of a run: what is settled, the one size that a symbol may have, and `defaults` for the rest. */
  sizes(defaults: Sizes = {}): Sizes {
    const settled = [...this.#known].map(([symbol, { size }]) => [symbol, size]);
    const single = Object.entries(this.#allowed).flatMap(([symbol, [size, ...more]]) =>
      size === undefined || more.length > 0 ? [] : [[symbol, size]],
    );
    return { ...Object.fromEntries(single), ...defaults, ...Object.fromEntries(settled) } as Sizes;
  }
}
