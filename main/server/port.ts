import { mkdir, readFile } from 'node:fs/promises';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dirname } from 'node:path';
import writeFileAtomic from 'write-file-atomic';

/**
 * Listens on 127.0.0.1 at the port remembered in `file`, or another one if it is taken:
 * device ids and permissions hang on the origin, so the port is kept for good.
 */
export async function listenOnRememberedPort(server: Server, file: string): Promise<number> {
  const remembered = Number(await readFile(file, 'utf8').catch(() => '0'));
  const wanted = Number.isInteger(remembered) && remembered > 1023 && remembered < 65_536 ? remembered : 0;
  const port = await listen(server, wanted).catch((error: NodeJS.ErrnoException) => {
    if (wanted === 0 || (error.code !== 'EADDRINUSE' && error.code !== 'EACCES')) throw error;
    return listen(server, 0);
  });
  if (port !== remembered) {
    await mkdir(dirname(file), { recursive: true });
    await writeFileAtomic(file, String(port));
  }
  return port;
}

function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const onError = (error: Error) => reject(error);
    server.once('error', onError);
    server.listen({ host: '127.0.0.1', port, exclusive: true }, () => {
      server.off('error', onError);
      resolve((server.address() as AddressInfo).port);
    });
  });
}
