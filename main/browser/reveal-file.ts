import { spawn } from 'node:child_process';
import { dirname } from 'node:path';
import { StudioError } from '../../contract/errors';

/** Shows a file in the system's file manager. */
export function revealFile(path: string): Promise<void> {
  const [command, args]: [string, string[]] =
    process.platform === 'darwin'
      ? ['open', ['-R', path]]
      : process.platform === 'win32'
        ? ['explorer.exe', [`/select,${path}`]]
        : ['xdg-open', [dirname(path)]];
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: 'ignore', detached: true });
    child.once('spawn', () => {
      child.unref();
      resolve();
    });
    child.once('error', (cause) => {
      const message = `The file manager could not be opened; the file is "${path}".`;
      reject(new StudioError('shell', 'internal', message, { cause }));
    });
  });
}
