import { copyFile, lstat, mkdir, mkdtemp, readFile, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative, sep } from 'node:path';
import * as tar from 'tar';
import * as v from 'valibot';
import { StudioError } from '../../contract/errors';
import { hashFile, type Blobs } from './blobs';
import { namesOf } from './check-files';
import { KnownModelSchema, type KnownModel } from './known-models';
import type { InstalledModel, ShelfFile } from './shelf-file';

/** More than this is no model, and no bundle of models. */
const MOST_FILES = 2000;
const DEEPEST = 6;

type FoundFile = { path: string; relative: string; bytes: number };
export type ImportPlace = {
  folder: string;
  blobs: Blobs;
  shelf: ShelfFile;
  known: readonly KnownModel[];
  /** The model that the files are meant to be, where they do not tell themselves. */
  meant: KnownModel | null;
  /** Links a model's files where engines look for them, and notes it. */
  install: (model: InstalledModel) => Promise<void>;
  /** Bytes that a bundle may unfold to: the room there is. */
  roomBytes: number;
};

/**
 * Takes in models from a folder or an offline bundle, a `.tar` or `.tar.gz` of one. A model is known by
 * a `model.json` beside its files, written like an entry of the catalogue, or by files that are those of
 * a catalogue's model, or by the paths of the files of the one that is meant: what no catalogue knows a hash
 * of is trusted the first time, as at a fetch. The user's own files stay as they are.
 * @returns ids of the models that came of it.
 * @throws StudioError `model.import-failed`, `model.corrupt`, `model.disk-full`.
 */
export async function importModels(path: string, place: ImportPlace): Promise<string[]> {
  const found = await stat(path).catch(() => null);
  if (found?.isDirectory()) return importFolder(path, place);
  if (!found?.isFile() || !/\.(tar|tar\.gz|tgz)$/i.test(path))
    throw failed(`${path} must be a folder or a bundle (.tar, .tar.gz) and is not; choose one`);
  const unpacked = await mkdtemp(join(tmpdir(), 'fantascope-bundle-'));
  try {
    await unpack(path, unpacked, place.roomBytes);
    return await importFolder(unpacked, place);
  } finally {
    await rm(unpacked, { recursive: true, force: true });
  }
}

/** Only plain files and folders leave a bundle, into `target` and nowhere else, and no more than there is room for. */
async function unpack(bundle: string, target: string, roomBytes: number): Promise<void> {
  let [bytes, files] = [0, 0];
  let refusal: StudioError | null = null;
  const refuse = (why: string) => {
    refusal ??= failed(`The bundle ${bundle} ${why}; it is not taken in`);
    return false;
  };
  try {
    await tar.extract({
      file: bundle,
      cwd: target,
      strict: true,
      noChmod: true,
      preservePaths: false,
      filter: (name, entry) => {
        if (refusal) return false;
        const kind = 'type' in entry ? entry.type : 'File';
        if (kind !== 'File' && kind !== 'Directory') return refuse(`has "${name}", which is a ${kind}`);
        if (name.startsWith('/') || name.split(/[\\/]/).includes('..'))
          return refuse(`has the path "${name}", which leads out of it`);
        bytes += entry.size ?? 0;
        files++;
        if (bytes > roomBytes) return refuse(`unfolds to more than the ${roomBytes} bytes there is room for`);
        if (files > MOST_FILES) return refuse(`has more than ${MOST_FILES} files`);
        return true;
      },
    });
  } catch (cause) {
    throw refusal ?? failed(`The bundle ${bundle} could not be unpacked; it may be cut off`, cause);
  }
  if (refusal) throw refusal as StudioError;
}

async function importFolder(folder: string, place: ImportPlace): Promise<string[]> {
  const files = await listFiles(folder);
  const named = files.filter(({ relative: name }) => /(^|\/)model\.json$/.test(name));
  const taken: string[] = [];
  for (const { path, relative: name } of named) {
    const model = await readEntry(path);
    const base = name.slice(0, -'model.json'.length);
    const inside = files.filter((file) => file.relative.startsWith(base));
    const of = model.files.map((file) => inside.find((one) => one.relative === base + file.path));
    taken.push(await take(model, of, place, path));
  }
  if (named.length === 0 && place.meant) taken.push(await takeMeant(place.meant, files, place, folder));
  else if (named.length === 0) taken.push(...(await recognise(files, place)));
  if (taken.length > 0) return taken;
  throw failed(
    `${folder} has no model.json, and none of its ${files.length} files are all those of a model of the catalogue; choose the folder of a model`,
  );
}

/** One model of the catalogue: a file whose hash is known under any name, others by their path. */
async function takeMeant(
  model: KnownModel,
  files: readonly FoundFile[],
  place: ImportPlace,
  folder: string,
): Promise<string> {
  const found: (FoundFile | undefined)[] = [];
  for (const wanted of model.files) {
    const byName = files.find((one) => one.relative === wanted.path) ?? files.find(isAt(wanted.path));
    const sha256 = place.shelf.hashOf(model, wanted);
    found.push(byName ?? (sha256 === null ? undefined : await withHash(files, sha256, wanted.bytes)));
  }
  const lacking = model.files.filter((_, i) => found[i] === undefined).map(({ path }) => path);
  if (lacking.length === 0) return take(model, found, place, folder);
  throw failed(`${folder} lacks ${namesOf(lacking)} of ${model.name}; put what is missing there`);
}

