import { homedir } from 'node:os';
import { join } from 'node:path';
import { ENGINES } from '../../contract/engine';
import { StudioError, toStudioError, type StudioErrorShape } from '../../contract/errors';
import type { LiveState } from '../../contract/live';
import type { StageStats } from '../../contract/stage';
import type { FfmpegInfo } from '../outputs/ffmpeg';
import type { ProgrammeBus } from '../outputs/programme-bus';
import { Recorder } from '../outputs/recorder';
import { recoverLeftovers } from '../outputs/recover-leftovers';
import type { RecordingResult } from '../outputs/recording-session';
import { redact } from '../outputs/redact';
import { SessionLog } from '../studio/session-log';
import type { Studio } from '../studio/studio';

export type RecordingDeskOptions = {
  studio: Studio;
  bus: ProgrammeBus;
  ffmpeg: FfmpegInfo | null;
  nowUs: () => number;
  /** Called whenever the recorder's state changed. */
  onChange: () => void;
  /** Facts for the head of the session log: versions, model hashes. Awaited before a recording begins. */
  describe: () => Record<string, unknown> | Promise<Record<string, unknown>>;
};

/** What a finished recording left behind. */
export type FinishedRecording = {
  files: string[];
  sessionLog: string;
  startedUs: number;
  durationUs: number;
  /** Why there is less than was wanted; null when all went well. */
  error: StudioErrorShape | null;
};

/**
 * Starts and ends recordings for the studio, with the session log beside each: every
 * command, every change of an engine or destination, and what the stage measured.
 */
export class RecordingDesk {
  readonly recorder: Recorder;
  private readonly options: RecordingDeskOptions;
  private log: SessionLog | null = null;
  private lastStop: Promise<FinishedRecording | null> = Promise.resolve(null);
  /** Settles when no recording is being begun. */
  private beginning: Promise<void> = Promise.resolve();
  /** Folders whose leftovers were finished. */
  private readonly recoveredFolders = new Set<string>();
  private recoveries = 0;
  private nextLabel: string | null = null;
  private readonly disposers: (() => void)[];

  constructor(options: RecordingDeskOptions) {
    this.options = options;
    const { studio, bus, ffmpeg, nowUs, onChange } = options;
    this.recorder = new Recorder({
      bus,
      ffmpeg: () => ffmpeg,
      nowUs,
      onChange: () => this.changed(onChange),
      onFinished: (result) => this.finished(result),
    });
    this.disposers = [
      studio.onCommand((command, version, inputUs) => {
        this.note('command', {
          version,
          inputUs,
          command,
          ...(this.nextLabel ? { label: this.nextLabel } : {}),
        });
        this.nextLabel = null;
      }),
      studio.onState((state, previous) => this.noteChanges(state, previous)),
    ];
  }

  /** Begins a recording in the background; trouble becomes a notice. */
  start(): void {
    const begun = this.begin().catch((error: unknown) => this.trouble(error));
    this.beginning = Promise.all([this.beginning, begun]).then(() => {});
  }

  pause(): void {
    this.recorder.pause();
  }

  resume(): void {
    this.recorder.resume();
  }

  /**
   * Ends the recording, also one that is only being begun; resolves to what the last recording left
   * behind, whether it was ended here or by itself, null when there was none.
   */
  async stop(): Promise<FinishedRecording | null> {
    await this.beginning;
    if (this.recorder.live().state !== 'idle') await this.recorder.stop();
    return this.lastStop;
  }

  /** Adds the stage's measurements to the session log. */
  noteStats(stats: StageStats): void {
    this.note('stats', { stats });
  }

  /**
   * Finishes what a killed process left in the project's recording folder, once a folder: to be called
   * at launch and whenever another project is opened. Trouble becomes a notice.
   */
  async recover(): Promise<void> {
    const { studio, ffmpeg } = this.options;
    const folder = recordingFolder(studio.state);
    if (this.recoveredFolders.has(folder)) return;
    this.recoveredFolders.add(folder);
    try {
      const { recovered, failed } = await recoverLeftovers(folder, ffmpeg);
      for (const file of recovered) {
        const message = `A recording that was cut off has been saved as "${file}".`;
        this.noteRecovery({ origin: 'output', code: 'recording.recovered', message });
      }
      for (const { error } of failed) this.noteRecovery(error.toShape());
    } catch (error) {
      this.recoveredFolders.delete(folder);
      this.noteRecovery(toStudioError(error, 'output', 'recording.failed').toShape());
    }
  }

