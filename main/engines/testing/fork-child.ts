import { fork } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { ChildHandle } from '../runtime/child';

/** `SpawnChild` by Node's `fork`, for tests of the engines alone. */
export function forkChild(entryFile: string): ChildHandle {
  const child = fork(entryFile, { stdio: ['ignore', 'pipe', 'pipe', 'ipc'], execArgv: [] });
  return {
    get pid() {
      return child.pid;
    },
    // The callback takes the error of a channel that is already closed; `exit` tells of it.
    send: (message) => void child.send(message as object, () => {}),
    onMessage: (listener) => void child.on('message', listener),
    onExit: (listener) => void child.once('exit', listener),
    onOutput: (listener) => {
      for (const stream of [child.stdout, child.stderr]) {
        if (stream) createInterface({ input: stream }).on('line', listener);
      }
    },
    kill: (signal) => void child.kill(signal),
  };
}
