import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as v from 'valibot';
import { StudioError } from '../../../contract/errors';

/** Names of models, contracts and roles. */
export const ModelIdSchema = v.pipe(v.string(), v.regex(/^[A-Za-z0-9_-]{1,64}$/));
const id = ModelIdSchema;
/** A path below the models folder: no drive, no root, no way up. */
export const RelativePathSchema = v.pipe(
  v.string(),
  v.regex(/^[A-Za-z0-9_][A-Za-z0-9_.-]*(\/[A-Za-z0-9_][A-Za-z0-9_.-]*)*$/),
  v.maxLength(512),
);

const relativePath = RelativePathSchema;
/** SHA-256 of a file, 64 hex digits. */
export const Sha256Schema = v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/));

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
        sha256: Sha256Schema,
      }),
    ),
    v.minLength(1),
    v.maxLength(64),
  ),
});
/** One model of the catalogue. */
export type Model = v.InferOutput<typeof ModelSchema>;

/**
 * Where models lie: the folder that comes with the studio, which has the contracts too, and that of
 * what the user fetched. Each has a `catalogue.json`; of two models of one name the first folder's
 * is meant. A string is a place without the second.
 */
export type ModelPlaces = string | { modelsDir: string; userModelsDir?: string | undefined };
/** A model, and the folder that its own `folder` lies in. */
export type PlacedModel = Model & { root: string };

/** The folder that comes with the studio. */
export function shippedFolder(places: ModelPlaces): string {
  return typeof places === 'string' ? places : places.modelsDir;
}

const CatalogueSchema = v.object({ version: v.literal(1), models: v.array(ModelSchema) });

/**
 * One model's entry of the `catalogue.json` in a models folder.
 * @throws StudioError `model.missing` without such a catalogue or model, `model.corrupt`
 * when the catalogue is not one.
 */
export async function readModel(places: ModelPlaces, modelId: string): Promise<PlacedModel> {
  const known: string[] = [];
  for (const root of rootsOf(places)) {
    const { models } = await readJson(join(root, 'catalogue.json'), CatalogueSchema, 'The model catalogue');
    const model = models.find((entry) => entry.id === modelId);
    if (model) return { ...model, root };
    known.push(...models.map((entry) => entry.id));
  }
  throw new StudioError(
    'engine',
    'model.missing',
    `Model "${modelId}" is not in the catalogue, which has: ${known.join(', ') || 'none'}. Choose one of those.`,
  );
}

/** The user's folder has no catalogue before the first model is fetched. */
function rootsOf(places: ModelPlaces): string[] {
  if (typeof places === 'string') return [places];
  const { modelsDir, userModelsDir } = places;
  const fetched = userModelsDir && existsSync(join(userModelsDir, 'catalogue.json')) ? [userModelsDir] : [];
  return [modelsDir, ...fetched];
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
