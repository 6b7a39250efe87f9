import type { EngineName } from './engine';
import type { StudioErrorShape } from './errors';

/**
 * Models as the interface sees them: what the catalogues name, what lies on this disk, what is
 * on its way, and whether this machine can run it. Main owns all of it (`main/models/`).
 */

/** Machines a model is meant for: any, or one with a graphics card of so many gigabytes. */
export const MODEL_TIERS = ['cpu', '8gb', '24gb', '80gb'] as const;
export type ModelTier = (typeof MODEL_TIERS)[number];

/**
 * Where a model stands.
 * - `absent`: only the catalogue knows it
 * - `waiting`, `downloading`, `paused`, `verifying`: on its way; `failed` is a way that ended in `error`
 * - `installed`: every file is there and was whole when last verified
 * - `damaged`: a file is missing or not what the catalogue says; `error` names it
 */
export type ModelState =
  'absent' | 'waiting' | 'downloading' | 'paused' | 'verifying' | 'failed' | 'installed' | 'damaged';

/** How far a download is. Bytes already on disk from an earlier try count as done. */
export type ModelTransfer = {
  doneBytes: number;
  totalBytes: number;
  /** Mean of the last seconds; 0 while nothing comes. */
  bytesPerSecond: number;
  /** Seconds left at that speed; null while that cannot be said. */
  etaS: number | null;
  /** File under way, below the model's folder; null between files. */
  file: string | null;
  /** Why the last try was given up for another one; null while all goes well. */
  retrying: string | null;
};

/** Whether this machine can run a model, said before it is loaded. */
export type ModelFit = {
  verdict: 'fits' | 'tight' | 'wont';
  /** In words: what it needs, what is there. */
  why: string;
  /** New results a second expected here; null where nothing was measured or nobody knows what one costs. */
  predictedFps: number | null;
  /** What one result is ("a picture of 512 × 512"); null where a measurement could not foresee a speed. */
  resultOf: string | null;
};

export type ModelLicence = {
  /** SPDX identifier, or the name its owner gave it. */
  id: string;
  url: string | null;
  /** Terms the user must agree to before a download, in a sentence or two; null when there is nothing to ask. */
  terms: string | null;
  /** Whether they did, on this machine. */
  accepted: boolean;
};

/** A check of a model's files that found all of them right. */
export type ModelCheck = { files: number; bytes: number; atMs: number };

export type ModelListing = {
  id: string;
  name: string;
  /** What it is for, a task of `native-models/contracts`. */
  task: string;
  /** Engine of this studio that runs it; null for a task that no engine has yet. */
  engine: EngineName | null;
  version: string;
  tier: ModelTier;
  /** Where it comes from, in words or as an address. */
  source: string;
  licence: ModelLicence;
  languages: readonly string[];
  /** Comes with the studio: cannot be deleted. */
  shipped: boolean;
  /** Whether the catalogue knows the SHA-256 of every file; what is not known is remembered at the first download. */
  hashesKnown: boolean;
  /** Files that no address is known of: with any, the model cannot be fetched, only imported. */
  withoutAddress: readonly string[];
  /** The last time in this run that every file was held against the catalogue and found right; null before. */
  checked: ModelCheck | null;
  /** Size of all files; null where the catalogue does not know one. */
  bytes: number | null;
  /** Part of `bytes` that lies here already, in files shared with other models or from an earlier try. */
  haveBytes: number;
  state: ModelState;
  transfer: ModelTransfer | null;
  error: StudioErrorShape | null;
  fit: ModelFit;
  /** An engine runs it now, or the open project names it. */
  inUse: boolean;
};

/** The model shelf: every model known here, and the disk they lie on. */
export type ModelShelf = {
  models: readonly ModelListing[];
  /** Folder of what was downloaded or imported. */
  folder: string;
  /** What lies there, each shared file counted once, leftovers of cancelled downloads included. */
  usedBytes: number;
  /** Room left on that disk. */
  freeBytes: number;
  /** Milliseconds a reference network takes here, `null` until this machine was measured. */
  referenceMs: number | null;
};
