import { mkdir, readdir, rm } from 'node:fs/promises';
import { totalmem } from 'node:os';
import { join } from 'node:path';
import { EnvHttpProxyAgent, type Dispatcher } from 'undici';
import { StudioError, toStudioError, type StudioErrorShape } from '../../contract/errors';
import type { ModelCheck, ModelListing, ModelShelf as Shelf, ModelState } from '../../contract/models';
import { Listeners } from '../engines/runtime/listeners';
import { Blobs, diskUse } from './blobs';
import { checkFiles, namesOf } from './check-files';
import { readCatalogue, type KnownModel } from './known-models';
import { free, installModel, ModelFetch, type FetchPlace } from './model-fetch';
import type { ModelMachine } from './model-fit';
import { importModels } from './model-import';
import { listingOf, pathsWithoutAddress } from './model-listing';
import type { MachineSpeed } from './machine-speed';
import { isWhole, ShelfFile, type InstalledModel } from './shelf-file';

const AT_ONCE = 2;
const TELL_MS = 250;
const LOOK_MS = 2000;
const MOVING: readonly ModelState[] = ['waiting', 'downloading', 'verifying'];

export type ModelShelfOptions = {
  /** Folder of native-models: `catalogue.json` of what is shipped, `public-models.json` of what can be fetched. */
  modelsDir: string;
  /** Folder of what the user fetched or took in. */
  folder: string;
  machine: () => ModelMachine;
  speed: MachineSpeed;
  /** Models that an engine runs, or that the open project names. */
  inUse: () => ReadonlySet<string>;
  onFailed: (model: KnownModel, error: StudioErrorShape) => void;
  onLog: (line: string) => void;
} & Partial<Pick<FetchPlace, 'dispatcher' | 'limits' | 'openPart' | 'freeBytes'>>;

/**
 * Every model known here and what can be done about it: fetched, paused, taken in, verified, deleted.
 * What the catalogues say is read once; what lies in the user's folder belongs to this shelf.
 */
export class ModelShelf {
  readonly #options: ModelShelfOptions;
  readonly #blobs: Blobs;
  readonly #file: ShelfFile;
  readonly #shipped: readonly KnownModel[];
  readonly #public: ReadonlySet<string>;
  readonly #known: Map<string, KnownModel>;
  readonly #fetches = new Map<string, ModelFetch>();
  readonly #damaged = new Map<string, StudioErrorShape>();
  readonly #checked = new Map<string, ModelCheck>();
  readonly #verifying = new Set<string>();
  readonly #changed = new Listeners<[Shelf]>();
  readonly #place: FetchPlace;
  readonly #dispatcher: Dispatcher;
  #usedBytes = 0;
  #freeBytes = 0;
  #measuredMs = 0;
  #telling: NodeJS.Timeout | undefined;
  #closed = false;

