import type { DestinationLive, DestinationState } from '../../contract/live';
import type { Destination } from '../../contract/project';
import { StudioError, toStudioError } from '../../contract/errors';
import { BACKOFF, nextState, retryDelayMs, type Backoff, type DestinationEvent } from './destination-machine';
import { outputTarget, type OutputTarget } from './destination-url';
import type { FfmpegInfo } from './ffmpeg';
import { LiveSession, type LiveSessionOptions } from './live-session';
import type { ProgrammeBus } from './programme-bus';
import type { FfmpegProgress } from './progress-reader';
import { RateMeter } from './rate-meter';
import { registerSecret } from './redact';

/** How often the connection is watched. */
const WATCH_MS = 500;

/** When a connection counts as hopeless or as proven, in milliseconds. */
export type LivePatience = {
  /** From the first packet fed to the first byte the server took. */
  connectMs: number;
  /** Without a byte taken, although packets are fed. */
  stallMs: number;
  /** Live for so long: the next loss starts the backoff anew. */
  stableMs: number;
};

const PATIENCE: LivePatience = { connectMs: 15_000, stallMs: 8_000, stableMs: 30_000 };

export type LiveOutputOptions = {
  bus: ProgrammeBus;
  ffmpeg: () => FfmpegInfo | null;
  /** Programme clock in microseconds. */
  nowUs: () => number;
  /** State or error changed (not the rates, which always do). */
  onChange?: () => void;
  /** A line for the log, redacted. */
  onLog?: (line: string) => void;
  random?: () => number;
  backoff?: Backoff;
  patience?: LivePatience;
  /** What a receiver needs that other destinations do not; made anew for each connection. */
  session?: () => Pick<LiveSessionOptions, 'inputArguments' | 'muxArguments' | 'clock'>;
};

/**
 * One destination: its state, its reconnects, and at most one ffmpeg process at a time. What
 * happens to it touches no other output. It is live when the server has taken bytes, not when
 * a process has started.
 */
export class LiveOutput {
  readonly #options: LiveOutputOptions;
  readonly #patience: LivePatience;
  #state: DestinationState = 'idle';
  #destination: Destination | null = null;
  #target: OutputTarget | null = null;
  #forget: (() => void)[] = [];
  #session: LiveSession | null = null;
  #detach: (() => void) | null = null;
  #attempt = 0;
  #retryUs: number | null = null;
  #retryTimer: NodeJS.Timeout | undefined;
  #watchTimer: NodeJS.Timeout | undefined;
  #sinceUs: number | null = null;
  #error: StudioError | null = null;
  #rate = new RateMeter();
  #done = { frames: 0, dropped: 0, gops: 0 };
  #sessionFrames = 0;
  #totalBytes = 0;
  #lastGrowthUs = 0;
  #fedAtGrowth = 0;
  #stopping: Promise<void> | null = null;

  constructor(options: LiveOutputOptions) {
    this.#options = options;
    this.#patience = options.patience ?? PATIENCE;
  }

  live(hasKey: boolean = this.#target !== null): DestinationLive {
    const queue = this.#session?.queue.counters;
    return {
      state: this.#state,
      attempt: this.#attempt,
      retryUs: this.#retryUs,
      bitrateKbps: this.#state === 'live' ? this.#rate.kbps(this.#options.nowUs()) : 0,
      sentFrames: this.#done.frames + this.#sessionFrames,
      droppedFrames: this.#done.dropped + (queue?.droppedFrames ?? 0),
      sinceUs: this.#sinceUs,
      hasKey,
      error: this.#error?.toShape() ?? null,
    };
  }

  /** Whole GOPs left out because the server was too slow. */
  get droppedGops(): number {
    return this.#done.gops + (this.#session?.queue.counters.droppedGops ?? 0);
  }

  /** What is wrong at present. */
  get error(): StudioError | null {
    return this.#error;
  }

  /** Process id of the present ffmpeg. */
  get pid(): number | undefined {
    return this.#session?.pid;
  }

  /**
   * Goes live; what happens from here on is in `live()`.
   * @param key Stream key; it is kept in memory while live, and only ffmpeg's arguments contain it.
   * @throws StudioError `destination.invalid`, `destination.key-missing`, `ffmpeg.missing`,
   * `argument.invalid` when it is already running.
   */
  start(destination: Destination, key: string): void {
    if (this.#state !== 'idle' && this.#state !== 'stopped') {
      throw new StudioError(
        'output',
        'argument.invalid',
        `A destination that is ${this.#state} cannot start.`,
      );
    }
    if (this.#stopping !== null) {
      throw new StudioError('output', 'argument.invalid', 'A destination that is stopping cannot start yet.');
    }
    const target = outputTarget(destination, key);
    const ffmpeg = this.#options.ffmpeg();
    if (ffmpeg === null)
      throw new StudioError('output', 'ffmpeg.missing', 'Going live needs ffmpeg; install it.');
    if (!ffmpeg.protocols.includes(target.protocol)) {
      const message = `ffmpeg ${ffmpeg.version} must know ${target.protocol} to reach this address, but it does not.`;
      throw new StudioError('output', 'ffmpeg.missing', message);
    }
    this.#destination = destination;
    this.#target = target;
    this.#forget = target.secrets.map(registerSecret);
    this.#attempt = 0;
    this.#error = null;
    this.#done = { frames: 0, dropped: 0, gops: 0 };
    this.#watchTimer = setInterval(() => this.#watch(), WATCH_MS);
    this.#move('start');
    this.#connect();
  }

