import { StudioError, toStudioError } from '../../contract/errors';
import { ClosedUpTime } from './closed-up-time';
import type { FfmpegInfo } from './ffmpeg';
import { finishPart } from './finish-recording';
import { MkvWriter } from './mkv-writer';
import {
  sameVideoConfig,
  type AudioPacket,
  type ProgrammeSink,
  type VideoConfig,
  type VideoPacket,
} from './packets';
import type { GrowingFile, OpenFile } from './recording-file';
import { partFile, releaseSidecar, removeFile, sidecarFile, type Container } from './recording-names';

/** Packets that are waiting may take this much memory before the disk counts as too slow. */
const QUEUE_BYTES = 256 * 2 ** 20;
/**
 * Beyond this the bus is told to wait. It holds back every output, so it is the last resort:
 * a disk that stalls for minutes must not put the slate on air.
 */
const WAIT_BYTES = QUEUE_BYTES / 2;

export type SessionOptions = {
  folder: string;
  /** Free name, without ending. */
  name: string;
  container: Container;
  openFile: OpenFile;
  /** Called once, when nothing more can be written. */
  onFailed: (error: StudioError) => void;
};

/** What a recording has become. */
export type RecordingResult = {
  /** Final files in order; more than one when the video configuration changed on the way. */
  files: string[];
  /** Why there is less than was wanted; null when all went well. */
  error: StudioError | null;
  /** False when ffmpeg was missing and the files are the raw Matroska. */
  remuxed: boolean;
  /** Programme time of the first picture; null when none came. */
  startedUs: number | null;
  durationUs: number;
  videoFrames: number;
};

type Job =
  | { kind: 'begin'; config: VideoConfig; startUs: number }
  | { kind: 'video'; packet: VideoPacket }
  | { kind: 'audio'; packet: AudioPacket };

type Part = {
  number: number;
  path: string;
  file: GrowingFile;
  config: VideoConfig | null;
  writer: MkvWriter | null;
  time: ClosedUpTime;
};

/** One recording from its first packet to its final files: a lossless, bounded queue and its writer. */
export class RecordingSession implements ProgrammeSink {
  readonly name = 'recorder';
  readonly #options: SessionOptions;
  #part: Part;
  #written: { path: string; number: number }[] = [];
  #queue: Job[] = [];
  #queuedBytes = 0;
  #pumping: Promise<void> | null = null;
  #room: { promise: Promise<void>; resolve: () => void } | null = null;
  #pendingConfig: VideoConfig | null = null;
  #failure: StudioError | null = null;
  #bytes = 0;
  #doneUs = 0;
  #videoFrames = 0;
  #firstUs: number | null = null;

  private constructor(options: SessionOptions, part: Part) {
    this.#options = options;
    this.#part = part;
  }

  /** Creates the first part, so that a folder that cannot be written is known before anything starts. */
  static async open(options: SessionOptions): Promise<RecordingSession> {
    return new RecordingSession(options, await openPart(options, 1));
  }

  /** The part file being written. */
  get file(): string {
    return this.#part.path;
  }
  get bytes(): number {
    return this.#bytes;
  }
  get durationUs(): number {
    return this.#doneUs + this.#part.time.endUs;
  }

  /** Programme time of the first picture; null before it came. */
  get firstUs(): number | null {
    return this.#firstUs;
  }

  onStart(config: VideoConfig, startUs: number): void {
    this.#firstUs ??= startUs;
    this.#push({ kind: 'begin', config, startUs }, 0);
  }

  onConfig(config: VideoConfig): void {
    this.#pendingConfig = config;
  }

  onVideo(packet: VideoPacket): void {
    const config = this.#pendingConfig;
    if (config !== null) {
      this.#pendingConfig = null;
      this.#push({ kind: 'begin', config, startUs: packet.timestampUs }, 0);
    }
    this.#push({ kind: 'video', packet }, packet.data.byteLength);
  }

  onAudio(packet: AudioPacket): void {
    this.#push({ kind: 'audio', packet }, packet.samples.byteLength);
  }

