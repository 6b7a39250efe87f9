import * as v from 'valibot';
import { StudioError } from '../../../contract/errors';
import { DimSchema, SymbolicSchema, resolveDims, type Dim, type Sizes } from './contract-dims';

export { resolveDims, type Dim, type Sizes } from './contract-dims';

/** A place below a model's folder: no root, no drive, no way up. */
const PlaceSchema = v.pipe(v.string(), v.regex(/^[A-Za-z0-9_][\w.-]*(\/[A-Za-z0-9_][\w.-]*)*$/));
const TypeSchema = v.picklist(['float32', 'float16', 'int64', 'int32']);
const ShapeSchema = v.array(DimSchema);

const TensorSpecSchema = v.strictObject({
  /** The name by which engines speak of it. */
  name: v.string(),
  type: TypeSchema,
  dims: ShapeSchema,
  /** Further names, types and shapes that a graph may have in the place of these. */
  names: v.optional(v.array(v.string())),
  types: v.optional(v.array(TypeSchema)),
  shapes: v.optional(v.array(ShapeSchema)),
  /** A graph may do without it. */
  optional: v.optional(v.boolean()),
  /** Least and largest value: of an input what it may be fed, of an output what it may give. */
  range: v.optional(v.tuple([v.number(), v.number()])),
  /** The one value it has, in sizes of the run. */
  value: v.optional(DimSchema),
  /** The last axis holds logarithms of probabilities, which sum to 1. */
  logProbabilities: v.optional(v.boolean()),
});
export type TensorSpec = v.InferOutput<typeof TensorSpecSchema>;

const MetadataRuleSchema = v.strictObject({
  key: v.string(),
  /** A `count` is a whole number of at least 1. */
  type: v.picklist(['count', 'integer', 'text', 'json']),
  optional: v.optional(v.boolean()),
  oneOf: v.optional(v.array(v.string())),
  /** What the number is in sizes; it settles a symbol, or must agree with what settled it before. */
  gives: v.optional(SymbolicSchema),
});
export type MetadataRule = v.InferOutput<typeof MetadataRuleSchema>;

const FileSpecSchema = v.strictObject({
  role: v.string(),
  /** Where it lies in the model's folder, and other places that are looked at after that. */
  file: v.optional(PlaceSchema),
  others: v.optional(v.array(PlaceSchema)),
  optional: v.optional(v.boolean()),
  inputs: v.optional(v.array(TensorSpecSchema), () => []),
  outputs: v.optional(v.array(TensorSpecSchema), () => []),
  /** Results that the contract does not name are allowed. */
  extraOutputs: v.optional(v.boolean()),
  /** Of each list of optional tensors a graph must have exactly one. */
  exactlyOne: v.optional(v.array(v.array(v.string()))),
  metadata: v.optional(v.array(MetadataRuleSchema)),
  /** Of a text file: how many lines it has. */
  lines: v.optional(DimSchema),
  /** It must be JSON. */
  json: v.optional(v.boolean()),
});
/** What one graph takes and gives; nothing for a file that is no graph. */
export type GraphSpec = v.InferOutput<typeof FileSpecSchema>;

/**
 * `contracts/NAME.json`: what every model of a task must look like; each engine adds its own
 * entries. This schema is the published one: every contract file is tested against it.
 */
export const ContractSchema = v.object({
  contract: v.string(),
  version: v.literal(1),
  /** The places of tensors count, their names do not. */
  boundByPosition: v.optional(v.boolean()),
  /**
   * How a model is proved: the sizes of symbols that it leaves free, the symbols that it must leave
   * free, and those of which it may fix only some sizes.
   */
  proof: v.optional(
    v.strictObject({
      sizes: v.record(v.string(), v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(65_536))),
      free: v.optional(v.array(v.string())),
      only: v.optional(v.record(v.string(), v.array(v.number()))),
    }),
  ),
  files: v.array(FileSpecSchema),
});
export type Contract = v.InferOutput<typeof ContractSchema>;

/** The spec of a contract's graph; throws `model.contract` when it describes none of that role. */
export function graphSpec(contract: Contract, role: string): GraphSpec {
  const spec = contract.files.find((file) => file.role === role);
  if (spec) return spec;
  const message = `Contract "${contract.contract}" must describe the graph "${role}" and does not; install the models again.`;
  throw new StudioError('engine', 'model.contract', message);
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
      [spec.dims, ...(spec.shapes ?? [])].some((dims) =>
        dimsFit(resolveDims(dims, sizes), tensor.dims, dims),
      );
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

/** A tensor in words: `sample float32[B, 4, h, w]`. */
export function describe(tensor: { name: string; type: string; dims: readonly (number | string)[] }): string {
  return `${tensor.name} ${tensor.type}[${tensor.dims.join(', ')}]`;
}