  /** Takes the destination off; settles when its process is gone (at most about 3 s). */
  async stop(): Promise<void> {
    if (this.#state === 'idle') return;
    if (this.#state !== 'stopped') {
      const session = this.#release();
      this.#error = null;
      this.#move('stop');
      this.#stopping = this.#endFor(session).finally(() => {
        this.#stopping = null;
      });
    }
    await this.#stopping;
  }

  #connect(): void {
    this.#retryUs = null;
    const ffmpeg = this.#options.ffmpeg();
    if (ffmpeg === null) {
      this.#lost(new StudioError('output', 'ffmpeg.missing', 'Going live needs ffmpeg; install it.'));
      return;
    }
    this.#sessionFrames = 0;
    this.#totalBytes = 0;
    this.#lastGrowthUs = this.#options.nowUs();
    this.#fedAtGrowth = 0;
    this.#rate = new RateMeter();
    const session: LiveSession = new LiveSession({
      ffmpegPath: ffmpeg.path,
      target: this.#target!,
      audioBitrateKbps: this.#destination!.audioBitrateKbps,
      onProgress: (progress) => this.#ifCurrent(session, () => this.#progress(progress)),
      onEnded: (error) => this.#ifCurrent(session, () => this.#lost(error)),
      onConfigChange: () => this.#ifCurrent(session, () => this.#restart()),
      ...this.#options.session?.(),
      ...(this.#options.onLog === undefined ? {} : { onLog: this.#options.onLog }),
    });
    this.#session = session;
    this.#detach = this.#options.bus.addSink(session);
    this.#options.onChange?.();
  }

  #progress(progress: FfmpegProgress): void {
    this.#sessionFrames = progress.frames;
    if (progress.totalBytes <= this.#totalBytes) return;
    const grewBefore = this.#totalBytes > 0;
    this.#totalBytes = progress.totalBytes;
    this.#lastGrowthUs = this.#options.nowUs();
    this.#fedAtGrowth = this.#session?.fedVideo ?? 0;
    this.#rate.add(this.#lastGrowthUs, progress.totalBytes);
    // The first bytes are the header; when more follow, the server has taken packets.
    if (grewBefore && this.#state !== 'live') {
      this.#sinceUs = this.#lastGrowthUs;
      this.#error = null;
      this.#move('connected');
    }
  }

  #watch(): void {
    const nowUs = this.#options.nowUs();
    if (this.#sinceUs !== null && nowUs - this.#sinceUs > this.#patience.stableMs * 1000) this.#attempt = 0;
    const session = this.#session;
    if (session === null) return;
    const isFed = session.fedVideo > this.#fedAtGrowth || session.queue.length > 0;
    if (!isFed) {
      this.#lastGrowthUs = nowUs;
      return;
    }
    const quietMs = (nowUs - this.#lastGrowthUs) / 1000;
    const limitMs = this.#state === 'live' ? this.#patience.stallMs : this.#patience.connectMs;
    if (quietMs <= limitMs) return;
    const message = `The server must take the stream, but took nothing for ${Math.round(quietMs)} ms.`;
    this.#lost(new StudioError('output', 'destination.lost', message));
  }

  /** The connection is gone: the next try comes after the backoff. */
  #lost(error: StudioError | null): void {
    const session = this.#release();
    session?.kill();
    this.#attempt += 1;
    const delayMs = retryDelayMs(
      this.#attempt,
      (this.#options.random ?? Math.random)(),
      this.#options.backoff ?? BACKOFF,
    );
    if (delayMs === null) {
      const tries = this.#attempt - 1;
      const message = `The server must answer, but did not in ${tries} tries; check address and key.`;
      this.#error = new StudioError('output', 'destination.gave-up', message, { cause: error?.message });
      this.#move('gave-up');
      // Lines of the dying process still come in: the key is struck out until it is gone.
      this.#stopping = this.#endFor(session).finally(() => {
        this.#stopping = null;
      });
      return;
    }
    this.#error = error;
    this.#watchTimer = setInterval(() => this.#watch(), WATCH_MS);
    this.#retryUs = this.#options.nowUs() + delayMs * 1000;
    this.#move('lost');
    this.#retryTimer = setTimeout(() => this.#connect(), delayMs);
  }

  /** The encoder speaks differently now: a new process, without backoff, at the next key frame. */
  #restart(): void {
    const session = this.#release();
    this.#watchTimer = setInterval(() => this.#watch(), WATCH_MS);
    this.#move('lost');
    // A server refuses the second publisher of a stream while the first is still there.
    (session?.end() ?? Promise.resolve())
      .then(() => {
        if (this.#state === 'reconnecting' && this.#session === null) this.#connect();
      })
      .catch((error: unknown) => this.#options.onLog?.(toStudioError(error, 'output').message));
  }

  /** Lets go of session and timers; what the session counted is kept. */
  #release(): LiveSession | null {
    const session = this.#session;
    this.#detach?.();
    this.#detach = null;
    this.#session = null;
    clearTimeout(this.#retryTimer);
    clearInterval(this.#watchTimer);
    this.#retryUs = null;
    this.#sinceUs = null;
    this.#done.frames += this.#sessionFrames;
    this.#sessionFrames = 0;
    this.#done.dropped += session?.queue.counters.droppedFrames ?? 0;
    this.#done.gops += session?.queue.counters.droppedGops ?? 0;
    return session;
  }

  async #endFor(session: LiveSession | null): Promise<void> {
    await session?.end();
    this.#forgetSecrets();
  }

  #forgetSecrets(): void {
    for (const forget of this.#forget) forget();
    this.#forget = [];
    this.#target = null;
  }

  #ifCurrent(session: LiveSession, act: () => void): void {
    if (session === this.#session) act();
  }

  #move(event: DestinationEvent): void {
    this.#state = nextState(this.#state, event);
    this.#options.onChange?.();
  }
}
