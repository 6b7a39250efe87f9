/** Keeps stream keys outside the project; values never reach a log or a file of ours. */
export type SecretStore = {
  /** `os`: survives a restart in the system's keyring. `session`: forgotten at exit. */
  kind: 'os' | 'session';
  get(name: string): Promise<string | null>;
  set(name: string, value: string): Promise<void>;
  delete(name: string): Promise<void>;
};

/** A child process as both Electron's `utilityProcess` and Node's `fork` can give it. */
export type ChildHandle = {
  readonly pid: number | undefined;
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

/** All that the studio asks of the program around it; Electron and the browser shell each give one. */
export type Shell = {
  kind: 'electron' | 'browser';
  secrets: SecretStore;
  spawnChild: SpawnChild;
  /** A native file dialog; null when cancelled or when the shell has none. */
  chooseFile(purpose: 'media' | 'project' | 'folder'): Promise<string | null>;
  /** Shows a file in the system's file manager. */
  revealFile(path: string): Promise<void>;
  /** Called when the programme goes on air or off: keeps the display awake meanwhile. */
  setOnAir(onAir: boolean): void;
};

export type LaunchOptions = {
  /** Folder for projects, logs, uploads and settings. */
  userDataDir: string;
  /** Built renderer (`out/renderer`). */
  rendererDir: string;
  /** Built engine entry (`out/main/engine.js`). */
  engineEntry: string;
  /** `native-models` folder. */
  modelsDir: string;
  /** Project to open; default: the last one. */
  projectFile?: string;
};

/** A studio that serves its window. */
export type RunningStudio = {
  /** `http://127.0.0.1:port` – the only origin that is let in. */
  origin: string;
  /** The page to open, launch token in the fragment. */
  url: string;
  isOnAir(): boolean;
  /** The window's process ended without being asked to. */
  windowGone(reason: string): void;
  /** Stops outputs and engines in order, finishes the recording, saves. */
  stop(): Promise<void>;
};
