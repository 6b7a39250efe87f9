/** A child process as both Electron's `utilityProcess` and Node's `fork` can give it. */
export type ChildHandle = {
  readonly pid: number | undefined;
  /** Messages sent before the process is up wait for it; after its end they are lost. */
  send(message: unknown): void;
  onMessage(listener: (message: unknown) => void): void;
  /** Called once; `code` is null when a signal ended it. */
  onExit(listener: (code: number | null, signal: string | null) => void): void;
  /** Each line the child writes to stdout or stderr. */
  onOutput(listener: (line: string) => void): void;
  kill(signal?: 'SIGTERM' | 'SIGKILL'): void;
};

/** Starts a built JavaScript entry file as a child process. */
export type SpawnChild = (entryFile: string, serviceName: string) => ChildHandle;
