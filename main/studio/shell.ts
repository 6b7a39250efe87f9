import type { Project } from '../../contract/project';
import type { FilePurpose } from '../../contract/rpc';
import type { SpawnChild } from '../engines/runtime/child';

export type { ChildHandle, SpawnChild } from '../engines/runtime/child';

/** Keeps stream keys outside the project; values never reach a log or a file of ours. */
export type SecretStore = {
  /** `os`: survives a restart in the system's keyring. `session`: forgotten at exit. */
  kind: 'os' | 'session';
  get(name: string): Promise<string | null>;
  set(name: string, value: string): Promise<void>;
  delete(name: string): Promise<void>;
};

/** All that the studio asks of the program around it; Electron and the browser shell each give one. */
export type Shell = {
  kind: 'electron' | 'browser';
  secrets: SecretStore;
  spawnChild: SpawnChild;
  /** A native file dialog; null when cancelled or when the shell has none. */
  chooseFile(purpose: FilePurpose): Promise<string | null>;
  /**
   * Opens a page in the user's browser.
   * @param address as `readWebAddress` gives it: https and nothing else
   * @throws StudioError `argument.invalid` in a shell whose pages open links themselves
   */
  openExternal(address: string): Promise<void>;
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
  /** Folder that holds `node_modules`; where ffmpeg-static is looked for. */
  appDir: string;
  /** Project to open; default: the last one. */
  projectFile?: string;
  /** Begin with this project instead of the file's; it is saved to `projectFile`. */
  project?: Project;
};

/** A studio that serves its window. */
export type RunningStudio = {
  /** `http://127.0.0.1:port` – the only origin that is let in. */
  origin: string;
  /** The page to open, launch token in the fragment. */
  url: string;
  /** The page with a code that opens it once: safe where others can read command lines. */
  windowUrl(): string;
  isOnAir(): boolean;
  /** The window's process ended without being asked to. */
  windowGone(reason: string): void;
  /** Stops outputs and engines in order, finishes the recording, saves. */
  stop(): Promise<void>;
};
