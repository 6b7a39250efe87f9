import type { StudioError } from '../../contract/errors';
import { toStudioError } from '../../contract/errors';
import type { BinauralStats, LayerCondition, StageStats, ToStage } from '../../contract/stage';
import type { StageToWindow } from '../../contract/stage-ui';
import { ProgrammeTime } from './clock';
import { findEncoderConfig } from './codec';
import type { CompositorChoice } from './compositor/compositor';
import { Display } from './display';
import { Fingerprinter } from './fingerprint';
import { openFrames } from './frames';
import { StageLink } from './link';
import { StageOutput } from './output';
import { Pinger } from './pinger';
import { ProgrammePicture } from './programme';
import { Scene } from './scene';
import { SoundLink } from './sound-link';
import { TickMeter } from './tick-meter';
import { Ticker, tickUs } from './ticker';

/** Errors of the same code are told at most this often. */
const SAME_ERROR_MS = 2000;
/** The window has its figures twice a second, main each second time. */
const STATS_MS = 500;
const DEFAULT_PROGRAMME = { width: 1280, height: 720, fps: 30, videoBitrateKbps: 4500 } as const;

/** How to reach the studio. */
export type StageOptions = {
  /** `ws://127.0.0.1:port`. */
  url: string;
  token: string;
  /** Ways to composite, Canvas2D among them. */
  compositors: readonly CompositorChoice[];
  /** Sends a message to the window. */
  post: (message: StageToWindow) => void;
};

/** The stage: joins clock, scene, compositor, encoder and sound. One lives in each stage worker. */
export class Stage {
  readonly #post: (message: StageToWindow) => void;
  readonly #time = new ProgrammeTime();
  readonly #link: StageLink;
  readonly #pinger: Pinger;
  readonly #scene: Scene;
  readonly #picture: ProgrammePicture;
  readonly #output: StageOutput;
  readonly #sound: SoundLink;
  readonly #ticker: Ticker;
  readonly #meter = new TickMeter(performance.now());
  #fingerprinter: Fingerprinter | null = null;
  readonly #statsTimer: ReturnType<typeof setInterval>;
  readonly #toldMs = new Map<string, number>();
  #display: Display | null = null;
  #displaySize: { width: number; height: number } | null = null;
  #programme: { width: number; height: number } = DEFAULT_PROGRAMME;
  #h264: boolean | null = null;
  #ready = false;
  /** Another window's stage took over. */
  #resting = false;
  #statsBeat = 0;
  #levelsDb: StageStats['levelsDb'] = {};
  #placed: readonly BinauralStats[] = [];

