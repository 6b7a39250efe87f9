import { open } from 'node:fs/promises';
import { StudioError } from '../../contract/errors';

/** A file that only grows. */
export type GrowingFile = {
  /** Settles when the operating system has the bytes: a killed process loses none of them. */
  append(bytes: Uint8Array): Promise<void>;
  close(): Promise<void>;
};

/** Creates a file that must not exist yet. */
export type OpenFile = (path: string) => Promise<GrowingFile>;

/**
 * Creates a file for appending; there is no buffer of our own between it and the system.
 * @throws StudioError `recording.folder` when it cannot be created, `recording.disk-full` or
 * `recording.failed` when it cannot be written.
 */
export async function openGrowingFile(path: string): Promise<GrowingFile> {
  const handle = await open(path, 'wx').catch((error: unknown) => {
    throw recordingError(error, path, 'recording.folder');
  });
  return {
    async append(bytes) {
      let done = 0;
      while (done < bytes.byteLength) {
        const { bytesWritten } = await handle
          .write(bytes, done, bytes.byteLength - done)
          .catch((error: unknown) => {
            throw recordingError(error, path, 'recording.failed');
          });
        done += bytesWritten;
      }
    },
    close: () => handle.close(),
  };
}

/** Classifies a file system error by its code, never by its text. */
export function recordingError(
  error: unknown,
  path: string,
  otherwise: 'recording.folder' | 'recording.failed',
): StudioError {
  if (error instanceof StudioError) return error;
  const code = errorCode(error);
  if (code === 'ENOSPC' || code === 'EDQUOT' || code === 'EFBIG') {
    return new StudioError(
      'output',
      'recording.disk-full',
      `The disk of "${path}" must have room, but it is full.`,
      {
        cause: error,
      },
    );
  }
  const what = otherwise === 'recording.folder' ? 'The recording folder' : 'The recording';
  return new StudioError('output', otherwise, `${what} must be writable, got ${code} for "${path}".`, {
    cause: error,
  });
}

/** The `code` of a Node error; its name or type where it has none. */
export function errorCode(error: unknown): string {
  if (error instanceof Error) {
    const { code } = error as NodeJS.ErrnoException;
    return code ?? error.name;
  }
  return typeof error;
}
