import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Agent } from 'undici';
import type { StudioErrorShape } from '../../../contract/errors';
import type { ModelListing } from '../../../contract/models';
import { TINY_MODELS_DIR } from '../../engines/testing/fixtures';
import { MachineSpeed } from '../machine-speed';
import { ModelShelf, type ModelShelfOptions } from '../model-shelf';
import { FileServer } from './file-server';

/** A real graph to fetch: small, and whole. */
export const GRAPH = readFileSync(join(TINY_MODELS_DIR, 'models/animate/unet.onnx'));

/** An entry of a catalogue of which only a part matters to a test. */
export type Entry = {
  id: string;
  files: { path: string; url: string | null; content: Buffer; hash?: boolean }[];
};

export function sha256Of(content: Buffer): string {
  return createHash('sha256').update(content).digest('hex');
}

/** Catalogues, a server and a user's folder in which a shelf can be opened and opened anew. */
export class ShelfBench {
  readonly dir = mkdtempSync(join(tmpdir(), 'fantascope-shelf-'));
  readonly server = new FileServer();
  readonly failed: StudioErrorShape[] = [];
  readonly logged: string[] = [];
  inUse = new Set<string>();
  freeBytes = 1e12;
  readonly #open: ModelShelf[] = [];
  readonly #agents: Agent[] = [];

  get folder(): string {
    return join(this.dir, 'user');
  }

  get modelsDir(): string {
    return join(this.dir, 'native-models');
  }

  async start(): Promise<void> {
    await this.server.start();
    mkdirSync(this.modelsDir);
    writeFileSync(join(this.modelsDir, 'catalogue.json'), JSON.stringify({ version: 1, models: [] }));
    this.catalogue([]);
  }

  /** What can be fetched, from now on. */
  catalogue(entries: readonly (Entry | object)[]): void {
    const models = entries.map((entry) => ('files' in entry ? entryOf(entry) : entry));
    writeFileSync(join(this.modelsDir, 'public-models.json'), JSON.stringify({ version: 1, models }));
  }

  /** What comes with the studio, from now on; its files lie there. */
  shipped(entries: readonly Entry[]): void {
    const models = entries.map(entryOf);
    writeFileSync(join(this.modelsDir, 'catalogue.json'), JSON.stringify({ version: 1, models }));
    for (const { id, files } of entries) {
      mkdirSync(join(this.modelsDir, 'models', id), { recursive: true });
      for (const { path, content } of files) writeFileSync(join(this.modelsDir, 'models', id, path), content);
    }
  }

  async open(change: Partial<ModelShelfOptions> = {}): Promise<ModelShelf> {
    const dispatcher = new Agent();
    this.#agents.push(dispatcher);
    const speed = await MachineSpeed.open({
      file: join(this.dir, 'speed.json'),
      modelsDir: this.modelsDir,
      threads: 1,
      entryFile: '/none.js',
      spawn: () => {
        throw new Error('Nothing is measured here.');
      },
    });
    const shelf = await ModelShelf.open({
      modelsDir: this.modelsDir,
      folder: this.folder,
      machine: () => ({ totalBytes: 16e9, availableBytes: 8e9, hasGraphics: false }),
      speed,
      inUse: () => this.inUse,
      onFailed: (_, error) => this.failed.push(error),
      onLog: (line) => this.logged.push(line),
      dispatcher,
      limits: { firstWaitMs: 1, stallMs: 2000, stallBytes: 1 },
      freeBytes: async () => this.freeBytes,
      ...change,
    });
    this.#open.push(shelf);
    return shelf;
  }

  async dispose(): Promise<void> {
    await Promise.all(this.#open.map((shelf) => shelf.close()));
    await Promise.all(this.#agents.map((agent) => agent.destroy()));
    await this.server.stop();
    rmSync(this.dir, { recursive: true, force: true });
  }
}

function entryOf({ id, files, ...rest }: Entry): object {
  return {
    id,
    name: id.toUpperCase(),
    task: 'animate',
    contract: 'animate',
    version: '1.0',
    licence: 'MIT',
    source: 'a test',
    tier: 'cpu',
    folder: `models/${id}`,
    ...rest,
    files: files.map(({ path, url, content, hash = true }, i) => ({
      role: `file_${i}`,
      path,
      bytes: hash ? content.length : null,
      sha256: hash ? sha256Of(content) : null,
      urls: url ? [url] : [],
    })),
  };
}

export function listing(shelf: ModelShelf, id: string): ModelListing {
  const found = shelf.shelf.models.find((model) => model.id === id);
  if (!found) throw new Error(`No model ${id} on the shelf.`);
  return found;
}
