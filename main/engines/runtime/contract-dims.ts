import * as v from 'valibot';

/** Factor, symbol of one or two letters, divisor, summand. */
const SYMBOLIC = /^(\d{0,4})([A-Za-z]{1,2})(?:\/(\d{1,4}))?(?:\+(\d{1,4}))?$/;

/** A length that follows from a symbol: `B`, `H/8`, `8h`, `R+1`. */
export const SymbolicSchema = v.pipe(v.string(), v.regex(SYMBOLIC));
/** A fixed length, or a symbol. */
export const DimSchema = v.union([v.pipe(v.number(), v.integer(), v.minValue(1)), SymbolicSchema]);
export type Dim = v.InferOutput<typeof DimSchema>;

/** The length that each symbol stands for in one run. */
export type Sizes = Readonly<Record<string, number>>;

/** Lengths of a tensor's dims, symbols replaced by the sizes of one run. */
export function resolveDims(dims: readonly Dim[], sizes: Sizes): number[] {
  return dims.map((dim) => {
    if (typeof dim === 'number') return dim;
    const { symbol, factor, divisor, summand } = parse(dim);
    const size = sizes[symbol];
    if (size === undefined) throw new Error(`Dimension ${dim} of a contract has no size in this run.`);
    return (size * factor) / divisor + summand;
  });
}

/** The symbol that a dim is made of; null for a fixed length. */
export function symbolOf(dim: Dim): string | null {
  return typeof dim === 'number' ? null : parse(dim).symbol;
}

/** The size that a dim's symbol must have for the dim to be so long; it need not be whole. */
export function solveDim(dim: string, length: number): number {
  const { factor, divisor, summand } = parse(dim);
  return ((length - summand) * divisor) / factor;
}

function parse(dim: string): { symbol: string; factor: number; divisor: number; summand: number } {
  const [, factor, symbol, divisor, summand] = SYMBOLIC.exec(dim) ?? [];
  return {
    symbol: symbol ?? '',
    factor: Number(factor || 1),
    divisor: Number(divisor ?? 1),
    summand: Number(summand ?? 0),
  };
}
