import type { CameraBackend, CameraCapability } from '../../../contract/live';
import type { StudioError } from '../../../contract/errors';
import type { FfmpegInfo } from '../ffmpeg';
import type { ProgrammeBus } from '../programme-bus';

/** What a camera is given when it starts. */
export type CameraOptions = {
  bus: ProgrammeBus;
  ffmpeg: FfmpegInfo | null;
  /** It ended without being asked to; called at most once. */
  onEnded: (error: StudioError) => void;
  onLog: (line: string) => void;
};

/** A camera that other programs see. */
export type RunningCamera = {
  /** Processes that feed it; empty when another program does. */
  pids: readonly number[];
  /** Settles when it is gone. */
  stop(): Promise<void>;
};

/** One way to appear as a camera. */
export type VirtualCameraBackend = {
  backend: CameraBackend;
  /** Whether it works on this machine, and why not; never rejects, changes nothing, takes seconds at most. */
  probe(): Promise<CameraCapability>;
  /**
   * Settles when pictures flow.
   * @throws StudioError `camera.unavailable`, `camera.failed`, `ffmpeg.missing`
   */
  start(options: CameraOptions): Promise<RunningCamera>;
};