  /** Each file has a notice of its own: `recovered`, `recovered-2`, … */
  private noteRecovery(error: StudioErrorShape): void {
    this.recoveries += 1;
    this.options.studio.notify(this.recoveries === 1 ? 'recovered' : `recovered-${this.recoveries}`, error);
  }

  async close(): Promise<void> {
    await this.stop();
    for (const dispose of this.disposers) dispose();
  }

  private async begin(): Promise<void> {
    const { studio, nowUs } = this.options;
    const { project } = studio.state;
    if (this.recorder.live().state === 'idle') this.lastStop = Promise.resolve(null);
    const facts = await this.facts();
    const stamp = new Date().toISOString().slice(0, 19).replace('T', ' ').replaceAll(':', '-');
    const file = await this.recorder.start({
      folder: recordingFolder(studio.state),
      name: `${project.name} ${stamp}`,
      container: project.recording.container,
    });
    const logFile = file.replace(/\.recording\.mkv$/, '.session.jsonl');
    this.log = new SessionLog(logFile, redact, (cause) => this.logFailed(logFile, cause));
    this.log.write({ atUs: nowUs(), kind: 'start', version: studio.state.version, ...facts, project });
  }

  /** What cannot be told of the studio must not keep it from recording. */
  private async facts(): Promise<Record<string, unknown>> {
    try {
      return await this.options.describe();
    } catch (error) {
      return { undescribed: toStudioError(error, 'studio').message };
    }
  }

  private logFailed(file: string, cause: Error): void {
    const message = `The session log "${file}" must be writable, got ${cause.message}. The recording goes on.`;
    this.options.studio.notify(
      'session-log',
      new StudioError('output', 'session-log.failed', message, { cause }).toShape(),
    );
  }

  /** A recording ended, by `stop` or by itself: its log ends with it. */
  private finished({ files, durationUs, startedUs, error }: RecordingResult): void {
    this.note('end', { files, durationUs, error: error?.toShape() ?? null });
    const { log } = this;
    this.log = null;
    const left: FinishedRecording = {
      files,
      sessionLog: log?.file ?? '',
      startedUs: startedUs ?? this.options.nowUs(),
      durationUs: Math.round(durationUs),
      error: error?.toShape() ?? null,
    };
    this.lastStop = (log?.close() ?? Promise.resolve()).then(() => left);
  }

  private changed(onChange: () => void): void {
    const { error } = this.recorder.live();
    if (error) this.options.studio.notify('recording', error);
    onChange();
  }

  private noteChanges(state: LiveState, previous: LiveState): void {
    if (!this.log) return;
    for (const name of ENGINES) {
      const engine = state.engines[name];
      if (engine !== previous.engines[name]) this.note('engine', { name, engine });
    }
    if (state.obs.state !== previous.obs.state) {
      this.note('obs', { state: state.obs.state, error: state.obs.error });
    }
    if (state.virtualCamera.state !== previous.virtualCamera.state) {
      const { state: now, backend, error } = state.virtualCamera;
      this.note('camera', { state: now, backend, error });
    }
    if (state.captions.epoch !== previous.captions.epoch) {
      this.note('captions', { streamId: state.captions.streamId, epoch: state.captions.epoch });
    }
    for (const [id, live] of Object.entries(state.destinations)) {
      if (live.state !== previous.destinations[id]?.state)
        this.note('destination', { id, state: live.state });
    }
    if (state.recording.state !== previous.recording.state) {
      this.note('recording', { state: state.recording.state });
    }
  }

  /** Names the next command in the session log: a show's author calls it so. */
  labelNext(label: string | null): void {
    this.nextLabel = label;
  }

  /** Adds an entry to the session log, if one is open. */
  note(kind: string, facts: Record<string, unknown>): void {
    this.log?.write({ atUs: this.options.nowUs(), kind, ...facts });
  }

  private trouble(error: unknown): void {
    const known = error instanceof StudioError ? error : toStudioError(error, 'output', 'recording.failed');
    this.options.studio.notify('recording', known.toShape());
    this.options.onChange();
  }
}

/** Where recordings go: the project's folder, else the user's videos. */
export function recordingFolder(state: LiveState): string {
  return state.project.recording.folder ?? join(homedir(), 'Videos', 'Fantascope');
}
