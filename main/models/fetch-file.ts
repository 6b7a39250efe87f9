import { open, readFile, rm, stat, writeFile, type FileHandle } from 'node:fs/promises';
import type { Dispatcher } from 'undici';
import * as v from 'valibot';
import { StudioError } from '../../contract/errors';
import { hashFile } from './blobs';
import { FetchFailure, hostOf, requestPart, wordsOf, type HttpPart } from './http-part';

/** Tries without a byte of progress before a file is given up. */
const MOST_TRIES = 6;
const FIRST_WAIT_MS = 1000;
const MOST_WAIT_MS = 30_000;
/** A line that brings less than this in a window has stalled; a slow but steady one has not. */
const STALL_MS = 30_000;
const STALL_BYTES = 16 << 10;

/** The file that is wanted, and where it is. */
export type Wanted = { urls: readonly string[]; bytes: number | null; sha256: string | null };

/** What a fetch tells while it runs. */
export type FetchVoice = {
  /** `total` is null while nobody knows it. */
  progress(doneBytes: number, total: number | null): void;
  /** Why the last try ended and another one follows. */
  retrying(why: string): void;
  verifying(): void;
};

export type FetchOptions = {
  dispatcher: Dispatcher;
  signal: AbortSignal;
  voice: FetchVoice;
  /** Waits and limits, for tests. */
  limits?: { firstWaitMs?: number; stallMs?: number; stallBytes?: number };
  /** Opens the part for writing, for tests of a full disk. */
  openPart?: (path: string, flags: string) => Promise<Pick<FileHandle, 'write' | 'truncate' | 'close'>>;
};

const SidecarSchema = v.object({ url: v.string(), etag: v.nullable(v.string()) });
type Sidecar = v.InferOutput<typeof SidecarSchema>;

/**
 * Fetches one file into `part`, going on with what lies there from an earlier try, from one address
 * after the other, until its size and hash are right. What came is kept when it is given up for want
 * of a network or of room, and when `signal` says stop; what proves wrong is deleted.
 * @returns the size and SHA-256 of the whole file, which lies at `part`.
 * @throws StudioError `model.download-failed`, `model.disk-full`; the signal's reason.
 */
export async function fetchFile(
  wanted: Wanted,
  part: string,
  options: FetchOptions,
): Promise<{ bytes: number; sha256: string }> {
  const { signal, voice } = options;
  const firstWaitMs = options.limits?.firstWaitMs ?? FIRST_WAIT_MS;
  const urls = [...wanted.urls];
  let tries = 0;
  let turn = 0;
  let last = new FetchFailure('The catalogue knows no address for it.', true);
  while (urls.length > 0 && tries < MOST_TRIES) {
    const url = urls[turn % urls.length]!;
    const before = await sizeOf(part);
    try {
      const resumed = await fetchFrom(url, wanted, part, options);
      voice.verifying();
      return await prove(wanted, part, { url, resumed }, signal);
    } catch (cause) {
      if (signal.aborted) throw signal.reason;
      if (isFullDisk(cause)) throw fullDisk(cause);
      if (!(cause instanceof FetchFailure)) throw cause;
      last = cause;
      if (cause.isFinal) urls.splice(turn % urls.length, 1);
      else turn++;
      tries = (await sizeOf(part)) > before ? 1 : tries + 1;
    }
    if (urls.length === 0 || tries >= MOST_TRIES) break;
    voice.retrying(last.message);
    if (!last.isFinal) await pause(Math.min(MOST_WAIT_MS, firstWaitMs * 2 ** (tries - 1)), signal);
  }
  throw new StudioError('engine', 'model.download-failed', `${last.message} Try again later.`, {
    cause: last,
  });
}

/** @returns whether what lies there now began with an earlier try. */
async function fetchFrom(url: string, wanted: Wanted, part: string, options: FetchOptions): Promise<boolean> {
  const sidecar = await readSidecar(part);
  const lying = await sizeOf(part);
  // Without a version to ask for, only the hash can tell that two halves belong together.
  const goesOn = lying > 0 && (wanted.sha256 !== null || (sidecar?.url === url && sidecar.etag !== null));
  const from = goesOn && (wanted.bytes === null || lying <= wanted.bytes) ? lying : 0;
  if (wanted.bytes !== null && from === wanted.bytes) return true;
  const etag = sidecar?.url === url ? sidecar.etag : null;
  const answer = await requestPart(url, from, etag, options);
  if (answer === null) return true;
  await refuseLyingLength(answer, wanted, url);
  await writeFile(`${part}.json`, JSON.stringify({ url, etag: answer.etag } satisfies Sidecar));
  await receive(answer, wanted, part, url, options);
  return answer.from > 0;
}