  constructor(options: StageOptions) {
    this.#post = options.post;
    const nowUs = () => this.#time.nowUs();
    this.#link = new StageLink(options.url, options.token, {
      message: (message) => this.#receive(message),
      connection: (connected, replaced) => this.#connection(connected, replaced),
      malformed: (error) => this.#tell(toStudioError(error, 'stage', 'message.invalid')),
    });
    this.#pinger = new Pinger(this.#time, (message) => this.#link.send(message));
    this.#scene = new Scene({
      httpOrigin: options.url.replace(/^ws/, 'http'),
      token: options.token,
      nowUs,
      conditionChanged: (condition) => this.#layer(condition),
      failed: (error) => this.#tell(toStudioError(error, 'stage')),
    });
    this.#output = new StageOutput(this.#link, (error) => this.#tell(error));
    this.#sound = new SoundLink({
      nowUs,
      onAir: () => this.#output.onAir,
      send: (message) => this.#link.send(message),
      sendFrame: (header, payload) => this.#link.sendFrame(header, payload),
      anchored: (anchorUs) => this.#post({ type: 'sound-anchor', anchorUs }),
    });
    this.#picture = new ProgrammePicture(options.compositors, {
      chosen: () => this.#hello(),
      failed: (error) => this.#tell(error),
    });
    const timers = {
      nowUs,
      setTimer: (callback: () => void, delayMs: number) => Number(setTimeout(callback, delayMs)),
      clearTimer: (id: number) => clearTimeout(id),
    };
    this.#ticker = new Ticker(
      timers,
      (index) => this.#tick(index),
      (error) => this.#tell(toStudioError(error, 'stage')),
    );
    this.#statsTimer = setInterval(() => this.#stats(), STATS_MS);
    void this.#prepare();
  }

  /** Shows the programme on this canvas from now on. */
  attachCanvas(canvas: OffscreenCanvas): void {
    this.#display = new Display(canvas);
    if (this.#displaySize !== null) this.#display.resize(this.#displaySize.width, this.#displaySize.height);
  }

  /** Sets the canvas's size in device pixels. */
  resize(width: number, height: number): void {
    this.#displaySize = { width, height };
    this.#display?.resize(width, height);
  }

  attachCamera(layerId: string, frames: ReadableStream<VideoFrame>): void {
    this.#scene.attachCamera(layerId, frames);
  }

  cameraLost(condition: LayerCondition): void {
    this.#scene.cameraLost(condition);
  }

  connectSound(port: MessagePort): void {
    this.#sound.connect(port);
  }

  /** How the placed strips were rendered. */
  placed(strips: readonly BinauralStats[]): void {
    this.#placed = strips;
  }

  /** Takes over from the other window's stage; while none took over it does nothing. */
  takeBack(): void {
    this.#link.reconnect();
  }

  /** Tells main of an error that nobody waited for. */
  report(error: unknown): void {
    this.#tell(toStudioError(error, 'stage'));
  }

  dispose(): void {
    clearInterval(this.#statsTimer);
    this.#ticker.stop();
    this.#pinger.stop();
    this.#link.dispose();
    this.#sound.dispose();
    this.#output.dispose();
    this.#scene.dispose();
    this.#picture.dispose();
  }

  async #prepare(): Promise<void> {
    this.#h264 = (await findEncoderConfig(DEFAULT_PROGRAMME)) !== null;
    await this.#picture.choose();
    this.#ready = true;
    if (this.#time.locked && !this.#resting) this.#ticker.start();
  }

  #receive(message: ToStage): void {
    if (message.type === 'pong') this.#pong(message);
    else if (message.type === 'key-frame') this.#output.requestKey();
    else if (message.type === 'on-air') this.#output.setOnAir(message.onAir);
    else if (message.type === 'fingerprints') this.#fingerprinter = message.on ? new Fingerprinter() : null;
    else if (message.type === 'captions') this.#scene.heard(message.update);
    else {
      this.#programme = message.state.project.programme;
      this.#output.setProgramme(message.state.project.programme);
      this.#output.setOnAir(message.state.onAir);
      this.#scene.update(message.state);
    }
  }

  #pong(message: Extract<ToStage, { type: 'pong' }>): void {
    const steps = this.#time.steps;
    if (!this.#pinger.pong(message)) return;
    if (this.#time.steps !== steps) this.#sound.startOver();
    this.#post({ type: 'clock', offsetUs: this.#time.offsetUs });
    if (this.#ready && this.#time.locked) this.#ticker.start();
  }

  #connection(connected: boolean, replaced: boolean): void {
    this.#post({ type: 'connection', connected, replaced });
    this.#resting = replaced;
    if (!connected) {
      this.#pinger.stop();
      if (replaced) this.#rest();
      return;
    }
    this.#pinger.start();
    this.#hello();
    this.#scene.retell();
    this.#output.reintroduce();
  }

  /** Leaves processor, encoder and engines to the stage that took over. */
  #rest(): void {
    this.#ticker.stop();
    this.#fingerprinter = null;
    this.#output.rest();
    this.#scene.rest();
  }

  #hello(): void {
    if (this.#h264 === null) return;
    this.#link.send({ type: 'hello', backend: this.#picture.backend, h264: this.#h264 });
  }

  async #tick(index: number): Promise<void> {
    const began = performance.now();
    const canvas = await this.#picture.draw(this.#scene.items(tickUs(index)), this.#programme);
    this.#meter.composited(performance.now() - began);
    if (this.#fingerprinter !== null) this.#fingerprint(canvas, index);
    await this.#output.encode(canvas, index);
    this.#display?.show(canvas, this.#picture.backend);
    this.#scene.drawn();
  }

  #fingerprint(canvas: CanvasImageSource, index: number): void {
    const luma = this.#fingerprinter!.take(canvas);
    this.#link.send({ type: 'fingerprint', timestampUs: tickUs(index), luma });
  }

  #layer(condition: LayerCondition): void {
    this.#post({ type: 'layer', layer: condition });
    this.#link.send({ type: 'layer', layer: condition });
  }

  #tell(error: StudioError): void {
    const nowMs = performance.now();
    if (nowMs - (this.#toldMs.get(error.code) ?? Number.NEGATIVE_INFINITY) < SAME_ERROR_MS) return;
    this.#toldMs.set(error.code, nowMs);
    console.warn(error.message, error.cause);
    this.#link.send({ type: 'error', error: error.toShape() });
  }

  #stats(): void {
    const nowMs = performance.now();
    const mainHears = this.#statsBeat++ % 2 === 1;
    if (mainHears) this.#levelsDb = this.#sound.takeLevelsDb();
    const { ticks, late, skipped } = this.#ticker.counts;
    const { encoder } = this.#output;
    const stats: StageStats = {
      atUs: this.#time.nowUs(),
      backend: this.#picture.backend,
      fps: this.#meter.readFps(nowMs),
      lateTicks: late,
      skippedTicks: skipped,
      ticks,
      compositeMs: this.#meter.compositeMs.read(),
      encodeMs: encoder.encodeMs.read(),
      encodeQueue: encoder.queue,
      encoder: encoder.config?.codec ?? null,
      engines: this.#scene.readEngineStats(nowMs),
      levelsDb: this.#levelsDb,
      soundFrames: this.#sound.frames,
      soundJumps: this.#sound.jumps,
      openFrames: openFrames(),
      encodeSkipped: this.#output.skipped,
      binaural: [...this.#placed],
    };
    this.#post({ type: 'stats', stats });
    if (mainHears) this.#link.send({ type: 'stats', stats });
  }
}