  ready(): Promise<void> | undefined {
    if (this.#queuedBytes < WAIT_BYTES || this.#failure !== null) return undefined;
    if (this.#room === null) {
      let resolve = () => {};
      const promise = new Promise<void>((settle) => (resolve = settle));
      this.#room = { promise, resolve };
    }
    return this.#room.promise;
  }

  onDetached(error: StudioError): void {
    this.#fail(error);
  }

  /** Writes what is queued, closes the parts and makes the final files. To be called once, detached. */
  async finish(ffmpeg: FfmpegInfo | null): Promise<RecordingResult> {
    await this.#pumping;
    await this.#closePart();
    const { folder, name, container } = this.#options;
    const files: string[] = [];
    let error = this.#failure;
    let whole = true;
    for (const { path, number } of this.#written) {
      const finalName = number === 1 ? name : `${name} (part ${number})`;
      try {
        files.push(await finishPart({ part: path, name: finalName, container }, ffmpeg));
      } catch (reason) {
        whole = false;
        files.push(path);
        error ??= toStudioError(reason, 'output', 'recording.failed');
      }
    }
    await releaseSidecar(sidecarFile(folder, name), whole);
    if (files.length === 0) {
      error ??= new StudioError(
        'output',
        'recording.failed',
        'A recording must have pictures, but none arrived.',
      );
    } else if (ffmpeg === null) {
      error ??= new StudioError(
        'output',
        'ffmpeg.missing',
        `Without ffmpeg the recording stays "${files[0]}".`,
      );
    }
    const { durationUs } = this;
    const remuxed = ffmpeg !== null && whole;
    return { files, error, remuxed, startedUs: this.#firstUs, durationUs, videoFrames: this.#videoFrames };
  }

  #push(job: Job, bytes: number): void {
    if (this.#failure !== null) return;
    this.#queue.push(job);
    this.#queuedBytes += bytes;
    if (this.#queuedBytes > QUEUE_BYTES) {
      const message = `The disk must take the recording as fast as it comes, but ${this.#queuedBytes} bytes are waiting.`;
      this.#fail(new StudioError('output', 'recording.failed', message));
      return;
    }
    this.#pumping ??= this.#pump();
  }

  async #pump(): Promise<void> {
    try {
      for (let job = this.#queue.shift(); job !== undefined; job = this.#queue.shift()) {
        if (job.kind !== 'begin') {
          this.#queuedBytes -=
            job.kind === 'video' ? job.packet.data.byteLength : job.packet.samples.byteLength;
        }
        await this.#write(job);
        if (this.#queuedBytes < WAIT_BYTES / 2) this.#releaseRoom();
      }
    } catch (error) {
      this.#fail(toStudioError(error, 'output', 'recording.failed'));
    } finally {
      this.#pumping = null;
    }
  }

  async #write(job: Job): Promise<void> {
    if (job.kind === 'begin') return this.#begin(job.config, job.startUs);
    const { writer, time } = this.#part;
    if (writer === null) return;
    if (job.kind === 'video') {
      await writer.addVideo(job.packet, time.video(job.packet));
      this.#videoFrames += 1;
      return;
    }
    const placed = time.audio(job.packet);
    if (placed !== null) await writer.addAudio(placed.packet, placed.timestampUs);
  }

  async #begin(config: VideoConfig, startUs: number): Promise<void> {
    if (this.#part.config !== null && !sameVideoConfig(this.#part.config, config)) {
      const number = this.#part.number + 1;
      await this.#closePart();
      this.#part = await openPart(this.#options, number);
    }
    const part = this.#part;
    const append = async (bytes: Uint8Array): Promise<void> => {
      await part.file.append(bytes);
      this.#bytes += bytes.byteLength;
    };
    part.config = config;
    part.writer ??= await MkvWriter.open(append, config);
    const join = part.time.begin(startUs);
    if (join !== null) await part.writer.addAudio(join.packet, join.timestampUs);
  }

  async #closePart(): Promise<void> {
    const { number, path, file, writer, time } = this.#part;
    try {
      if (this.#failure === null) await writer?.finish();
    } catch (error) {
      // The index could not be written; the packets before it are in the file.
      this.#failure ??= toStudioError(error, 'output', 'recording.failed');
    }
    await file.close();
    this.#doneUs += time.endUs;
    this.#part = { ...this.#part, writer: null, time: new ClosedUpTime() };
    if (writer === null) await removeFile(path);
    else this.#written.push({ path, number });
  }

  #fail(error: StudioError): void {
    if (this.#failure !== null) return;
    this.#failure = error;
    this.#queue = [];
    this.#queuedBytes = 0;
    this.#releaseRoom();
    this.#options.onFailed(error);
  }

  #releaseRoom(): void {
    this.#room?.resolve();
    this.#room = null;
  }
}

async function openPart(options: SessionOptions, number: number): Promise<Part> {
  const path = partFile(options.folder, options.name, number);
  return {
    number,
    path,
    file: await options.openFile(path),
    config: null,
    writer: null,
    time: new ClosedUpTime(),
  };
}
