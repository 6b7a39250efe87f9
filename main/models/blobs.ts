import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { copyFile, link, mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';

/**
 * Files by their SHA-256, each once however many models have it. A model's folder holds hard links
 * to them, so that weights lie beside the graph that names them; where the disk has no links, copies.
 */
export class Blobs {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  path(sha256: string): string {
    return join(this.#folder, sha256);
  }

  async has(sha256: string, bytes: number | null): Promise<boolean> {
    const found = await stat(this.path(sha256)).catch(() => null);
    return found !== null && (bytes === null || found.size === bytes);
  }

  /** Whether a blob is still what its name says. */
  async isRight(sha256: string): Promise<boolean> {
    return (await hashFile(this.path(sha256))) === sha256;
  }

  async drop(sha256: string): Promise<void> {
    await rm(this.path(sha256), { force: true });
  }

  /** Takes a whole file whose hash was just checked; the file is gone from where it was. */
  async take(file: string, sha256: string): Promise<void> {
    await mkdir(this.#folder, { recursive: true });
    await rename(file, this.path(sha256));
  }

  /** Puts a blob where a model wants it. */
  async place(sha256: string, target: string): Promise<void> {
    await mkdir(dirname(target), { recursive: true });
    await rm(target, { force: true });
    await link(this.path(sha256), target).catch(() => copyFile(this.path(sha256), target));
  }

  /** Deletes every blob but those named. */
  async keepOnly(wanted: ReadonlySet<string>): Promise<void> {
    for (const name of await readdir(this.#folder).catch(() => [])) {
      if (!wanted.has(name)) await rm(join(this.#folder, name), { force: true });
    }
  }
}

/** SHA-256 of a file, 64 hex digits; `signal` gives up. */
export async function hashFile(path: string, signal?: AbortSignal): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path, { highWaterMark: 1 << 20 }), hash, { ...(signal ? { signal } : {}) });
  return hash.digest('hex');
}

/** Bytes on disk below a folder, what is linked twice counted once. */
export async function diskUse(folder: string): Promise<number> {
  const seen = new Set<number>();
  let bytes = 0;
  const visit = async (path: string): Promise<void> => {
    for (const entry of await readdir(path, { withFileTypes: true }).catch(() => [])) {
      const child = join(path, entry.name);
      if (entry.isDirectory()) await visit(child);
      else if (entry.isFile()) {
        const { ino, size } = await stat(child).catch(() => ({ ino: -1, size: 0 }));
        if (!seen.has(ino)) bytes += size;
        seen.add(ino);
      }
    }
  };
  await visit(folder);
  return bytes;
}
