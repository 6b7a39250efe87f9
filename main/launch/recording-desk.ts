import { homedir } from 'node:os';
import { join } from 'node:path';
import { StudioError, toStudioError } from '../../contract/errors';
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
  /** Facts for the head of the session log: versions, model hashes. */
  describe: () => Record<string, unknown>;
};

/** What a finished recording left behind. */
export type FinishedRecording = {
  files: string[];
  sessionLog: string;
  startedUs: number;
  durationUs: number;
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
    void this.begin().catch((error: unknown) => this.trouble(error));
  }

  pause(): void {
    this.recorder.pause();
  }

  resume(): void {
    this.recorder.resume();
  }

  /** Ends the recording; resolves to what was left behind, null when there was none. */
  stop(): Promise<FinishedRecording | null> {
    const { state } = this.recorder.live();
    if (state === 'recording' || state === 'paused') this.lastStop = this.finish();
    return this.lastStop;
  }

  /** Adds the stage's measurements to the session log. */
  noteStats(stats: StageStats): void {
    this.note('stats', { stats });
  }

  /** Finishes what a killed process left in the recording folder. */
  async recover(): Promise<void> {
    const { studio, ffmpeg } = this.options;
    const { recovered, failed } = await recoverLeftovers(recordingFolder(studio.state), ffmpeg);
    for (const file of recovered) {
      studio.notify('recovered', {
        origin: 'output',
        code: 'recording.recovered',
        message: `A recording that was cut off has been saved as "${file}".`,
      });
    }
    for (const { error } of failed) studio.notify('recovered', error.toShape());
  }

  async close(): Promise<void> {
    await this.stop();
    for (const dispose of this.disposers) dispose();
  }

  private async begin(): Promise<void> {
    const { studio, describe, nowUs } = this.options;
    const { project } = studio.state;
    const stamp = new Date().toISOString().slice(0, 19).replace('T', ' ').replaceAll(':', '-');
    const file = await this.recorder.start({
      folder: recordingFolder(studio.state),
      name: `${project.name} ${stamp}`,
      container: project.recording.container,
    });
    this.log = new SessionLog(file.replace(/\.recording\.mkv$/, '.session.jsonl'), redact);
    this.log.write({ atUs: nowUs(), kind: 'start', version: studio.state.version, ...describe(), project });
  }

  private async finish(): Promise<FinishedRecording | null> {
    const { studio, nowUs } = this.options;
    const { startedUs } = this.recorder.live();
    let result: RecordingResult;
    try {
      result = await this.recorder.stop();
    } catch (error) {
      this.trouble(error);
      return null;
    }
    const { durationUs } = this.recorder.live();
    if (result.error) studio.notify('recording', result.error.toShape());
    const log = this.log;
    this.note('end', { files: result.files, durationUs });
    this.log = null;
    await log?.close();
    return { files: result.files, sessionLog: log?.file ?? '', startedUs: startedUs ?? nowUs(), durationUs };
  }

  private changed(onChange: () => void): void {
    const { error } = this.recorder.live();
    if (error) this.options.studio.notify('recording', error);
    onChange();
  }

  private noteChanges(state: LiveState, previous: LiveState): void {
    if (!this.log) return;
    if (state.engines !== previous.engines) this.note('engine', { engine: state.engines.animate });
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
