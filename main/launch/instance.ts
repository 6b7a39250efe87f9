import { createHash } from 'node:crypto';
import { mkdir, realpath, rm } from 'node:fs/promises';
import { connect, createServer, type Server } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { StudioError } from '../../contract/errors';

/**
 * Makes sure that one studio at a time works on these user data, by holding a socket only
 * this user's studio on this folder would hold: it is free the moment its process is gone,
 * however it went. Returns the way to give it up.
 * @throws StudioError `instance.second`
 */
export async function claimInstance(userDataDir: string): Promise<() => Promise<void>> {
  await mkdir(userDataDir, { recursive: true });
  const path = socketPath(await realpath(userDataDir));
  for (let attempt = 0; attempt < 2; attempt++) {
    const server = await listen(path);
    if (server) return () => new Promise((done) => server.close(() => done()));
    if (await answers(path)) break;
    // The file of a killed studio: nobody listens behind it any more.
    await rm(path, { force: true });
  }
  throw new StudioError(
    'shell',
    'instance.second',
    'Fantascope is already running. Use its window, or end it first.',
  );
}

function socketPath(folder: string): string {
  const name = createHash('sha256').update(`${userInfo().username}:${folder}`).digest('hex').slice(0, 24);
  return process.platform === 'win32'
    ? `\\\\.\\pipe\\fantascope-${name}`
    : join(tmpdir(), `fantascope-${name}.sock`);
}

function listen(path: string): Promise<Server | null> {
  return new Promise((resolve, reject) => {
    const server = createServer((socket) => socket.destroy());
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE') resolve(null);
      else reject(error);
    });
    server.listen(path, () => {
      server.unref();
      resolve(server);
    });
  });
}

function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
