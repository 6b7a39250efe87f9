import { spawn, type ChildProcess } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { FfmpegInfo } from '../../main/outputs/ffmpeg';

/** A UDP port of 127.0.0.1 that is free now. */
export async function freeUdpPort(): Promise<number> {
  const socket = createSocket('udp4');
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
  const { port } = socket.address();
  await new Promise<void>((resolve) => socket.close(() => resolve()));
  return port;
}

/** An SRT server: ffmpeg in listener mode, which writes what it gets, one file a start. */
export class SrtListener {
  readonly port: number;
  readonly #ffmpeg: FfmpegInfo;
  readonly #folder: string;
  readonly #passphrase: string;
  readonly files: string[] = [];
  #child: ChildProcess | null = null;

  constructor(ffmpeg: FfmpegInfo, folder: string, port: number, passphrase: string) {
    this.#ffmpeg = ffmpeg;
    this.#folder = folder;
    this.port = port;
    this.#passphrase = passphrase;
  }

  /** Listens for one caller, at most for two minutes, into a new file. */
  async start(): Promise<void> {
    const file = join(this.#folder, `srt-${this.files.length}.ts`);
    this.files.push(file);
    const url = `srt://127.0.0.1:${this.port}?mode=listener&latency=100000&passphrase=${this.#passphrase}`;
    // The default probe takes seconds in which nothing is written.
    const probe = ['-probesize', '300000', '-analyzeduration', '700000'];
    const args = [
      '-hide_banner',
      '-loglevel',
      'error',
      '-y',
      '-t',
      '120',
      ...probe,
      '-f',
      'mpegts',
      '-i',
      url,
    ];
    const output = ['-c', 'copy', '-t', '120', '-fs', '50M', '-flush_packets', '1', '-f', 'mpegts', file];
    this.#child = spawn(this.#ffmpeg.path, [...args, ...output], { stdio: 'ignore', timeout: 150_000 });
    // UDP gives no sign of listening; a caller that is early tries again.
    await sleep(300);
  }

  async kill(): Promise<void> {
    const child = this.#child;
    this.#child = null;
    if (child === null || child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise((resolve) => child.once('close', resolve));
    child.kill('SIGKILL');
    await gone;
  }
}
