import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as v from 'valibot';
import writeFileAtomic from 'write-file-atomic';
import { ModelIdSchema, Sha256Schema } from '../engines/runtime/model-catalogue';
import { KnownModelSchema, type KnownFile, type KnownModel } from './known-models';

const ShelfSchema = v.object({
  version: v.literal(1),
  /** Model → licence whose terms the user agreed to. */
  accepted: v.record(ModelIdSchema, v.string()),
  /** `MODEL/PATH` → hash of a file whose catalogue knew none, as it was first fetched. */
  trusted: v.record(v.string(), Sha256Schema),
});
const InstalledSchema = v.object({ version: v.literal(1), models: v.array(KnownModelSchema) });

/** A model whose files are all here, with the size and hash of each. */
export type InstalledModel = Omit<KnownModel, 'files'> & {
  files: (KnownFile & { bytes: number; sha256: string })[];
};

/**
 * What is remembered of the user's models, in their folder: `catalogue.json`, which engines read
 * as they do the shipped one, and `shelf.json`. Both are written whole or not at all; one that is
 * damaged is as none, for the files themselves can be verified again.
 */
export class ShelfFile {
  readonly #folder: string;
  #installed: InstalledModel[] = [];
  #accepted: Record<string, string> = {};
  #trusted: Record<string, string> = {};
  #writing: Promise<void> = Promise.resolve();

  private constructor(folder: string) {
    this.#folder = folder;
  }

  static async open(folder: string): Promise<ShelfFile> {
    const file = new ShelfFile(folder);
    const installed = await read(join(folder, 'catalogue.json'), InstalledSchema);
    file.#installed = (installed?.models ?? []).filter(isWhole);
    const shelf = await read(join(folder, 'shelf.json'), ShelfSchema);
    file.#accepted = shelf?.accepted ?? {};
    file.#trusted = shelf?.trusted ?? {};
    return file;
  }

  get installed(): readonly InstalledModel[] {
    return this.#installed;
  }

  hasAccepted({ id, licence }: KnownModel): boolean {
    return this.#accepted[id] === licence.id;
  }

  async accept({ id, licence }: KnownModel): Promise<void> {
    this.#accepted[id] = licence.id;
    await this.#writeShelf();
  }

  /** The hash a file must have: the catalogue's, or the one it had when it was first fetched. */
  hashOf(model: KnownModel, file: KnownModel['files'][number]): string | null {
    return file.sha256 ?? this.#trusted[`${model.id}/${file.path}`] ?? null;
  }

  /** Resolves once engines can find the model. */
  async add(model: InstalledModel): Promise<void> {
    for (const { path, sha256 } of model.files) this.#trusted[`${model.id}/${path}`] = sha256;
    await this.#writeShelf();
    await this.#setInstalled((others) => [...others, model], model.id);
  }

  async remove(modelId: string): Promise<void> {
    await this.#setInstalled((others) => [...others], modelId);
  }

  /** Changes follow one another, and are true here only when they are on the disk. */
  #setInstalled(change: (others: InstalledModel[]) => InstalledModel[], modelId: string): Promise<void> {
    const written = this.#writing.then(async () => {
      const models = change(this.#installed.filter(({ id }) => id !== modelId));
      await this.#write('catalogue.json', { version: 1, models });
      this.#installed = models;
    });
    this.#writing = written.catch(() => {});
    return written;
  }

  async #writeShelf(): Promise<void> {
    await this.#write('shelf.json', { version: 1, accepted: this.#accepted, trusted: this.#trusted });
  }

  async #write(name: string, content: unknown): Promise<void> {
    await mkdir(this.#folder, { recursive: true });
    await writeFileAtomic(join(this.#folder, name), `${JSON.stringify(content, null, 2)}\n`);
  }
}

/** Whether size and hash of every file are known, as they are of a model that is here. */
export function isWhole(model: KnownModel): model is InstalledModel {
  return model.files.every(({ bytes, sha256 }) => bytes !== null && sha256 !== null);
}

async function read<S extends v.GenericSchema>(file: string, schema: S): Promise<v.InferOutput<S> | null> {
  try {
    return v.parse(schema, JSON.parse(await readFile(file, 'utf8')));
  } catch {
    return null;
  }
}
