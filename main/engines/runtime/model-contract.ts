import * as v from 'valibot';
import { StudioError } from '../../../contract/errors';

/** Factor, symbol of one or two letters, divisor, summand. */
const SYMBOLIC = /^(\d{0,4})([A-Za-z]{1,2})(?:\/(\d{1,4}))?(?:\+(\d{1,4}))?$/;
/** A fixed length, or a symbol: `B`, `H/8`, `8h`, `R+1`. */
const DimSchema = v.union([
  v.pipe(v.number(), v.integer(), v.minValue(1)),
  v.pipe(v.string(), v.regex(SYMBOLIC)),
]);
export type Dim = v.InferOutput<typeof DimSchema>;

const TensorSpecSchema = v.object({
  name: v.string(),
  type: v.picklist(['float32', 'int64', 'int32']),
  dims: v.array(DimSchema),
});
export type TensorSpec = v.InferOutput<typeof TensorSpecSchema>;

const GraphSpecSchema = v.object({
  role: v.string(),
  inputs: v.optional(v.array(TensorSpecSchema), () => []),
  outputs: v.optional(v.array(TensorSpecSchema), () => []),
});
/** What one graph takes and gives; nothing for a file that is no graph. */
export type GraphSpec = v.InferOutput<typeof GraphSpecSchema>;

/** `contracts/NAME.json`: what every model of a task must look like; each engine adds its own entries. */
export const ContractSchema = v.object({
  contract: v.string(),
  version: v.literal(1),
  files: v.array(GraphSpecSchema),
});
export type Contract = v.InferOutput<typeof ContractSchema>;

/** The length that each symbol stands for in one run. */
export type Sizes = Readonly<Record<string, number>>;

/** The spec of a contract's graph; throws `model.contract` when it describes none of that role. */
export function graphSpec(contract: Contract, role: string): GraphSpec {
  const spec = contract.files.find((file) => file.role === role);
  if (spec) return spec;
  const message = `Contract "${contract.contract}" must describe the graph "${role}" and does not; install the models again.`;
  throw new StudioError('engine', 'model.contract', message);
}

/** Lengths of a tensor's dims, symbols replaced by the sizes of one run. */
export function resolveDims(dims: readonly Dim[], sizes: Sizes): number[] {
  return dims.map((dim) => {
    if (typeof dim === 'number') return dim;
    const [, factor, symbol, divisor, summand] = SYMBOLIC.exec(dim) ?? [];
    const size = sizes[symbol ?? ''];
    if (size === undefined) throw new Error(`Dimension ${dim} of a contract has no size in this run.`);
    return (size * Number(factor || 1)) / Number(divisor ?? 1) + Number(summand ?? 0);
  });
}

/** One tensor as a loaded graph declares it; symbolic dims are strings. */
export type Declared = { name: string; type: string; dims: readonly (number | string)[] };

/**
 * Holds a graph's declared inputs or outputs against the contract, at the sizes it will run with.
 * @throws StudioError `model.contract`: what was expected, what was found, what to do.
 */
export function checkDeclared(
  subject: string,
  expected: readonly TensorSpec[],
  found: readonly Declared[],
  sizes: Sizes,
): void {
  for (const spec of expected) {
    const tensor = found.find((candidate) => candidate.name === spec.name);
    const fits =
      tensor !== undefined &&
      tensor.type === spec.type &&
      dimsFit(resolveDims(spec.dims, sizes), tensor.dims, spec.dims);
    if (!fits) throw contractError(subject, describe(spec), found.map(describe).join(', ') || 'nothing');
  }
  const extra = found.find((tensor) => !expected.some((spec) => spec.name === tensor.name));
  if (extra) throw contractError(subject, expected.map(describe).join(', '), `also ${describe(extra)}`);
}

/** The error of a model that is not what its contract says. */
export function contractError(subject: string, expected: string, found: string): StudioError {
  return new StudioError(
    'engine',
    'model.contract',
    `${subject} must have ${expected}; found ${found}. Choose a model made for this engine, or export it again.`,
  );
}

/** A symbolic length of the graph fits anything; a fixed one must be what this run needs. */
function dimsFit(
  needed: readonly number[],
  found: readonly (number | string)[],
  spec: readonly Dim[],
): boolean {
  if (needed.length !== found.length) return false;
  return found.every((dim, i) => (typeof dim === 'string' ? typeof spec[i] === 'string' : dim === needed[i]));
}

function describe(tensor: { name: string; type: string; dims: readonly (number | string)[] }): string {
  return `${tensor.name} ${tensor.type}[${tensor.dims.join(', ')}]`;
}
