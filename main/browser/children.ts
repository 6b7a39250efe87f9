import { fork } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { SpawnChild } from '../studio/shell';

/** `SpawnChild` by Node's own fork. */
export const forkChild: SpawnChild = (entryFile, serviceName) => {
  const child = fork(entryFile, [serviceName], {
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    serialization: 'advanced',
    execArgv: [],
  });
  return {
    pid: child.pid,
    send: (message) => {
      // A send that races the child's end fails; the exit listener tells the rest.
      if (child.connected) child.send(message as object, () => {});
    },
    onMessage: (listener) => void child.on('message', listener),
    onExit: (listener) => {
      let called = false;
      const once = (code: number | null, signal: string | null): void => {
        if (called) return;
        called = true;
        listener(code, signal);
      };
      child.on('exit', once);
      child.on('error', () => once(null, null));
    },
    onOutput: (listener) => {
      for (const stream of [child.stdout, child.stderr]) {
        if (stream) createInterface({ input: stream }).on('line', listener);
      }
    },
    kill: (signal) => void child.kill(signal),
  };
};
