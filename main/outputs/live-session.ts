import { spawn, type ChildProcess } from 'node:child_process';
import { StudioError } from '../../contract/errors';
import type { OutputTarget } from './destination-url';
import { GopQueue } from './gop-queue';
import { LineTail } from './line-tail';
import { MkvWriter } from './mkv-writer';
import {
  trimAudioStart,
  type AudioPacket,
  type ProgrammeSink,
  type VideoConfig,
  type VideoPacket,
} from './packets';
import { ProgressReader, type FfmpegProgress } from './progress-reader';
import { redact } from './redact';

/** How long ffmpeg may take to send what it has when it is asked to end. */
const END_PATIENCE_MS = 3_000;
/** ffmpeg gives up on a socket that moves no byte for so long, in microseconds. */
const SOCKET_TIMEOUT_US = 15_000_000;

/** Chooses the times in the stream, for a receiver to whom the programme's own distances are not enough. */
export type PacketClock = {
  /** The receiver takes data from now on. */
  connected(): void;
  /** Stream time of a picture in microseconds, rising. */
  video(timestampUs: number): number;
  /** What of the sound is sent, and its stream time in microseconds; null for nothing. */
  audio(packet: AudioPacket): { packet: AudioPacket; atUs: number } | null;
};

export type LiveSessionOptions = {
  ffmpegPath: string;
  target: OutputTarget;
  audioBitrateKbps: number;
  /** More arguments for ffmpeg's demuxer and muxer. */
  inputArguments?: readonly string[];
  muxArguments?: readonly string[];
  /** Default: times count from the first picture. */
  clock?: PacketClock;
  /** Each report of ffmpeg, about twice a second once it is connected. */
  onProgress: (progress: FfmpegProgress) => void;
  /** The process is gone; called once, null when it was asked to end. */
  onEnded: (error: StudioError | null) => void;
  /** The video configuration changes: this process cannot go on. */
  onConfigChange: () => void;
  /** A line of ffmpeg's stderr, redacted. */
  onLog?: (line: string) => void;
};

/**
 * One connection to a server: an ffmpeg process that copies H.264, encodes AAC and pushes. It is
 * fed Matroska with explicit times on stdin, so that sound and picture keep their distance
 * whatever is dropped.
 */
export class LiveSession implements ProgrammeSink {
  readonly name = 'destination';
  readonly queue = new GopQueue();
  readonly #options: LiveSessionOptions;
  readonly #child: ChildProcess;
  readonly #tail: LineTail;
  #writer: MkvWriter | null = null;
  #config: VideoConfig | null = null;
  #startUs = 0;
  #pumping = false;
  #asked = false;
  #ended = false;
  #fedVideo = 0;

