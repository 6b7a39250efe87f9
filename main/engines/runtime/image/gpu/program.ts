/** A storage buffer of a program: its size, what it begins with, and where its contents go. */
export type Slot = {
  bytes: number;
  /** Written into it before the passes; else it holds anything, or zeros with `zeroed`. */
  data?: ArrayBufferView;
  zeroed?: true;
  /** Filled from it after the passes. */
  into?: ArrayBufferView;
};

/** One dispatch: a kernel, the slots bound to it from 0 on, and how many threads have work. */
export type Pass = { kernel: string; slots: readonly string[]; threads: number };

/** What a GPU does for one job. */
export type Program = { slots: Readonly<Record<string, Slot>>; passes: readonly Pass[] };

/** A slot that begins as `data`. */
export function given(data: ArrayBufferView): Slot {
  return { bytes: data.byteLength, data };
}

/** A slot of small whole numbers. */
export function numbers(...values: number[]): Slot {
  return given(Uint32Array.from(values));
}

/** A slot whose contents are the result `into`. */
export function result(into: ArrayBufferView): Slot {
  return { bytes: into.byteLength, into };
}
