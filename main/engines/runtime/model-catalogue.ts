import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as v from 'valibot';
import { StudioError } from '../../../contract/errors';

const id = v.pipe(v.string(), v.regex(/^[A-Za-z0-9_-]{1,64}$/));
/** A path below the models folder: no drive, no root, no way up. */
const relativePath = v.pipe(
  v.string(),
  v.regex(/^[A-Za-z0-9_][A-Za-z0-9_.-]*(\/[A-Za-z0-9_][A-Za-z0-9_.-]*)*$/),
  v.maxLength(512),
);

const ModelSchema = v.object({
  id,
  task: v.string(),
  /** Name of the contract its graphs must fit, `contracts/NAME.json`. */
  contract: id,
  /** Folder of its files, below the models folder. */
  folder: relativePath,
  files: v.pipe(
    v.array(
      v.object({
        /** What the file is to the contract: a graph's name, `vocabulary`, … */
        role: id,
        /** Below the model's folder. */
        path: relativePath,
        bytes: v.pipe(v.number(), v.integer(), v.minValue(1)),
        sha256: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/)),
      }),
    ),
    v.minLength(1),
    v.maxLength(64),
  ),
});
/** One model of the catalogue. */
export type Model = v.InferOutput<typeof ModelSchema>;

const CatalogueSchema = v.object({ version: v.literal(1), models: v.array(ModelSchema) });

/**
 * One model's entry of `catalogue.json` in the models folder.
 * @throws StudioError `model.missing` without such a catalogue or model, `model.corrupt`
 * when the catalogue is not one.
 */
export async function readModel(modelsDir: string, modelId: string): Promise<Model> {
  const catalogue = await readJson(join(modelsDir, 'catalogue.json'), CatalogueSchema, 'The model catalogue');
  const model = catalogue.models.find((entry) => entry.id === modelId);
  if (model) return model;
  const known = catalogue.models.map((entry) => entry.id).join(', ') || 'none';
  throw new StudioError(
    'engine',
    'model.missing',
    `Model "${modelId}" is not in the catalogue, which has: ${known}. Choose one of those.`,
  );
}

/**
 * A JSON file of the models folder, checked by its schema; `subject` begins the message.
 * @throws StudioError `model.missing` when it cannot be read, `model.corrupt` when it does not fit.
 */
export async function readJson<S extends v.GenericSchema>(
  path: string,
  schema: S,
  subject: string,
): Promise<v.InferOutput<S>> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (cause) {
    const message = `${subject} must be readable at ${path} and is not; install the models again.`;
    throw new StudioError('engine', 'model.missing', message, { cause });
  }
  let data: unknown;
  try {
    data = JSON.parse(text);
  } catch (cause) {
    const message = `${subject} at ${path} is not JSON; install the models again.`;
    throw new StudioError('engine', 'model.corrupt', message, { cause });
  }
  const parsed = v.safeParse(schema, data);
  if (parsed.success) return parsed.output;
  const issue = parsed.issues[0];
  const where = v.getDotPath(issue) ?? 'its root';
  const message = `${subject} at ${path} does not fit its schema: ${where}: ${issue.message} Install the models again.`;
  throw new StudioError('engine', 'model.corrupt', message);
}