  private constructor(
    options: ModelShelfOptions,
    file: ShelfFile,
    shipped: KnownModel[],
    others: KnownModel[],
  ) {
    this.#options = options;
    this.#file = file;
    this.#shipped = shipped;
    this.#public = new Set(others.map(({ id }) => id));
    const models = [...shipped, ...others, ...file.installed].map((model) => [model.id, model] as const);
    // Of two of one name the first is meant, as engines mean it.
    this.#known = new Map(models.reverse());
    this.#blobs = new Blobs(join(options.folder, 'blobs'));
    this.#dispatcher = options.dispatcher ?? new EnvHttpProxyAgent();
    const { folder, limits, openPart, freeBytes } = options;
    this.#place = {
      folder,
      blobs: this.#blobs,
      shelf: file,
      dispatcher: this.#dispatcher,
      onChange: () => this.#tell(),
      ...(limits ? { limits } : {}),
      ...(openPart ? { openPart } : {}),
      ...(freeBytes ? { freeBytes } : {}),
    };
  }

  /** Never rejects for what lies in the folders: what is wrong with a catalogue goes into the log. */
  static async open(options: ModelShelfOptions): Promise<ModelShelf> {
    const { modelsDir, folder, onLog } = options;
    const [shipped, others, file] = await Promise.all([
      readCatalogue(join(modelsDir, 'catalogue.json')),
      readCatalogue(join(modelsDir, 'public-models.json')),
      ShelfFile.open(folder),
    ]);
    for (const problem of [...shipped.problems, ...others.problems]) onLog(problem.message);
    const placed = others.models.map((model) => ({ ...model, folder: folderOf(model) }));
    const shelf = new ModelShelf(options, file, shipped.models, placed);
    await shelf.#findHalves();
    await shelf.#measureDisk();
    return shelf;
  }

  /** The shelf as the interface shows it. */
  get shelf(): Shelf {
    const { folder, speed, machine, inUse } = this.#options;
    const [here, used] = [machine(), inUse()];
    return {
      models: [...this.#known.values()].map((model) => this.#listing(model, here, used)),
      folder,
      usedBytes: this.#usedBytes,
      freeBytes: this.#freeBytes,
      referenceMs: speed.referenceMs,
    };
  }

  /** @returns a function that takes the listener out; it hears at most four times a second. */
  onChange(listener: (shelf: Shelf) => void): () => void {
    return this.#changed.add(listener);
  }

  /**
   * Fetches a model, or goes on with it.
   * @throws StudioError `model.missing`, `model.licence`, `model.no-address`, `argument.invalid`
   */
  async download(modelId: string, acceptLicence: boolean): Promise<void> {
    const model = this.#find(modelId);
    const damaged = this.#damaged.has(modelId);
    if (this.#isShipped(modelId) || (this.#installed(modelId) && !damaged))
      throw invalid(`${model.name} is here already.`);
    const lacking = pathsWithoutAddress(model);
    if (lacking.length > 0) {
      const message = `No address is known of ${namesOf(lacking)}. Get ${model.name} from where it is published and import its folder.`;
      throw new StudioError('engine', 'model.no-address', message.slice(0, 2000));
    }
    if (model.licence.terms && !this.#file.hasAccepted(model)) {
      if (!acceptLicence) {
        const message = `The terms of ${model.licence.id} must be agreed to before ${model.name} is fetched.`;
        throw new StudioError('engine', 'model.licence', message);
      }
      await this.#file.accept(model);
    }
    if (damaged) await this.#dropBroken(model);
    const known = this.#fetches.get(modelId);
    if (known && MOVING.includes(known.state)) return;
    const fetch = known ?? new ModelFetch(model, this.#place);
    this.#fetches.set(modelId, fetch);
    fetch.wait();
    this.#startNext();
  }

  async pause(modelId: string): Promise<void> {
    await this.#moving(modelId).pause();
    this.#startNext();
  }

  /** Gives a fetch up and deletes what came of it. */
  async cancel(modelId: string): Promise<void> {
    const fetch = this.#moving(modelId);
    await fetch.discard();
    this.#fetches.delete(modelId);
    await this.#tidy();
    this.#startNext();
  }

  /** @throws StudioError `model.in-use`, `argument.invalid` for one that is shipped or not here. */
  async delete(modelId: string): Promise<void> {
    const model = this.#mine(modelId);
    if (this.#options.inUse().has(modelId)) {
      const message = `${model.name} is in use; choose another model for its engine first.`;
      throw new StudioError('engine', 'model.in-use', message);
    }
    // The catalogue first: engines must not find what is half gone.
    await this.#file.remove(modelId);
    await rm(join(this.#options.folder, model.folder), { recursive: true, force: true });
    this.#damaged.delete(modelId);
    this.#fetches.delete(modelId);
    this.#checked.delete(modelId);
    if (!this.#public.has(modelId)) this.#known.delete(modelId);
    await this.#tidy();
  }

  /**
   * Holds a model's files against what is known of them; the outcome is in its listing.
   * @throws StudioError `argument.invalid` for one that is not here
   */
  async verify(modelId: string): Promise<void> {
    const shipped = this.#shipped.find(({ id }) => id === modelId);
    const model = shipped && isWhole(shipped) ? shipped : this.#mine(modelId);
    const root = shipped ? this.#options.modelsDir : this.#options.folder;
    this.#verifying.add(modelId);
    this.#tell();
    try {
      this.#checked.set(modelId, await checkFiles(root, model, mendOf(model, shipped !== undefined)));
      this.#damaged.delete(modelId);
    } catch (error) {
      this.#checked.delete(modelId);
      this.#damaged.set(modelId, toStudioError(error, 'engine', 'model.corrupt').toShape());
    } finally {
      this.#verifying.delete(modelId);
      this.#tell();
    }
  }

  /**
   * Takes in models, one of the catalogue if `modelId` names it.
   * @throws StudioError as {@link importModels} does, and `argument.invalid` for one that is shipped
   */
  async import(path: string, modelId: string | null): Promise<string[]> {
    const { folder, freeBytes = free } = this.#options;
    const meant = modelId === null ? null : this.#find(modelId);
    if (meant && this.#isShipped(meant.id)) throw invalid(`${meant.name} comes with the studio and stays.`);
    await mkdir(folder, { recursive: true });
    const taken = await importModels(path, {
      folder,
      blobs: this.#blobs,
      shelf: this.#file,
      known: [...this.#known.values()].filter(({ id }) => !this.#isShipped(id)),
      meant,
      install: async (model) => {
        if (this.#isShipped(model.id)) throw invalid(`A model named "${model.id}" comes with the studio.`);
        await installModel({ ...model, folder: folderOf(model) }, this.#place);
        this.#known.set(model.id, { ...model, folder: folderOf(model) });
        this.#damaged.delete(model.id);
        this.#checked.delete(model.id);
      },
      roomBytes: await freeBytes(folder),
    });
    await this.#tidy();
    return taken;
  }

  /** Measures this machine for a few seconds. */
  async measure(): Promise<void> {
    await this.#options.speed.measure();
    this.#tell();
  }

  /** Stops what is under way and keeps what came. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    clearTimeout(this.#telling);
    await Promise.all([...this.#fetches.values()].map((fetch) => fetch.pause()));
    if (!this.#options.dispatcher) await this.#dispatcher.close();
  }

  #startNext(): void {
    if (this.#closed) return;
    const states = [...this.#fetches.values()];
    const busy = states.filter(({ state }) => state === 'downloading' || state === 'verifying').length;
    for (const fetch of states
      .filter(({ state }) => state === 'waiting')
      .slice(0, Math.max(0, AT_ONCE - busy)))
      void this.#run(fetch);
    this.#tell();
  }

  async #run(fetch: ModelFetch): Promise<void> {
    await fetch.run();
    const { id } = fetch.model;
    if (fetch.state === 'installed') {
      this.#damaged.delete(id);
      this.#checked.delete(id);
    }
    if (fetch.state === 'installed' && this.#fetches.get(id) === fetch) this.#fetches.delete(id);
    if (fetch.error && fetch.state === 'failed') this.#options.onFailed(fetch.model, fetch.error);
    await this.#measureDisk();
    this.#startNext();
  }

  /** Whoever shares a file that is not what its name says has the same broken one. */
  async #dropBroken(model: KnownModel): Promise<void> {
    for (const file of model.files) {
      const sha256 = this.#file.hashOf(model, file);
      if (sha256 && (await this.#blobs.has(sha256, null)) && !(await this.#blobs.isRight(sha256)))
        await this.#blobs.drop(sha256);
    }
  }

  /** What an earlier run of the studio left half fetched shows as paused. */
  async #findHalves(): Promise<void> {
    for (const model of this.#known.values()) {
      if (this.#isShipped(model.id) || this.#installed(model.id)) continue;
      const fetch = new ModelFetch(model, this.#place);
      if (await fetch.hasHalf()) this.#fetches.set(model.id, fetch);
    }
  }

  /** Deletes blobs that no model here and none on its way needs. */
  async #tidy(): Promise<void> {
    const wanted = new Set(this.#file.installed.flatMap(({ files }) => files.map(({ sha256 }) => sha256)));
    for (const { model } of this.#fetches.values()) {
      for (const file of model.files) wanted.add(this.#file.hashOf(model, file) ?? '');
    }
    await this.#blobs.keepOnly(wanted);
    await this.#measureDisk();
    this.#tell();
  }

  /** Bytes that come show on the disk while they come, without a look at it for each. */
  #lookAtDisk(): void {
    if (performance.now() - this.#measuredMs < LOOK_MS) return;
    if ([...this.#fetches.values()].some(({ state }) => state === 'downloading')) void this.#measureDisk();
  }

  async #measureDisk(): Promise<void> {
    this.#measuredMs = performance.now();
    const { folder, freeBytes = free } = this.#options;
    const isThere = await readdir(folder).catch(() => null);
    this.#usedBytes = isThere ? await diskUse(folder) : 0;
    await mkdir(folder, { recursive: true }).catch(() => {});
    this.#freeBytes = await freeBytes(folder).catch(() => 0);
  }

  #listing(model: KnownModel, machine: ModelMachine, used: ReadonlySet<string>): ModelListing {
    const { speed } = this.#options;
    return listingOf({
      model,
      shipped: this.#isShipped(model.id),
      installed: this.#installed(model.id),
      fetch: this.#fetches.get(model.id),
      damage: this.#damaged.get(model.id) ?? null,
      verifying: this.#verifying.has(model.id),
      checked: this.#checked.get(model.id) ?? null,
      accepted: this.#file.hasAccepted(model),
      inUse: used.has(model.id),
      machine,
      cost: speed.costOf(model),
      referenceMs: speed.referenceMs,
    });
  }

  #tell(): void {
    if (this.#closed) return;
    this.#telling ??= setTimeout(() => {
      this.#telling = undefined;
      this.#lookAtDisk();
      this.#changed.emit(this.shelf);
    }, TELL_MS);
  }

  #isShipped(modelId: string): boolean {
    return this.#shipped.some(({ id }) => id === modelId);
  }

  #installed(modelId: string): InstalledModel | undefined {
    return this.#file.installed.find(({ id }) => id === modelId);
  }

  #find(modelId: string): KnownModel {
    const model = this.#known.get(modelId);
    if (model) return model;
    throw new StudioError(
      'engine',
      'model.missing',
      `No catalogue has a model "${modelId}"; choose one of the list.`,
    );
  }

  #mine(modelId: string): InstalledModel {
    const model = this.#find(modelId);
    if (this.#isShipped(modelId)) throw invalid(`${model.name} comes with the studio and stays.`);
    const installed = this.#installed(modelId);
    if (!installed) throw invalid(`${model.name} is not on this disk.`);
    return installed;
  }

  #moving(modelId: string): ModelFetch {
    const fetch = this.#fetches.get(modelId);
    if (fetch) return fetch;
    throw invalid(`${this.#find(modelId).name} is not being fetched.`);
  }
}

/** Models of the user lie in folders of their own, whatever a catalogue says. */
function folderOf({ id }: Pick<KnownModel, 'id'>): string {
  return `models/${id}`;
}

/** What to do about a file that is not as it should be. */
function mendOf(model: InstalledModel, shipped: boolean): string {
  if (shipped) return 'Install Fantascope again: it comes with this model.';
  return pathsWithoutAddress(model).length > 0 ? 'Import the model again.' : 'Get the model again.';
}

function invalid(message: string): StudioError {
  return new StudioError('engine', 'argument.invalid', message);
}

/** This machine's memory, and whether a graphics card may be there. */
export function lookAtMemory(availableBytes: () => number, hasGraphics: boolean): () => ModelMachine {
  return () => ({ totalBytes: totalmem(), availableBytes: availableBytes(), hasGraphics });
}
