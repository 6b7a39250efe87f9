import { readFile } from 'node:fs/promises';
import * as v from 'valibot';
import { StudioError } from '../../contract/errors';
import { MODEL_TIERS } from '../../contract/models';
import { ModelIdSchema, RelativePathSchema, Sha256Schema } from '../engines/runtime/model-catalogue';

const words = (most: number) => v.pipe(v.string(), v.minLength(1), v.maxLength(most));
const count = v.pipe(v.number(), v.integer(), v.minValue(1));

/** Where a file can be fetched: https, or plain http on this machine alone. */
export const FileUrlSchema = v.pipe(
  v.string(),
  v.maxLength(2048),
  v.check(mayFetch, 'An https address without name or password (http only on this machine)'),
);

const LicenceSchema = v.union([
  v.pipe(
    words(80),
    v.transform((id) => ({ id, url: null, terms: null })),
  ),
  v.object({
    id: words(80),
    url: v.optional(v.nullable(FileUrlSchema), null),
    terms: v.optional(v.nullable(words(2000)), null),
  }),
]);

const FileSchema = v.object({
  role: ModelIdSchema,
  path: RelativePathSchema,
  bytes: v.optional(v.nullable(count), null),
  sha256: v.optional(v.nullable(Sha256Schema), null),
  /** The same file at several places; asked in this order. */
  urls: v.optional(v.pipe(v.array(FileUrlSchema), v.maxLength(16)), () => []),
});

const CostSchema = v.object({
  gflops: v.pipe(v.number(), v.minValue(1e-6)),
  of: v.optional(words(80), 'one result'),
});

/** One model as a catalogue tells it; the shipped catalogue's entries fit too. */
export const KnownModelSchema = v.pipe(
  v.object({
    id: ModelIdSchema,
    name: words(120),
    task: ModelIdSchema,
    contract: ModelIdSchema,
    version: words(40),
    licence: LicenceSchema,
    source: words(2048),
    tier: v.picklist(MODEL_TIERS),
    languages: v.optional(v.pipe(v.array(words(40)), v.maxLength(200)), () => []),
    folder: RelativePathSchema,
    files: v.pipe(v.array(FileSchema), v.minLength(1), v.maxLength(64)),
    /** What one result costs, for a guess at how many come in a second, and what one is ("a picture of 512 × 512"). */
    cost: v.optional(v.nullable(CostSchema), null),
  }),
  v.check(
    ({ files }) => new Set(files.map(({ path }) => path)).size === files.length,
    'Two files of one path',
  ),
  v.check(
    ({ files }) => new Set(files.map(({ role }) => role)).size === files.length,
    'Two files of one role',
  ),
);
export type KnownModel = v.InferOutput<typeof KnownModelSchema>;
export type KnownFile = KnownModel['files'][number];

/** A catalogue is read entry by entry: one that is wrong does not hide the others. */
const CatalogueSchema = v.object({
  version: v.literal(1),
  models: v.pipe(v.array(v.unknown()), v.maxLength(2000)),
});

/** What a catalogue names, and in words what of it could not be read. */
export type Catalogue = { models: KnownModel[]; problems: StudioError[] };

/** Reads a catalogue; never rejects: what is wrong with it is among the problems. */
export async function readCatalogue(file: string): Promise<Catalogue> {
  let entries: unknown[];
  try {
    entries = v.parse(CatalogueSchema, JSON.parse(await readFile(file, 'utf8'))).models;
  } catch (cause) {
    const message = `The model catalogue ${file} must be JSON with a version and models and is not; its models are left out.`;
    return { models: [], problems: [new StudioError('engine', 'model.catalogue', message, { cause })] };
  }
  const models: KnownModel[] = [];
  const problems: StudioError[] = [];
  for (const [place, entry] of entries.entries()) {
    const parsed = v.safeParse(KnownModelSchema, entry);
    if (parsed.success && !models.some(({ id }) => id === parsed.output.id)) models.push(parsed.output);
    else
      problems.push(
        refused(file, place, parsed.success ? `its id "${parsed.output.id}" is taken` : issueOf(parsed)),
      );
  }
  return { models, problems };
}

/** Whether an address may be asked for a file. */
export function mayFetch(address: string): boolean {
  if (!URL.canParse(address)) return false;
  const { protocol, hostname, username, password } = new URL(address);
  if (username || password) return false;
  return (
    protocol === 'https:' || (protocol === 'http:' && ['127.0.0.1', '[::1]', 'localhost'].includes(hostname))
  );
}

function issueOf({ issues }: { issues: readonly v.BaseIssue<unknown>[] }): string {
  const [issue] = issues;
  return issue ? `${v.getDotPath(issue) ?? 'it'}: ${issue.message}` : 'it does not fit';
}

function refused(file: string, place: number, why: string): StudioError {
  const message = `Entry ${place + 1} of the model catalogue ${file} is left out: ${why}.`;
  return new StudioError('engine', 'model.catalogue', message.slice(0, 2000));
}
