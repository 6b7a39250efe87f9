import { createHash } from 'node:crypto';
import { mkdir, rm, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { StudioError, toStudioError, type StudioErrorShape } from '../../contract/errors';
import type { ModelState, ModelTransfer } from '../../contract/models';
import { inspectOnnx } from '../engines/runtime/onnx-inspection';
import type { Blobs } from './blobs';
import { fetchFile, sizeOf, type FetchOptions } from './fetch-file';
import type { KnownFile, KnownModel } from './known-models';
import { lockPart } from './part-lock';
import { megabytes } from './sizes';
import type { InstalledModel, ShelfFile } from './shelf-file';
import { TransferSpeed } from './transfer-speed';

/** Left free on the disk beside a model. */
const RESERVE_BYTES = 256e6;
const LOCKED_MS = 500;

/** Where fetches work, and what they tell. */
export type FetchPlace = {
  /** The user's models folder. */
  folder: string;
  blobs: Blobs;
  shelf: ShelfFile;
  /** Bytes free on the disk of a folder, for tests of a full one. */
  freeBytes?: (folder: string) => Promise<number>;
  onChange: () => void;
} & Pick<FetchOptions, 'dispatcher' | 'limits' | 'openPart'>;

/** Why a fetch was stopped. */
class Stopped extends Error {}

/**
 * One model on its way: its files one after the other, each from an earlier try, from a model that
 * has the same file, or from the network. `waiting → downloading ⇄ verifying → done`, or `paused`,
 * or `failed`; from the last two `run` goes on.
 */
export class ModelFetch {
  readonly model: KnownModel;
  readonly #place: FetchPlace;
  readonly #speed = new TransferSpeed(() => performance.now());
  #stop = new AbortController();
  #running: Promise<void> | null = null;
  #state: ModelState = 'paused';
  #file: string | null = null;
  #retrying: string | null = null;
  #error: StudioErrorShape | null = null;
  /** Bytes of the files that are done, of the file under way, and of a file whose size only the server knew. */
  #doneBytes = 0;
  #fileBytes = 0;
  #learnt = new Map<string, number>();

  constructor(model: KnownModel, place: FetchPlace) {
    this.model = model;
    this.#place = place;
  }

  get state(): ModelState {
    return this.#state;
  }

  get error(): StudioErrorShape | null {
    return this.#error;
  }

  get transfer(): ModelTransfer {
    const totalBytes = this.#totalBytes();
    const doneBytes = Math.min(totalBytes, this.#doneBytes + this.#fileBytes);
    const isMoving = this.#state === 'downloading';
    const bytesPerSecond = isMoving ? this.#speed.bytesPerSecond : 0;
    const known = this.model.files.every((file) => this.#sizeOf(file) !== null);
    const etaS = known && bytesPerSecond > 0 ? (totalBytes - doneBytes) / bytesPerSecond : null;
    return { doneBytes, totalBytes, bytesPerSecond, etaS, file: this.#file, retrying: this.#retrying };
  }

  /** Waits for its turn. */
  wait(): void {
    this.#stop = new AbortController();
    this.#set('waiting');
  }

  /** Fetches what is missing; settles when it is installed, failed, or was paused. Never rejects. */
  async run(): Promise<void> {
    if (this.#state !== 'waiting') return;
    this.#running = this.#work();
    await this.#running;
  }

  /** Stops and keeps what came; settles once nothing is written any more. */
  async pause(): Promise<void> {
    this.#stop.abort(new Stopped());
    await this.#running;
    if (this.#state !== 'installed') this.#set('paused');
  }

  /** How much lies here of an earlier try. */
  async look(): Promise<number> {
    this.#doneBytes = 0;
    for (const file of this.model.files) {
      const sha256 = this.#place.shelf.hashOf(this.model, file);
      if (sha256 && (await this.#place.blobs.has(sha256, file.bytes))) this.#doneBytes += file.bytes ?? 0;
      else this.#doneBytes += await sizeOf(this.#partOf(file));
    }
    return this.#doneBytes;
  }

  /** Whether anything lies here of an earlier try. */
  async hasHalf(): Promise<boolean> {
    const sizes = await Promise.all(this.model.files.map((file) => sizeOf(this.#partOf(file))));
    await this.look();
    return sizes.some((size) => size > 0);
  }

  /** Deletes what came of files that are not done. */
  async discard(): Promise<void> {
    await this.pause();
    for (const file of this.model.files) {
      const part = this.#partOf(file);
      const release = await lockPart(part);
      // Another process writes there.
      if (!release) continue;
      await rm(part, { force: true });
      await rm(`${part}.json`, { force: true });
      await release();
    }
  }

  async #work(): Promise<void> {
    this.#error = null;
    this.#doneBytes = this.#fileBytes = 0;
    this.#set('downloading');
    try {
      await this.#refuseFullDisk();
      const files: InstalledModel['files'] = [];
      for (const file of this.model.files) {
        const { bytes, sha256 } = await this.#bring(file);
        files.push({ ...file, bytes, sha256 });
        this.#doneBytes += bytes;
        this.#fileBytes = 0;
      }
      this.#set('verifying');
      await installModel({ ...this.model, files }, this.#place);
      this.#set('installed');
    } catch (cause) {
      if (this.#stop.signal.aborted) this.#set('paused');
      else {
        this.#error = toStudioError(cause, 'engine', 'model.download-failed').toShape();
        this.#set('failed');
      }
    } finally {
      this.#file = this.#retrying = null;
      this.#running = null;
      this.#place.onChange();
    }
  }

  /** One file into the blobs. */
  async #bring(file: KnownFile): Promise<{ bytes: number; sha256: string }> {
    const { blobs, shelf } = this.#place;
    this.#file = file.path;
    const sha256 = shelf.hashOf(this.model, file);
    if (sha256 && (await blobs.has(sha256, file.bytes)))
      return { bytes: await sizeOf(blobs.path(sha256)), sha256 };
    const part = this.#partOf(file);
    const release = await this.#lock(part);
    try {
      // Whoever held it may have finished it.
      if (sha256 && (await blobs.has(sha256, file.bytes)))
        return { bytes: await sizeOf(blobs.path(sha256)), sha256 };
      const got = await fetchFile({ ...file, sha256 }, part, {
        ...this.#place,
        signal: this.#stop.signal,
        voice: {
          progress: (doneBytes, total) => this.#progressed(file, doneBytes, total),
          retrying: (why) => {
            this.#retrying = why;
            this.#place.onChange();
          },
          verifying: () => this.#set('verifying'),
        },
      });
      await blobs.take(part, got.sha256);
      this.#set('downloading');
      return got;
    } finally {
      await release();
    }
  }

  /** Another process may be fetching the same file: then its work is waited for. */
  async #lock(part: string): Promise<() => Promise<void>> {
    for (;;) {
      const release = await lockPart(part);
      if (release) return release;
      this.#retrying = 'Another Fantascope is fetching this file; waiting for it.';
      this.#place.onChange();
      await new Promise((resolve) => setTimeout(resolve, LOCKED_MS));
      this.#stop.signal.throwIfAborted();
    }
  }

  async #refuseFullDisk(): Promise<void> {
    const { folder, freeBytes = free } = this.#place;
    await mkdir(folder, { recursive: true });
    const needed = this.#totalBytes() - (await this.look());
    this.#doneBytes = 0;
    const there = await freeBytes(folder);
    if (there >= needed + RESERVE_BYTES) return;
    const message =
      `${this.model.name} needs ${megabytes(needed)} more and ${megabytes(RESERVE_BYTES)} to spare; ` +
      `the disk of ${folder} has ${megabytes(there)} free. Make room and try again.`;
    throw new StudioError('engine', 'model.disk-full', message);
  }

  #progressed(file: KnownFile, doneBytes: number, total: number | null): void {
    if (total !== null) this.#learnt.set(file.path, total);
    if (doneBytes > this.#fileBytes) this.#retrying = null;
    this.#speed.came(Math.max(0, doneBytes - this.#fileBytes));
    this.#fileBytes = doneBytes;
    this.#place.onChange();
  }

  #totalBytes(): number {
    return this.model.files.reduce((sum, file) => sum + (this.#sizeOf(file) ?? 0), 0);
  }

  #sizeOf(file: KnownFile): number | null {
    return file.bytes ?? this.#learnt.get(file.path) ?? null;
  }

  /** Files with a known hash are shared by models on their way too. */
  #partOf(file: KnownFile): string {
    const sha256 = this.#place.shelf.hashOf(this.model, file);
    const name = sha256 ?? createHash('sha256').update(`${this.model.id}/${file.path}`).digest('hex');
    return join(this.#place.folder, 'parts', `${name}.part`);
  }

  #set(state: ModelState): void {
    this.#state = state;
    this.#place.onChange();
  }
}

/**
 * Links a model's files where engines look for them, inspects its graphs there, beside their weights,
 * and notes it as installed. What is refused leaves nothing behind.
 * @throws StudioError `model.corrupt`
 */
export async function installModel(
  model: InstalledModel,
  { folder, blobs, shelf }: Pick<FetchPlace, 'folder' | 'blobs' | 'shelf'>,
): Promise<void> {
  const home = join(folder, model.folder);
  for (const { path, sha256 } of model.files) await blobs.place(sha256, join(home, path));
  try {
    for (const { path } of model.files) if (path.endsWith('.onnx')) inspectOnnx(join(home, path));
  } catch (error) {
    await rm(home, { recursive: true, force: true });
    throw error;
  }
  await shelf.add(model);
}

/** Bytes free on the disk of a folder. */
export async function free(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
}
