import { open, readFile, stat, unlink, utimes } from 'node:fs/promises';
import { basename, join } from 'node:path';
import * as v from 'valibot';
import writeFileAtomic from 'write-file-atomic';
import { errorCode } from './recording-file';

/** A sidecar not touched for so long belongs to nobody, whatever its pid says. */
export const SIDECAR_STALE_MS = 30_000;

export const CONTAINERS = ['mp4', 'mkv'] as const;
/** What the user gets in the end. */
export type Container = (typeof CONTAINERS)[number];

/** What stands beside a recording in progress: enough to finish it without the process that began it. */
export const SidecarSchema = v.object({
  version: v.literal(1),
  pid: v.pipe(v.number(), v.integer(), v.minValue(1)),
  /** Final file name without its ending. */
  name: v.pipe(v.string(), v.minLength(1), v.maxLength(240)),
  container: v.picklist(CONTAINERS),
});
export type Sidecar = v.InferOutput<typeof SidecarSchema>;

/** Recordings that this process is writing or finishing, by sidecar path. */
const ownedHere = new Set<string>();

/** `Name.recording.mkv`, later parts `Name.recording.2.mkv`. */
export function partFile(folder: string, name: string, part: number): string {
  return join(folder, part === 1 ? `${name}.recording.mkv` : `${name}.recording.${part}.mkv`);
}

/** The name and number of a part file; null when it is none. */
export function parsePartFile(file: string): { name: string; part: number } | null {
  const match = /^(.+)\.recording(?:\.([1-9]\d{0,4}))?\.mkv$/.exec(basename(file));
  return match === null ? null : { name: match[1]!, part: match[2] === undefined ? 1 : Number(match[2]) };
}

/** `Name.recording.json`, beside the parts. */
export function sidecarFile(folder: string, name: string): string {
  return join(folder, `${name}.recording.json`);
}

/** Makes a file name of what the user calls the recording. */
export function safeFileName(name: string): string {
  const clean = name
    .normalize('NFC')
    .replace(/[\u0000-\u001f\u007f<>:"/\\|?*]/g, '-')
    .replace(/[. ]+$/, '')
    .replace(/^[. ]+/, '')
    .slice(0, 120)
    .trim();
  if (clean === '') return 'Recording';
  return /^(con|prn|aux|nul|com\d|lpt\d)(\..*)?$/i.test(clean) ? `${clean}-` : clean;
}

/** `Name`, or the first `Name (2)`, `Name (3)` … of which no file exists in the folder. */
export async function freeName(folder: string, wanted: string): Promise<string> {
  for (let number = 1; ; number += 1) {
    const name = number === 1 ? wanted : `${wanted} (${number})`;
    const files = [
      partFile(folder, name, 1),
      sidecarFile(folder, name),
      ...CONTAINERS.map((container) => join(folder, `${name}.${container}`)),
    ];
    const taken = await Promise.all(files.map(exists));
    if (!taken.includes(true)) return name;
  }
}

/** Takes a final file name by creating it empty; another one when it exists. Never overwrites. */
export async function reserveFinal(folder: string, name: string, ending: string): Promise<string> {
  for (let number = 1; ; number += 1) {
    const file = join(folder, `${number === 1 ? name : `${name} (${number})`}.${ending}`);
    try {
      await (await open(file, 'wx')).close();
      return file;
    } catch (error) {
      if (errorCode(error) !== 'EEXIST') throw error;
    }
  }
}

/** Writes the sidecar and marks the recording as this process's own. */
export async function claimSidecar(file: string, sidecar: Sidecar): Promise<void> {
  ownedHere.add(file);
  await writeFileAtomic(file, `${JSON.stringify(sidecar)}\n`);
}

/** Keeps the claim fresh; while it is, no other process finishes the recording. */
export async function touchSidecar(file: string): Promise<void> {
  const now = new Date();
  await utimes(file, now, now).catch((error: unknown) => {
    // Somebody removed the sidecar: the recording goes on, and its parts are found without it.
    if (errorCode(error) !== 'ENOENT') throw error;
  });
}

/** Gives the recording up; `remove` once nothing is left to finish. */
export async function releaseSidecar(file: string, remove: boolean): Promise<void> {
  ownedHere.delete(file);
  if (remove) await removeFile(file);
}

/** Reads a sidecar; null when it is absent or not what it should be. */
export async function readSidecar(file: string): Promise<Sidecar | null> {
  try {
    const parsed = v.safeParse(SidecarSchema, JSON.parse(await readFile(file, 'utf8')));
    return parsed.success ? parsed.output : null;
  } catch (error) {
    if (error instanceof SyntaxError || errorCode(error) === 'ENOENT') return null;
    throw error;
  }
}

/** Whether a live process still writes the recording of this sidecar. */
export async function isOwned(file: string, sidecar: Sidecar | null): Promise<boolean> {
  if (ownedHere.has(file)) return true;
  // A pid of our own in a sidecar we do not own is left from an earlier process of that number.
  if (sidecar === null || sidecar.pid === process.pid || !isAlive(sidecar.pid)) return false;
  const { mtimeMs } = await stat(file);
  return Date.now() - mtimeMs < SIDECAR_STALE_MS;
}

/** Removes a file that may be absent. */
export async function removeFile(file: string): Promise<void> {
  await unlink(file).catch((error: unknown) => {
    if (errorCode(error) !== 'ENOENT') throw error;
  });
}

async function exists(file: string): Promise<boolean> {
  try {
    await stat(file);
    return true;
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return false;
    throw error;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return errorCode(error) === 'EPERM';
  }
}
