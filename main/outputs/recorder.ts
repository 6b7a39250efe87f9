import { mkdir } from 'node:fs/promises';
import type { RecordingLive } from '../../contract/live';
import { StudioError, toStudioError } from '../../contract/errors';
import type { FfmpegInfo } from './ffmpeg';
import type { ProgrammeBus } from './programme-bus';
import { openGrowingFile, recordingError, type OpenFile } from './recording-file';
import {
  claimSidecar,
  freeName,
  releaseSidecar,
  safeFileName,
  sidecarFile,
  touchSidecar,
  type Container,
} from './recording-names';
import { RecordingSession, type RecordingResult } from './recording-session';

/** How often the claim on the recording in progress is renewed. */
const TOUCH_MS = 5_000;

export type RecorderOptions = {
  bus: ProgrammeBus;
  /** The ffmpeg that finishes recordings; null keeps them as MKV. */
  ffmpeg: () => FfmpegInfo | null;
  /** Programme clock in microseconds. */
  nowUs: () => number;
  /** State, file or error changed (not bytes and duration, which always do). */
  onChange?: () => void;
  /** Every recording that ended, by `stop` or by itself; `error` says why there is less than wanted. */
  onFinished?: (result: RecordingResult) => void;
  openFile?: OpenFile;
};

export type RecordingOptions = {
  folder: string;
  /** What the user calls it; made safe and unique. */
  name: string;
  container: Container;
};

/**
 * Records the programme, from the bus's packets and never through ffmpeg, to
 * `Name.recording.mkv`, of which a kill at any moment leaves all packets; `stop` makes the
 * file the user chose of it. Where the video configuration changes a second part begins,
 * which becomes a file of its own: nothing is encoded again.
 */
export class Recorder {
  readonly #options: RecorderOptions;
  #session: RecordingSession | null = null;
  #state: RecordingLive['state'] = 'idle';
  #startedUs: number | null = null;
  #file: string | null = null;
  #error: StudioError | null = null;
  #last = { durationUs: 0, bytes: 0 };
  #detach: (() => void) | null = null;
  #touch: NodeJS.Timeout | undefined;
  #finishing: Promise<RecordingResult> | null = null;
  #starting = false;

  constructor(options: RecorderOptions) {
    this.#options = options;
  }

  live(): RecordingLive {
    return {
      state: this.#state,
      startedUs: this.#session?.firstUs ?? this.#startedUs,
      durationUs: Math.round(this.#session?.durationUs ?? this.#last.durationUs),
      bytes: this.#session?.bytes ?? this.#last.bytes,
      file: this.#file,
      error: this.#error?.toShape() ?? null,
    };
  }

  /**
   * Begins a recording; the first packet in it is the next key frame.
   * @returns the file in progress.
   * @throws StudioError `argument.invalid` when one is running, `recording.folder`, `recording.disk-full`.
   */
  async start(options: RecordingOptions): Promise<string> {
    this.#require('idle', 'start');
    if (this.#starting) throw illegal('start', 'starting');
    this.#starting = true;
    try {
      return await this.#start(options);
    } finally {
      this.#starting = false;
    }
  }

  /** Leaves the programme out until `resume`; the file's time stands still. */
  pause(): void {
    this.#require('recording', 'pause');
    this.#detach?.();
    this.#detach = null;
    this.#setState('paused');
  }

  /** Goes on at the next key frame, without a hole. */
  resume(): void {
    this.#require('paused', 'resume');
    this.#attach();
    this.#setState('recording');
  }

  /**
   * Ends the recording and makes the final file. What went wrong on the way is in the result's
   * `error`; whatever could be saved is in its `files`.
   * @throws StudioError `argument.invalid` when nothing is recorded.
   */
  async stop(): Promise<RecordingResult> {
    if (this.#finishing !== null) return this.#finishing;
    if (this.#state !== 'recording' && this.#state !== 'paused') throw illegal('stop', this.#state);
    return this.#finish(null);
  }

  async #start(options: RecordingOptions): Promise<string> {
    const { folder, container } = options;
    await mkdir(folder, { recursive: true }).catch((error: unknown) => {
      throw recordingError(error, folder, 'recording.folder');
    });
    const name = await freeName(folder, safeFileName(options.name)).catch((error: unknown) => {
      throw recordingError(error, folder, 'recording.folder');
    });
    const sidecar = sidecarFile(folder, name);
    let session: RecordingSession;
    try {
      await claimSidecar(sidecar, { version: 1, pid: process.pid, name, container });
      session = await RecordingSession.open({
        folder,
        name,
        container,
        openFile: this.#options.openFile ?? openGrowingFile,
        onFailed: (error) => void this.#finish(error),
      });
    } catch (error) {
      await releaseSidecar(sidecar, true);
      throw recordingError(error, folder, 'recording.folder');
    }
    this.#session = session;
    this.#file = session.file;
    this.#error = null;
    this.#startedUs = this.#options.nowUs();
    this.#touch = setInterval(() => {
      touchSidecar(sidecar).catch((error: unknown) =>
        this.#report(recordingError(error, sidecar, 'recording.failed')),
      );
    }, TOUCH_MS);
    this.#touch.unref();
    this.#attach();
    this.#setState('recording');
    return session.file;
  }

  #attach(): void {
    if (this.#session !== null) this.#detach = this.#options.bus.addSink(this.#session);
  }

  #finish(cause: StudioError | null): Promise<RecordingResult> {
    this.#finishing ??= this.#finishOnce(cause);
    return this.#finishing;
  }

  async #finishOnce(cause: StudioError | null): Promise<RecordingResult> {
    const session = this.#session!;
    this.#detach?.();
    this.#detach = null;
    if (cause !== null) this.#error = cause;
    this.#setState('finishing');
    const result = await session.finish(this.#options.ffmpeg()).catch((error: unknown): RecordingResult => ({
      files: [session.file],
      error: toStudioError(error, 'output', 'recording.failed'),
      remuxed: false,
      startedUs: session.firstUs,
      durationUs: session.durationUs,
      videoFrames: 0,
    }));
    const finished = { ...result, error: cause ?? result.error };
    this.#error = finished.error;
    this.#file = result.files[0] ?? this.#file;
    clearInterval(this.#touch);
    this.#last = { durationUs: session.durationUs, bytes: session.bytes };
    this.#session = null;
    this.#finishing = null;
    this.#setState('idle');
    this.#options.onFinished?.(finished);
    return finished;
  }

  #require(state: RecordingLive['state'], verb: string): void {
    if (this.#state !== state) throw illegal(verb, this.#state);
  }

  #report(error: StudioError): void {
    this.#error = error;
    this.#options.onChange?.();
  }

  #setState(state: RecordingLive['state']): void {
    this.#state = state;
    this.#options.onChange?.();
  }
}

function illegal(verb: string, state: string): StudioError {
  return new StudioError('output', 'argument.invalid', `A recording that is ${state} cannot ${verb}.`);
}
