import { mkdir, readFile } from 'node:fs/promises';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dirname } from 'node:path';
import writeFileAtomic from 'write-file-atomic';

/** The port that is listened on, and whether the remembered one was taken. */
export type ListeningPort = { port: number; wasTaken: boolean };

/**
 * Listens on 127.0.0.1 at the port remembered in `file`. Device ids and permissions hang on
 * the origin, so the port is kept for good; when it is taken another one serves this time,
 * and the remembered one is tried again at the next launch.
 */
export async function listenOnRememberedPort(server: Server, file: string): Promise<ListeningPort> {
  const remembered = Number(await readFile(file, 'utf8').catch(() => '0'));
  const isPort = Number.isInteger(remembered) && remembered > 1023 && remembered < 65_536;
  if (isPort) {
    try {
      return { port: await listen(server, remembered), wasTaken: false };
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code !== 'EADDRINUSE' && code !== 'EACCES') throw error;
      return { port: await listen(server, 0), wasTaken: true };
    }
  }
  const port = await listen(server, 0);
  await mkdir(dirname(file), { recursive: true });
  await writeFileAtomic(file, String(port));
  return { port, wasTaken: false };
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