async function refuseLyingLength({ total, body }: HttpPart, { bytes }: Wanted, url: string): Promise<void> {
  if (total === null || bytes === null || total === bytes) return;
  await body.dump().catch(() => {});
  throw new FetchFailure(
    `${hostOf(url)} has a file of ${total} bytes where the catalogue says ${bytes}.`,
    true,
  );
}

async function receive(
  answer: HttpPart,
  wanted: Wanted,
  part: string,
  url: string,
  options: FetchOptions,
): Promise<void> {
  const { voice, limits, openPart = open } = options;
  const total = answer.total ?? wanted.bytes;
  const file = await openPart(part, answer.from > 0 ? 'r+' : 'w');
  const watch = watchStall(answer, limits?.stallMs ?? STALL_MS, limits?.stallBytes ?? STALL_BYTES);
  let done = answer.from;
  try {
    await file.truncate(done);
    voice.progress(done, total);
    for await (const chunk of answer.body as AsyncIterable<Buffer>) {
      watch.came(chunk.length);
      if (total !== null && done + chunk.length > total)
        throw new FetchFailure(`${hostOf(url)} sends more than the ${total} bytes it promised.`, true);
      await file.write(chunk, 0, chunk.length, done);
      done += chunk.length;
      voice.progress(done, total);
    }
  } catch (cause) {
    if (options.signal.aborted || cause instanceof FetchFailure || isFullDisk(cause)) throw cause;
    const why = watch.stalled ? 'sent next to nothing for a while' : `broke off: ${wordsOf(cause)}`;
    throw new FetchFailure(`${hostOf(url)} ${why}.`, false, cause);
  } finally {
    watch.end();
    await file.close();
  }
  if (total !== null && done < total)
    throw new FetchFailure(`${hostOf(url)} broke off after ${done} of ${total} bytes.`, false);
}

/** Breaks a transfer off that brings too little; a steady trickle above the limit lives. */
function watchStall({ body }: HttpPart, windowMs: number, leastBytes: number) {
  let came = 0;
  const watch = {
    stalled: false,
    came: (bytes: number) => void (came += bytes),
    end: () => clearInterval(timer),
  };
  const timer = setInterval(() => {
    if (came < leastBytes) {
      watch.stalled = true;
      body.destroy(new Error('stalled'));
    }
    came = 0;
  }, windowMs);
  return watch;
}

async function prove(
  wanted: Wanted,
  part: string,
  { url, resumed }: { url: string; resumed: boolean },
  signal: AbortSignal,
) {
  const [bytes, sha256] = [await sizeOf(part), await hashFile(part, signal)];
  const right =
    (wanted.bytes === null || bytes === wanted.bytes) && (wanted.sha256 === null || sha256 === wanted.sha256);
  await rm(`${part}.json`, { force: true });
  if (right) return { bytes, sha256 };
  await rm(part, { force: true });
  throw new FetchFailure(
    `What ${hostOf(url)} sent is not the file of the catalogue: SHA-256 must be ${wanted.sha256 ?? 'any'} and is ${sha256}.`,
    // Halves of two versions make a wrong file of right ones: it is fetched once more, whole.
    !resumed,
  );
}

/** Bytes that lie there from an earlier try. */
export async function sizeOf(path: string): Promise<number> {
  return (await stat(path).catch(() => null))?.size ?? 0;
}

async function readSidecar(part: string): Promise<Sidecar | null> {
  const text = await readFile(`${part}.json`, 'utf8').catch(() => null);
  if (text === null) return null;
  try {
    return v.parse(SidecarSchema, JSON.parse(text));
  } catch {
    return null;
  }
}

function isFullDisk(cause: unknown): boolean {
  return cause instanceof Error && 'code' in cause && (cause.code === 'ENOSPC' || cause.code === 'EDQUOT');
}

function fullDisk(cause: unknown): StudioError {
  const message = 'The disk is full. What came so far is kept: make room and go on.';
  return new StudioError('engine', 'model.disk-full', message, { cause });
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = () => {
      clearTimeout(timer);
      reject(signal.reason as Error);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', stop);
      resolve();
    }, ms);
    signal.addEventListener('abort', stop, { once: true });
  });
}
