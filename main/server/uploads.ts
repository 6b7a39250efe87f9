import { randomBytes } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir, rm, stat, statfs } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { basename, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { StudioError } from '../../contract/errors';
import type { Media } from '../../contract/project';

/** A media entry for a file of this machine. Ids are random, so that a media URL cannot be guessed. */
export async function describeMedia(path: string): Promise<Media> {
  const info = await stat(path).catch(() => null);
  if (!info?.isFile()) throw new StudioError('server', 'media.missing', `There is no file "${path}".`);
  return { id: randomBytes(16).toString('hex'), name: basename(path).slice(0, 200), path };
}

/** Room that uploads leave for recordings and the system. */
const SPARE_BYTES = 200_000_000;

/**
 * Stores the body of a request as a media file. Nothing of a broken upload stays.
 * @throws StudioError `media.disk-full` when there is no room, `media.missing` when the upload breaks off
 */
export async function receiveUpload(request: IncomingMessage, folder: string): Promise<Media> {
  const name = safeName(String(request.headers['x-file-name'] ?? 'upload'));
  const id = randomBytes(16).toString('hex');
  await mkdir(folder, { recursive: true });
  await checkRoom(folder, name, Number(request.headers['content-length'] ?? 0));
  const path = join(folder, `${id.slice(0, 8)}-${name}`);
  try {
    await pipeline(request, createWriteStream(path, { flags: 'wx' }));
  } catch (cause) {
    await rm(path, { force: true });
    if (isDiskFull(cause)) {
      const message = `The disk became full while "${name}" was stored; nothing was kept. Make room and try again.`;
      throw new StudioError('server', 'media.disk-full', message, { cause });
    }
    throw new StudioError('server', 'media.missing', `The upload of "${name}" broke off; nothing was kept.`, {
      cause,
    });
  }
  return { id, name, path };
}

/** Registers a stored upload; a file the project refuses is removed again, and the refusal thrown on. */
export async function keepOrRemove(media: Media, register: () => void): Promise<void> {
  try {
    register();
  } catch (error) {
    await rm(media.path, { force: true });
    throw error;
  }
}

async function checkRoom(folder: string, name: string, bytes: number): Promise<void> {
  const { bavail, bsize } = await statfs(folder);
  const free = bavail * bsize;
  if (bytes + SPARE_BYTES <= free) return;
  const message = `"${name}" needs ${megabytes(bytes + SPARE_BYTES)} MB on the disk, got ${megabytes(free)} MB. Make room and try again.`;
  throw new StudioError('server', 'media.disk-full', message);
}

function megabytes(bytes: number): number {
  return Math.ceil(bytes / 1e6);
}

/** Whether writing failed for want of room; by code, never by text. */
function isDiskFull(error: unknown): boolean {
  const code = error instanceof Error ? (error as NodeJS.ErrnoException).code : undefined;
  return code === 'ENOSPC' || code === 'EDQUOT' || code === 'EFBIG';
}

function safeName(header: string): string {
  let name = header;
  try {
    name = decodeURIComponent(header);
  } catch {
    // Not percent-encoded: the raw name is cleaned below just the same.
  }
  const cleaned = basename(name.replaceAll('\\', '/'))
    .replace(/[^\p{L}\p{N}._ -]/gu, '_')
    .replace(/^\.+/, '')
    .slice(-120);
  return cleaned || 'upload';
}
