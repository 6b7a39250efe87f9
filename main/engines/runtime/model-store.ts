import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { StudioError } from '../../../contract/errors';
import { readModel, type Model, type ModelPlaces } from './model-catalogue';

/** A model whose files are all there and whole. */
export type VerifiedModel = {
  readonly model: Model;
  /** Absolute path of the file with a role; throws `model.contract` when the model has none. */
  file(role: string): string;
};

/**
 * Finds a model and proves every file of it by SHA-256, before anything loads them:
 * a runtime loads flipped weight bytes without a word.
 * @throws StudioError `model.missing` or `model.corrupt`, naming the file.
 */
export async function openModel(places: ModelPlaces, modelId: string): Promise<VerifiedModel> {
  const model = await readModel(places, modelId);
  const paths = new Map<string, string>();
  for (const file of model.files) {
    const path = join(model.root, model.folder, file.path);
    await verifyFile(path, file.bytes, file.sha256);
    paths.set(file.role, path);
  }
  return {
    model,
    file: (role) => {
      const path = paths.get(role);
      if (path !== undefined) return path;
      const has = [...paths.keys()].join(', ');
      throw new StudioError(
        'engine',
        'model.contract',
        `Model "${model.id}" must have a file with the role "${role}"; it has ${has}. Choose a model made for this engine.`,
      );
    },
  };
}

async function verifyFile(path: string, bytes: number, sha256: string): Promise<void> {
  const found = await stat(path).catch((cause: unknown) => {
    const message = `Model file ${path} must be there and is not; install the model again.`;
    throw new StudioError('engine', 'model.missing', message, { cause });
  });
  const hash = createHash('sha256');
  try {
    await pipeline(createReadStream(path), hash);
  } catch (cause) {
    const message = `Model file ${path} could not be read; check its permissions.`;
    throw new StudioError('engine', 'model.missing', message, { cause });
  }
  const foundSha256 = hash.digest('hex');
  if (foundSha256 === sha256) return;
  throw new StudioError(
    'engine',
    'model.corrupt',
    `Model file ${path} must have SHA-256 ${sha256} and ${bytes} bytes, ` +
      `found ${foundSha256} and ${found.size} bytes; install the model again.`,
  );
}