  constructor(options: LiveSessionOptions) {
    this.#options = options;
    this.#tail = new LineTail(30, options.onLog);
    this.#child = spawn(options.ffmpegPath, liveArguments(options), {
      stdio: 'pipe',
      windowsHide: true,
      // Ctrl-C in a terminal goes to the whole process group: only the studio may hear it, which then
      // ends its streams in order. A studio that is killed closes stdin, and ffmpeg ends by that.
      detached: process.platform !== 'win32',
    });
    const progress = new ProgressReader((report) => {
      // ffmpeg opens its output before it reports for the first time.
      options.clock?.connected();
      options.onProgress(report);
    });
    this.#child.stdout!.on('data', (chunk: Buffer) => progress.push(chunk.toString('utf8')));
    this.#child.stderr!.on('data', (chunk: Buffer) => this.#tail.push(chunk.toString('utf8')));
    // A broken pipe is the process's end seen from here; `close` tells it.
    this.#child.stdin!.on('error', () => {});
    this.#child.on('error', (error) => this.#finished(redact(error.message)));
    this.#child.on('close', (code, signal) => this.#finished(`code ${code ?? signal}`));
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** Video packets that ffmpeg took so far. */
  get fedVideo(): number {
    return this.#fedVideo;
  }

  onStart(config: VideoConfig, startUs: number): void {
    this.#config = config;
    this.#startUs = startUs;
  }

  onConfig(): void {
    this.#config = null;
    this.#options.onConfigChange();
  }

  onVideo(packet: VideoPacket): void {
    if (this.#config === null) return;
    this.queue.push({ kind: 'video', packet });
    this.#wake();
  }

  onAudio(packet: AudioPacket): void {
    if (this.#config === null) return;
    this.queue.push({ kind: 'audio', packet });
    this.#wake();
  }

  onDetached(error: StudioError): void {
    this.#tail.push(`${error.message}\n`);
    this.kill();
  }

  /** Closes stdin, lets ffmpeg send the rest for at most 3 s, then kills it. To be called detached. */
  async end(): Promise<void> {
    this.#asked = true;
    if (this.#ended) return;
    const gone = new Promise<void>((resolve) => this.#child.once('close', () => resolve()));
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), END_PATIENCE_MS);
    this.#child.stdin!.end();
    await gone;
    clearTimeout(timer);
  }

  /** Ends the process at once; `onEnded` follows. */
  kill(): void {
    this.#child.kill('SIGKILL');
  }

  #wake(): void {
    if (this.#pumping || this.#ended || this.#asked) return;
    this.#pumping = true;
    this.#pump()
      .catch((error: unknown) => {
        // Only a broken pipe gets here while ffmpeg lives on: then it is of no use any more.
        if (!this.#ended && !this.#asked) {
          this.#tail.push(`${redact(String(error))}\n`);
          this.kill();
        }
      })
      .finally(() => {
        this.#pumping = false;
      });
  }

  async #pump(): Promise<void> {
    const { clock } = this.#options;
    for (let item = this.queue.shift(); item !== undefined; item = this.queue.shift()) {
      if (this.#config === null || this.#asked) return;
      this.#writer ??= await MkvWriter.open((bytes) => this.#write(bytes), this.#config);
      if (item.kind === 'video') {
        const { timestampUs } = item.packet;
        await this.#writer.addVideo(item.packet, clock?.video(timestampUs) ?? timestampUs - this.#startUs);
        this.#fedVideo += 1;
        continue;
      }
      const rest = trimAudioStart(item.packet, this.#startUs);
      if (rest !== null && clock !== undefined) {
        const sent = clock.audio(rest);
        if (sent !== null) await this.#writer.addAudio(sent.packet, sent.atUs);
      } else if (rest !== null)
        await this.#writer.addAudio(rest, Math.max(0, rest.timestampUs - this.#startUs));
    }
  }

  #write(bytes: Uint8Array): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#child.stdin!.write(bytes, (error) => (error ? reject(error) : resolve()));
    });
  }

  #finished(how: string): void {
    if (this.#ended) return;
    this.#ended = true;
    this.queue.clear();
    if (this.#asked) {
      this.#options.onEnded(null);
      return;
    }
    const message = `The connection to the server must last, but ffmpeg ended with ${how}.`;
    this.#options.onEnded(
      new StudioError('output', 'destination.lost', message, { cause: this.#tail.text() }),
    );
  }
}

/** ffmpeg's arguments; the last one contains the stream key. */
function liveArguments({
  target,
  audioBitrateKbps,
  inputArguments = [],
  muxArguments = [],
}: LiveSessionOptions): string[] {
  const flv = ['-flvflags', 'no_duration_filesize', '-f', 'flv'];
  return [
    ...['-hide_banner', '-loglevel', 'warning', '-nostats', '-progress', 'pipe:1', '-stats_period', '0.5'],
    // No -fflags nobuffer: it throws away the packets that were probed.
    ...['-f', 'matroska', '-probesize', '32768', '-analyzeduration', '0', ...inputArguments, '-i', 'pipe:0'],
    ...['-map', '0:v', '-map', '0:a', '-c:v', 'copy', '-c:a', 'aac', '-b:a', `${audioBitrateKbps}k`],
    // Where a GOP was dropped, silence keeps the sound in step with the picture.
    ...['-af', 'aresample=async=1', '-flush_packets', '1', '-rw_timeout', String(SOCKET_TIMEOUT_US)],
    ...muxArguments,
    ...(target.format === 'flv' ? flv : ['-f', 'mpegts']),
    target.url,
  ];
}
