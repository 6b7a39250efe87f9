import { once } from 'node:events';
import { setPriority } from 'node:os';
import { resolve } from 'node:path';
import WebSocket from 'ws';
import type { CaptionUpdate, CaptionWord } from '../../contract/captions';
import type { EngineControl, EngineName, EngineSettings, Quality } from '../../contract/engine';
import {
  decodeFrame,
  encodeFrame,
  FrameFlag,
  FrameFormat,
  FrameKind,
  type Frame,
} from '../../contract/frame';
import { SUBPROTOCOL, TOKEN_PREFIX } from '../../contract/rpc';
import { EngineProcess } from '../../main/engines/runtime/engine-process';
import { forkChild } from '../../main/engines/testing/fork-child';
import { ENGINE_RUNS } from '../../main/launch/engine-streams';

const TOKEN = 'bench';
const ORIGIN = 'http://127.0.0.1:1';
const STREAM = 1;
const READY_MS = 60_000;

/** One engine in its own process, with the priority that the studio gives it, and a stage's socket to it. */
export class LiveEngine {
  readonly #process: EngineProcess;
  readonly #socket: WebSocket;
  #quality: Quality | null = null;
  #onCaption: (update: CaptionUpdate) => void = () => {};
  #onFrame: (frame: Frame) => void = () => {};
  /** The engine numbers its words from its start on, and its time never goes back. */
  readonly #words: CaptionWord[] = [];
  readonly #wholeMs: number[] = [];
  #originMs: number | null = null;

  private constructor(process: EngineProcess, socket: WebSocket) {
    this.#process = process;
    this.#socket = socket;
    process.onHealth(({ quality }) => (this.#quality = quality ?? null));
    process.onCaption((update) => this.#onCaption(update));
    socket.on('message', (data, isBinary) => {
      if (isBinary) this.#onFrame(decodeFrame(data as ArrayBuffer));
    });
  }

  static async start(engine: EngineName, settings: EngineSettings): Promise<LiveEngine> {
    const { defaultModel: model, threads, priority } = ENGINE_RUNS[engine];
    const process = new EngineProcess({
      spawn: forkChild,
      entryFile: resolve('out/main/engine.js'),
      init: {
        type: 'init',
        engine,
        token: TOKEN,
        origin: ORIGIN,
        modelsDir: resolve('native-models'),
        model,
        threads,
      },
    });
    const control: EngineControl = { type: 'control', streamId: STREAM, version: 1, epoch: 1, settings };
    process.control(control);
    process.start();
    setPriority(process.pid!, priority);
    const endMs = performance.now() + READY_MS;
    while (process.live().state !== 'ready') {
      if (process.live().state === 'failed' || performance.now() > endMs)
        throw new Error(`The ${engine} engine did not start: ${process.live().error?.message ?? 'in time'}`);
      await rest(20);
    }
    const { url } = process.live();
    const socket = new WebSocket(url!, [SUBPROTOCOL, TOKEN_PREFIX + TOKEN], { origin: ORIGIN });
    socket.binaryType = 'arraybuffer';
    await once(socket, 'open');
    return new LiveEngine(process, socket);
  }

  get pid(): number {
    return this.#process.pid!;
  }

  /** As the engine last told it. */
  get quality(): Quality | null {
    return this.#quality;
  }

  pin(tier: number | null): void {
    this.#process.pin(tier);
  }

  async stop(): Promise<void> {
    this.#socket.close();
    await this.#process.stop();
  }

  /**
   * Shows the animate engine a picture that changes 30 times a second, two in flight at most as the
   * stage has it, for so many seconds. @returns results a second.
   */
  async animate(seconds: number): Promise<number> {
    const side = 256;
    const rgba = new Uint8Array(4 * side * side).map((_, i) => (i * 2654435761) >>> 24);
    let [made, waiting, sequence] = [0, 0, 0];
    this.#onFrame = ({ header }) => {
      waiting--;
      if ((header.flags & FrameFlag.skipped) === 0) made++;
    };
    await ticks(seconds, 1000 / 30, () => {
      if (waiting >= 2) return;
      waiting++;
      sequence++;
      this.#socket.send(
        encodeFrame(
          {
            ...HEADER,
            kind: FrameKind.picture,
            format: FrameFormat.rgba8,
            width: side,
            height: side,
            sequence,
            epoch: 1,
            captureUs: Math.round(1000 * performance.now()),
          },
          rgba,
        ),
      );
    });
    return made / seconds;
  }

  /**
   * Plays speech at 48 kHz to the captions engine in real time, over and over.
   * @returns from the end of each word to when it was whole, ms.
   */
  async listen(sound: Float32Array, seconds: number): Promise<number[]> {
    const samples = 960;
    const originMs = (this.#originMs ??= performance.now());
    const nowMs = () => performance.now() - originMs;
    const firstWord = this.#words.length;
    this.#onCaption = (update) => {
      const before = this.#words.splice(update.from, Infinity, ...update.words);
      update.words.forEach((word, i) => {
        if (word.text !== before[i]?.text) this.#wholeMs[update.from + i] = nowMs();
      });
    };
    const startMs = nowMs();
    let packet = 0;
    await ticks(seconds, 20, () => {
      const from = (packet * samples) % (sound.length - samples);
      const bytes = new Uint8Array(sound.slice(from, from + samples).buffer);
      const captureUs = Math.round(1000 * (startMs + packet * 20));
      packet++;
      this.#socket.send(
        encodeFrame(
          { ...HEADER, kind: FrameKind.pcm, format: FrameFormat.f32, width: 1, height: 0, captureUs },
          bytes,
        ),
      );
    });
    await rest(2000);
    return this.#words.slice(firstWord).map((word, i) => this.#wholeMs[firstWord + i]! - word.endUs / 1000);
  }
}

const HEADER = {
  streamId: STREAM,
  sequence: 0,
  epoch: 0,
  appliedVersion: 1,
  seed: 1,
  doneUs: 0,
  flags: 0,
  durationUs: 0,
};

/** Does something so often in so many seconds, by the clock and not by the number of timers. */
async function ticks(seconds: number, everyMs: number, work: () => void): Promise<void> {
  const startMs = performance.now();
  for (let tick = 0; tick * everyMs < 1000 * seconds; tick++) {
    const waitMs = startMs + (tick + 1) * everyMs - performance.now();
    if (waitMs > 0) await rest(waitMs);
    work();
  }
}

/** Waits. */
export function rest(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
