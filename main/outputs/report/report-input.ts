import type { DestinationLive, DestinationState } from '../../../contract/live';
import type { StageStats } from '../../../contract/stage';
import type { FfmpegInfo } from '../ffmpeg';

/** An engine process that took part. */
export type ReportEngine = {
  /** For example `animate`. */
  name: string;
  provider: string | null;
  model: string | null;
  /** SHA-256 of each model file, by file name. */
  hashes: Readonly<Record<string, string>>;
  restarts: number;
};

/** A destination and what became of it; addresses come without their keys. */
export type ReportDestination = {
  name: string;
  protocol: string;
  url: string;
  /** Its last snapshot before it was stopped. */
  live: DestinationLive;
  /** Each change of state with its programme time. */
  moves: readonly { atUs: number; state: DestinationState }[];
};

/** All that a report tells. */
export type ReportInput = {
  title: string;
  /** ISO 8601, when the recording began. */
  date: string;
  /** Programme time at which the recording began. */
  startedUs: number;
  /** The finished recording; the first of its parts. */
  recordingFile: string;
  /** JSON Lines with `atUs` and `kind` in each; null when there is none. */
  sessionLogFile: string | null;
  /** One sample a second. */
  stats: readonly StageStats[];
  /** Layer id → what the user calls it. */
  layerNames: Readonly<Record<string, string>>;
  engines: readonly ReportEngine[];
  destinations: readonly ReportDestination[];
  /** Program → version, for example `fantascope`, `node`, `ffmpeg`. */
  versions: Readonly<Record<string, string>>;
  /** What it ran on, for example `cpu`, `cores`, `memory`, `system`. */
  machine: Readonly<Record<string, string>>;
  ffmpeg: FfmpegInfo | null;
};
