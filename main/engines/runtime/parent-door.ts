import type { FromEngine } from '../../../contract/engine';

/** The way from an engine process to main, the same in both shells. */
export type ParentDoor = {
  /** Resolves when the message has left this process, or cannot leave it any more. */
  send(message: FromEngine): Promise<void>;
  onMessage(listener: (message: unknown) => void): void;
  /** Main is gone; nobody will ask this process to stop. */
  onGone(listener: () => void): void;
};

/** Electron's port inside a `utilityProcess`; its types are not imported, this folder knows no Electron. */
type ParentPort = {
  postMessage(message: unknown): void;
  on(event: 'message', listener: (event: { data: unknown }) => void): unknown;
  on(event: 'close', listener: () => void): unknown;
};

/** Long enough for a message handed to Electron's port to leave the process. */
const PORT_FLUSH_MS = 100;

/**
 * Finds this process's way to main: `process.parentPort` in Electron, the IPC channel of
 * `child_process.fork` else.
 * @throws Error when the process was started with neither.
 */
export function openParentDoor(): ParentDoor {
  const { parentPort } = process as typeof process & { parentPort?: ParentPort };
  if (parentPort) return portDoor(parentPort);
  if (process.send) return forkDoor();
  throw new Error('An engine process must be started by the studio, with a channel to it.');
}

function portDoor(port: ParentPort): ParentDoor {
  return {
    send: async (message) => {
      port.postMessage(message);
      await new Promise((resolve) => setTimeout(resolve, PORT_FLUSH_MS));
    },
    onMessage: (listener) => void port.on('message', (event) => listener(event.data)),
    onGone: (listener) => void port.on('close', listener),
  };
}

function forkDoor(): ParentDoor {
  return {
    // A send that fails means that main is gone, which `disconnect` reports.
    send: (message) =>
      new Promise((resolve) => {
        if (process.connected) process.send?.(message, undefined, undefined, () => resolve());
        else resolve();
      }),
    onMessage: (listener) => void process.on('message', listener),
    onGone: (listener) => void process.once('disconnect', listener),
  };
}
