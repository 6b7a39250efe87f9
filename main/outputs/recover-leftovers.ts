import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { toStudioError, type StudioError } from '../../contract/errors';
import type { FfmpegInfo } from './ffmpeg';
import { finishPart } from './finish-recording';
import { errorCode, recordingError } from './recording-file';
import {
  SIDECAR_STALE_MS,
  isOwned,
  parsePartFile,
  readSidecar,
  releaseSidecar,
  removeFile,
  sidecarFile,
} from './recording-names';

/** What became of the recordings that an earlier process left unfinished. */
export type Recovery = {
  /** Final files. */
  recovered: string[];
  /** Part files that a live process still writes. */
  skipped: string[];
  /** Part files that stay as they are, and why. */
  failed: { file: string; error: StudioError }[];
};

type Leftover = { part: number; file: string };

/**
 * Finishes the recordings a killed process left in `folder`. One that a live process still
 * writes is left alone; a folder that does not exist holds none.
 * @throws StudioError `recording.folder` when the folder cannot be read.
 */
export async function recoverLeftovers(folder: string, ffmpeg: FfmpegInfo | null): Promise<Recovery> {
  const result: Recovery = { recovered: [], skipped: [], failed: [] };
  for (const [name, parts] of await findParts(folder)) {
    const sidecarPath = sidecarFile(folder, name);
    const sidecar = await readSidecar(sidecarPath);
    if ((await isOwned(sidecarPath, sidecar)) || (sidecar === null && (await isFresh(parts)))) {
      result.skipped.push(...parts.map((leftover) => leftover.file));
      continue;
    }
    let whole = true;
    for (const { part, file } of parts) {
      const finalName = part === 1 ? name : `${name} (part ${part})`;
      try {
        if ((await stat(file)).size === 0) await removeFile(file);
        else {
          const todo = { part: file, name: finalName, container: sidecar?.container ?? 'mp4' };
          result.recovered.push(await finishPart(todo, ffmpeg));
        }
      } catch (error) {
        whole = false;
        result.failed.push({ file, error: toStudioError(error, 'output', 'recording.failed') });
      }
    }
    await releaseSidecar(sidecarPath, whole);
  }
  return result;
}

async function findParts(folder: string): Promise<Map<string, Leftover[]>> {
  const entries = await readdir(folder).catch((error: unknown) => {
    if (errorCode(error) === 'ENOENT') return [];
    throw recordingError(error, folder, 'recording.folder');
  });
  const byName = new Map<string, Leftover[]>();
  for (const entry of entries) {
    const parsed = parsePartFile(entry);
    if (parsed === null) continue;
    const parts = byName.get(parsed.name) ?? [];
    parts.push({ part: parsed.part, file: join(folder, entry) });
    byName.set(parsed.name, parts);
  }
  for (const parts of byName.values()) parts.sort((a, b) => a.part - b.part);
  return byName;
}

/** Without a sidecar only the age of the bytes tells whether somebody still writes them. */
async function isFresh(parts: readonly Leftover[]): Promise<boolean> {
  const times = await Promise.all(parts.map(async ({ file }) => (await stat(file)).mtimeMs));
  return Date.now() - Math.max(...times) < SIDECAR_STALE_MS;
}
