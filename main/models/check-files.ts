import { join } from 'node:path';
import { StudioError } from '../../contract/errors';
import type { ModelCheck } from '../../contract/models';
import { hashFile } from './blobs';
import { sizeOf } from './fetch-file';
import type { InstalledModel } from './shelf-file';

/** At most so many file names in one sentence. */
const MOST_NAMES = 3;

/**
 * Holds every file of a model against the size and SHA-256 that are known of it.
 * @param root the folder that the model's own folder is in
 * @param mend what to do about a file that differs, as a sentence
 * @throws StudioError `model.missing` when files are gone, `model.corrupt` when one is another; it names them all
 */
export async function checkFiles(root: string, model: InstalledModel, mend: string): Promise<ModelCheck> {
  const [gone, other]: [string[], string[]] = [[], []];
  let sum = 0;
  for (const { path, bytes, sha256 } of model.files) {
    const file = join(root, model.folder, path);
    const size = await sizeOf(file);
    if (size === 0) gone.push(path);
    else if (size !== bytes || (await hashFile(file)) !== sha256) other.push(path);
    sum += bytes;
  }
  const wrong = gone.length + other.length;
  if (wrong === 0) return { files: model.files.length, bytes: sum, atMs: Date.now() };
  const what = [
    ...(other.length > 0
      ? [`${namesOf(other)} ${other.length > 1 ? 'are' : 'is'} not as the catalogue says`]
      : []),
    ...(gone.length > 0 ? [`${namesOf(gone)} ${gone.length > 1 ? 'are' : 'is'} missing`] : []),
  ].join(', and ');
  const rest = wrong < model.files.length ? ' The other files are right.' : '';
  const message = `${model.name}: ${what}.${rest} ${mend}`;
  throw new StudioError(
    'engine',
    other.length > 0 ? 'model.corrupt' : 'model.missing',
    message.slice(0, 2000),
  );
}

/** `a, b and 4 more`: file names in a sentence. */
export function namesOf(paths: readonly string[]): string {
  const most = paths.length > MOST_NAMES ? MOST_NAMES - 1 : paths.length;
  const named = paths.slice(0, most);
  const rest = paths.length - named.length;
  if (rest > 0) return `${named.join(', ')} and ${rest} more`;
  return named.length < 2 ? named.join('') : `${named.slice(0, -1).join(', ')} and ${named.at(-1)}`;
}
