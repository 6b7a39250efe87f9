/** The named verbs that the preload gives the window in Electron; absent in a browser. */
export type NativeVerbs = {
  readonly shell: 'electron';
  /** The path of a dropped or chosen file on this machine; empty when it has none. */
  pathForFile(file: File): string;
};

/** Name under which the verbs stand on `window`. */
export const NATIVE_VERBS_KEY = 'fantascope';
