import { createInterface } from 'node:readline';
import { utilityProcess } from 'electron';
import type { SpawnChild } from '../studio/shell';

/** `SpawnChild` by Electron's utility process; `serviceName` is what task managers show. */
export const forkUtility: SpawnChild = (entryFile, serviceName) => {
  const child = utilityProcess.fork(entryFile, [serviceName], { serviceName, stdio: 'pipe' });
  let killedBy: 'SIGTERM' | 'SIGKILL' | null = null;
  return {
    get pid() {
      return child.pid;
    },
    send: (message) => child.postMessage(message),
    onMessage: (listener) => void child.on('message', listener),
    // Electron gives no signal: an end that we asked for is told as ours
    onExit: (listener) => void child.once('exit', (code) => listener(killedBy ? null : code, killedBy)),
    onOutput: (listener) => {
      for (const stream of [child.stdout, child.stderr]) {
        if (stream) createInterface({ input: stream }).on('line', listener);
      }
    },
    kill: (signal = 'SIGTERM') => {
      const { pid } = child;
      // undefined after the end: there is nothing left to kill
      if (pid === undefined) return;
      killedBy = signal;
      if (signal === 'SIGKILL') process.kill(pid, 'SIGKILL');
      else child.kill();
    },
  };
};