async function withHash(files: readonly FoundFile[], sha256: string, bytes: number | null) {
  for (const file of files)
    if ((bytes === null || file.bytes === bytes) && (await hashFile(file.path)) === sha256) return file;
  return undefined;
}

/** Whether a file lies at a path, or at the same path in a folder below. */
function isAt(path: string): (file: FoundFile) => boolean {
  return ({ relative: name }) => name === path || name.endsWith(`/${path}`);
}

/** Models of the catalogue whose files all lie there: by hash, or where none is known by path and size. */
async function recognise(files: readonly FoundFile[], place: ImportPlace): Promise<string[]> {
  const hashes = new Map<string, FoundFile>();
  const wantedSizes = new Set(place.known.flatMap((model) => model.files.map(({ bytes }) => bytes)));
  for (const file of files) if (wantedSizes.has(file.bytes)) hashes.set(await hashFile(file.path), file);
  const taken: string[] = [];
  for (const model of place.known) {
    const of = model.files.map((wanted) => {
      const sha256 = place.shelf.hashOf(model, wanted);
      if (sha256) return hashes.get(sha256);
      const sameName = isAt(wanted.path);
      return files.find((one) => sameName(one) && wanted.bytes !== null && one.bytes === wanted.bytes);
    });
    if (of.every((file) => file !== undefined)) taken.push(await take(model, of, place, model.id));
  }
  return taken;
}

async function take(
  model: KnownModel,
  files: readonly (FoundFile | undefined)[],
  { folder, blobs, shelf, known, install }: ImportPlace,
  from: string,
): Promise<string> {
  if (known.some(({ id, files: theirs }) => id === model.id && !sameFiles(theirs, model.files)))
    throw failed(
      `${from} names its model "${model.id}", and the catalogue has another of that name; give it another id`,
    );
  const whole: InstalledModel['files'] = [];
  for (const [i, wanted] of model.files.entries()) {
    const file = files[i];
    if (!file) throw failed(`${from} must have the file ${wanted.path} beside it and has not`);
    const sha256 = await hashFile(file.path);
    const expected = shelf.hashOf(model, wanted);
    if ((expected && expected !== sha256) || (wanted.bytes !== null && wanted.bytes !== file.bytes)) {
      const message = `${file.relative} must have SHA-256 ${expected ?? 'any'} and ${wanted.bytes ?? 'any'} bytes, and has ${sha256} and ${file.bytes}; nothing of ${model.name} is taken in.`;
      throw new StudioError('engine', 'model.corrupt', message);
    }
    // A blob can have rotted since: what is taken in mends it.
    if (!(await blobs.has(sha256, file.bytes)) || !(await blobs.isRight(sha256))) {
      const copy = join(folder, 'parts', `${sha256}.import`);
      await mkdir(join(folder, 'parts'), { recursive: true });
      await copyFile(file.path, copy);
      if ((await hashFile(copy)) !== sha256)
        throw failed(`${file.path} changed while it was copied; try again`);
      await blobs.take(copy, sha256);
    }
    whole.push({ ...wanted, bytes: file.bytes, sha256 });
  }
  await install({ ...model, files: whole });
  return model.id;
}

function sameFiles(a: KnownModel['files'], b: KnownModel['files']): boolean {
  return (
    a.length === b.length &&
    a.every(
      ({ path, sha256 }, i) =>
        b[i]!.path === path && (sha256 === null || b[i]!.sha256 === null || sha256 === b[i]!.sha256),
    )
  );
}

async function readEntry(path: string): Promise<KnownModel> {
  let data: unknown;
  try {
    data = JSON.parse(await readFile(path, 'utf8'));
  } catch (cause) {
    throw failed(`${path} must be JSON and is not`, cause);
  }
  const parsed = v.safeParse(KnownModelSchema, data);
  if (parsed.success) return parsed.output;
  const [issue] = parsed.issues;
  throw failed(`${path} does not describe a model: ${v.getDotPath(issue) ?? 'it'}: ${issue.message}`);
}

/** Plain files below a folder; links are not followed, for they could lead anywhere. */
async function listFiles(folder: string): Promise<FoundFile[]> {
  const found: FoundFile[] = [];
  const visit = async (path: string, depth: number): Promise<void> => {
    for (const entry of await readdir(path, { withFileTypes: true })) {
      const child = join(path, entry.name);
      if (entry.isDirectory() && depth < DEEPEST) await visit(child, depth + 1);
      if (!entry.isFile()) continue;
      if (found.length >= MOST_FILES)
        throw failed(`${folder} has more than ${MOST_FILES} files; choose the folder of a model`);
      const { size } = await lstat(child);
      found.push({ path: child, relative: relative(folder, child).split(sep).join('/'), bytes: size });
    }
  };
  await visit(folder, 0);
  return found;
}

function failed(message: string, cause?: unknown): StudioError {
  return new StudioError(
    'engine',
    'model.import-failed',
    `${message}.`.slice(0, 2000),
    cause === undefined ? {} : { cause },
  );
}
