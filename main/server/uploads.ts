import { randomBytes } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir, rm, stat } from 'node:fs/promises';
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

/**
 * Stores the body of a request as a media file. Nothing of a broken upload stays.
 * @throws StudioError `media.missing` when the upload breaks off
 */
export async function receiveUpload(request: IncomingMessage, folder: string): Promise<Media> {
  const name = safeName(String(request.headers['x-file-name'] ?? 'upload'));
  const id = randomBytes(16).toString('hex');
  await mkdir(folder, { recursive: true });
  const path = join(folder, `${id.slice(0, 8)}-${name}`);
  try {
    await pipeline(request, createWriteStream(path, { flags: 'wx' }));
  } catch (cause) {
    await rm(path, { force: true });
    throw new StudioError('server', 'media.missing', `The upload of "${name}" broke off; nothing was kept.`, {
      cause,
    });
  }
  return { id, name, path };
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
