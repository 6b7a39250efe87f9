import type { EngineControl, EngineInit, FromEngine, ToEngine } from '../../../contract/engine';
import type { CaptionUpdate } from '../../../contract/captions';
import { StudioError, toStudioError, type ErrorCode, type StudioErrorShape } from '../../../contract/errors';
import type { EngineLive } from '../../../contract/live';
import { EngineChild, type ChildMessage, type ChildOptions } from './engine-child';
import { FIRST_BACKOFF_MS, assertEngineMove, nextBackoffMs, type EngineState } from './engine-state';
import { Listeners } from './listeners';

/** How long an engine may take from its start to its `ready` message. */
export const START_TIMEOUT_MS = 60_000;
/** An engine that ran this long without a crash starts its backoff anew. */
export const HEALTHY_AFTER_MS = 30_000;
/** A ready engine says something every second; after so many silent checks it hangs and is killed. */
export const SILENCE_CHECK_MS = 5000;
export const SILENT_CHECKS = 4;

/** Fatal errors that may be gone at the next start; any other would only repeat itself. */
const CURABLE: ReadonlySet<ErrorCode> = new Set<ErrorCode>(['engine.crashed', 'internal']);

const STOPPED: EngineLive = {
  state: 'stopped',
  url: null,
  provider: null,
  model: null,
  loading: null,
  words: [],
  restarts: 0,
  quality: null,
  images: null,
  error: null,
};

/** What an engine last said of itself, once a second. */
export type EngineHealth = Extract<FromEngine, { type: 'health' }>;

export type EngineProcessOptions = ChildOptions & {
  init: EngineInit;
  /**
   * Asked before each start: what the engine is told instead. It starts when this resolves, and
   * fails with the error with which it rejects.
   */
  prepare?: (init: EngineInit) => Promise<EngineInit>;
};

/**
 * One engine process as main sees it: started, watched, restarted when it crashes, and
 * given back the last settings of every stream. Never throws for what the child does: its
 * troubles are in `live().error`.
 */
export class EngineProcess {
  readonly #options: EngineProcessOptions;
  #init: EngineInit;
  readonly #changed = new Listeners<[EngineLive]>();
  readonly #applied = new Listeners<[streamId: number, version: number, unknownWords: readonly string[]]>();
  readonly #health = new Listeners<[EngineHealth]>();
  readonly #caption = new Listeners<[CaptionUpdate]>();
  readonly #spawned = new Listeners<[child: { readonly pid: number | undefined }]>();
  readonly #controls = new Map<number, EngineControl>();
  #expected: readonly string[] = [];
  #live: EngineLive = STOPPED;
  #child: EngineChild | null = null;
  /** Loads another model beside the child that is at work, and takes over from it when it is ready. */
  #successor: { child: EngineChild; timer: NodeJS.Timeout } | null = null;
  /** Children that were taken over from, on their way out. */
  readonly #leaving = new Set<Promise<void>>();
  /** Rises with every order from outside, so that what was under way for an older one is given up. */
  #turn = 0;
  #backoffMs = FIRST_BACKOFF_MS;
  #phaseTimer: NodeJS.Timeout | undefined;
  #healthyTimer: NodeJS.Timeout | undefined;
  #silenceTimer: NodeJS.Timeout | undefined;
  #silentChecks = 0;
  #lastWords: StudioErrorShape | null = null;
  #processedAtError: number | null = null;
  #processed = 0;
  #refused = 0;
  /** Why another provider than the one that was asked for runs the model. */
  #standIn: StudioErrorShape | null = null;

  constructor(options: EngineProcessOptions) {
    this.#options = options;
    this.#init = options.init;
  }

  /** The present snapshot; a new object at every change. */
  live(): EngineLive {
    return this.#live;
  }

  /** Process id while there is a child. */
  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** Messages of the child that did not fit the contract, since construction. */
  get refusedMessages(): number {
    return this.#refused;
  }

  /** @returns a function that takes the listener out again, as of the other `on…` too. */
  onChange(listener: (live: EngineLive) => void): () => void {
    return this.#changed.add(listener);
  }

  /** The engine took a control message; `unknownWords` are those of its prompt it does not hear. */
  onApplied(
    listener: (streamId: number, version: number, unknownWords: readonly string[]) => void,
  ): () => void {
    return this.#applied.add(listener);
  }

  /** Words were heard (captions engine). */
  onCaption(listener: (update: CaptionUpdate) => void): () => void {
    return this.#caption.add(listener);
  }

  onHealth(listener: (health: EngineHealth) => void): () => void {
    return this.#health.add(listener);
  }

  /** A child process was started; its pid may come a moment later. */
  onSpawn(listener: (child: { readonly pid: number | undefined }) => void): () => void {
    return this.#spawned.add(listener);
  }

  /** Starts a stopped or failed engine; one that runs or is being restarted is left alone. */
  start(): void {
    if (this.#live.state !== 'stopped' && this.#live.state !== 'failed') return;
    if (this.#child) void this.restart();
    else {
      this.#turn++;
      this.#launch();
    }
  }

  /**
   * Runs another model from now on. An engine at work goes on with the one it has until the other is
   * ready, and keeps it where the other cannot be loaded; where memory does not hold both, it is
   * ended first.
   */
  useModel(model: string): void {
    if (model === this.#init.model) return;
    this.#init = { ...this.#init, model };
    if (this.#live.state === 'ready') void this.#handOver();
    else if (this.#live.state !== 'stopped') void this.restart();
  }

  /** Ends the process and starts it anew at once, with the backoff forgotten. */
  async restart(): Promise<void> {
    const turn = ++this.#turn;
    this.#clearTimers();
    this.#dropSuccessor();
    this.#backoffMs = FIRST_BACKOFF_MS;
    if (this.#live.state !== 'restarting') this.#move('restarting', { url: null, error: null });
    await this.#end();
    if (turn === this.#turn) this.#relaunch();
  }

  /** Stops the engine and waits for the end of its process, by signals if it does not heed. */
  async stop(): Promise<void> {
    this.#turn++;
    this.#clearTimers();
    this.#dropSuccessor();
    if (this.#live.state !== 'stopped') this.#move('stopped', { url: null, error: null });
    await Promise.all([this.#end(), ...this.#leaving]);
  }

  /** Ends the process at once by SIGKILL; it is not started again. */
  async kill(): Promise<void> {
    this.#child?.kill();
    await this.stop();
  }

  /** Sends the live settings of a stream, now or when the engine is ready; older versions are ignored. */
  control(control: EngineControl): void {
    const known = this.#controls.get(control.streamId);
    if (known && known.version > control.version) return;
    this.#controls.set(control.streamId, control);
    if (this.#live.state === 'ready') this.#send(control);
  }

  /** Has the engine stay at a quality tier from now on, or choose again when given null. */
  pin(tier: number | null): void {
    this.#init = { ...this.#init, quality: tier };
    if (this.#live.state === 'ready') this.#send({ type: 'quality', tier });
  }

  /** Tells prompts that may be asked for any moment, now or when the engine is ready. */
  expect(prompts: readonly string[]): void {
    this.#expected = prompts;
    if (this.#live.state === 'ready') this.#send({ type: 'expect', prompts: [...prompts] });
  }

  /** Drops a stream's settings here and in the engine. */
  forget(streamId: number): void {
    if (!this.#controls.delete(streamId)) return;
    if (this.#live.state === 'ready') this.#send({ type: 'forget', streamId });
  }

  #launch(): void {
    this.#move('starting', { url: null, error: this.#live.state === 'restarting' ? this.#live.error : null });
    const { prepare } = this.#options;
    if (!prepare) return this.#spawn(this.#init);
    const turn = this.#turn;
    prepare(this.#init).then(
      (init) => {
        if (turn === this.#turn) this.#spawn(init);
      },
      (cause: unknown) => {
        if (turn === this.#turn) this.#fail(toStudioError(cause, 'engine', 'engine.start-failed').toShape());
      },
    );
  }

  #spawn(init: EngineInit): void {
    try {
      this.#child = this.#makeChild(init);
    } catch (cause) {
      this.#fail(unspawned(init, this.#options.entryFile, cause));
      return;
    }
    this.#lastWords = null;
    this.#phaseTimer = setTimeout(() => this.#fail(startTimedOut(init)), START_TIMEOUT_MS);
    // There is a process now, and with it a pid.
    if (this.#options.prepare) this.#update({});
  }

  #makeChild(init: EngineInit): EngineChild {
    const child: EngineChild = new EngineChild(this.#options, init, {
      message: (message) => {
        if (this.#child === child) this.#receive(message);
        else if (this.#successor?.child === child) this.#receiveOfSuccessor(message);
      },
      refused: () => {
        this.#silentChecks = 0;
        this.#refused++;
      },
      exited: (code, signal, asked) => {
        if (this.#child === child) this.#exited(code, signal, asked);
        else if (this.#successor?.child === child) this.#giveUpSuccessor(crashed(init, code, signal));
      },
    });
    this.#spawned.emit(child);
    return child;
  }

  /** Loads the model that is wanted now in a process of its own, while the present one goes on. */
  async #handOver(): Promise<void> {
    this.#dropSuccessor();
    const turn = ++this.#turn;
    if (this.#child?.init.model === this.#init.model) return this.#update({ loading: null, error: null });
    this.#update({ loading: this.#init.model, error: null });
    try {
      const init = (await this.#options.prepare?.(this.#init)) ?? this.#init;
      if (turn !== this.#turn) return;
      const child = this.#makeChild(init);
      const timer = setTimeout(() => this.#giveUpSuccessor(startTimedOut(init)), START_TIMEOUT_MS);
      this.#successor = { child, timer };
    } catch (cause) {
      if (turn !== this.#turn) return;
      const error = toStudioError(cause, 'engine', 'engine.start-failed').toShape();
      if (error.code === 'engine.memory') void this.restart();
      else this.#update({ loading: null, error });
    }
  }

  #receiveOfSuccessor(message: FromEngine): void {
    if (message.type === 'failed' && message.fatal) return this.#giveUpSuccessor(message.error);
    if (message.type !== 'ready' || !this.#successor) return;
    const { child, timer } = this.#successor;
    clearTimeout(timer);
    this.#successor = null;
    this.#clearTimers();
    this.#letGo(this.#child);
    this.#child = child;
    this.#becomeReady(message);
  }

  /** The model that was wanted cannot be had: the present one stays. */
  #giveUpSuccessor(error: StudioErrorShape): void {
    this.#dropSuccessor();
    this.#update({ error });
  }

  #dropSuccessor(): void {
    if (this.#successor) {
      clearTimeout(this.#successor.timer);
      this.#letGo(this.#successor.child);
      this.#successor = null;
    }
    if (this.#live.loading !== null) this.#live = { ...this.#live, loading: null };
  }

  #letGo(child: EngineChild | null): void {
    if (!child) return;
    const gone = child.end();
    this.#leaving.add(gone);
    void gone.then(() => this.#leaving.delete(gone));
  }

  #relaunch(): void {
    this.#live = { ...this.#live, restarts: this.#live.restarts + 1 };
    this.#launch();
  }

  #receive(message: ChildMessage): void {
    this.#silentChecks = 0;
    switch (message.type) {
      case 'ready':
        return this.#becameReady(message);
      case 'applied':
        return this.#applied.emit(message.streamId, message.version, message.unknownWords);
      case 'health':
        return this.#becameHealthy(message);
      case 'caption':
        return this.#caption.emit(message.update);
      case 'failed':
        return message.fatal ? this.#saidLastWords(message.error) : this.#troubled(message.error);
      case 'tried':
        // The answer of a trial, which this is not.
        this.#refused++;
    }
  }

  #becameReady(ready: Extract<FromEngine, { type: 'ready' }>): void {
    if (this.#live.state !== 'starting') {
      this.#refused++;
      return;
    }
    this.#clearTimers();
    this.#becomeReady(ready);
  }

  #becomeReady(ready: Extract<FromEngine, { type: 'ready' }>): void {
    this.#healthyTimer = setTimeout(() => (this.#backoffMs = FIRST_BACKOFF_MS), HEALTHY_AFTER_MS);
    this.#silenceTimer = setInterval(() => this.#checkSilence(), SILENCE_CHECK_MS);
    this.#processedAtError = null;
    this.#processed = 0;
    this.#standIn = null;
    const { port, provider, model, words } = ready;
    const url = `ws://127.0.0.1:${port}`;
    const change = { url, provider, model, loading: null, words, quality: null, images: null, error: null };
    if (this.#live.state === 'ready') this.#update(change);
    else this.#move('ready', change);
    for (const control of this.#controls.values()) this.#send(control);
    if (this.#expected.length > 0) this.#send({ type: 'expect', prompts: [...this.#expected] });
  }

  #becameHealthy(health: EngineHealth): void {
    if (this.#live.state !== 'ready') return;
    this.#processed = health.processed;
    // Pictures went through again after an error that did not end the engine.
    if (this.#processedAtError !== null && health.processed > this.#processedAtError) {
      this.#processedAtError = null;
      this.#update({ error: this.#standIn });
    }
    const { provider, standIn, quality = null, images = null } = health;
    if (!sameQuality(quality, this.#live.quality)) this.#update({ quality });
    if (images?.reason !== this.#live.images?.reason) this.#update({ images });
    if (provider !== this.#live.provider || standIn?.message !== this.#standIn?.message) {
      this.#standIn = standIn;
      this.#update({ provider, error: standIn });
    }
    this.#health.emit(health);
  }

  #troubled(error: StudioErrorShape): void {
    this.#processedAtError = this.#processed;
    this.#update({ error });
  }

  #saidLastWords(error: StudioErrorShape): void {
    if (!CURABLE.has(error.code)) return this.#fail(error);
    this.#lastWords = error;
    // It says that it ends; if it then hangs, the end is made for it.
    const child = this.#child;
    clearTimeout(this.#phaseTimer);
    this.#phaseTimer = setTimeout(() => child?.kill(), SILENCE_CHECK_MS);
  }

  #checkSilence(): void {
    // Counted in checks, not in time: a machine that slept wakes to one late check, not to four.
    if (++this.#silentChecks >= SILENT_CHECKS) this.#child?.kill();
  }

  #exited(code: number | null, signal: string | null, asked: boolean): void {
    this.#child = null;
    this.#clearTimers();
    if (asked) return;
    // The start that follows loads the model that is wanted now.
    this.#dropSuccessor();
    const waitMs = this.#backoffMs;
    this.#backoffMs = nextBackoffMs(waitMs);
    const error = this.#lastWords ?? crashed(this.#init, code, signal, waitMs);
    this.#move('restarting', { url: null, error });
    this.#phaseTimer = setTimeout(() => this.#relaunch(), waitMs);
  }

  #fail(error: StudioErrorShape): void {
    this.#turn++;
    this.#clearTimers();
    this.#move('failed', { url: null, error });
    void this.#end();
  }

  async #end(): Promise<void> {
    await this.#child?.end();
  }

  #send(message: ToEngine): void {
    this.#child?.send(message);
  }

  #move(state: EngineState, change: Partial<EngineLive>): void {
    assertEngineMove(this.#live.state, state);
    this.#update({ ...change, state });
  }

  #update(change: Partial<EngineLive>): void {
    this.#live = { ...this.#live, ...change };
    this.#changed.emit(this.#live);
  }

  #clearTimers(): void {
    clearTimeout(this.#phaseTimer);
    clearTimeout(this.#healthyTimer);
    clearInterval(this.#silenceTimer);
    this.#silentChecks = 0;
  }
}

function sameQuality(a: EngineLive['quality'], b: EngineLive['quality']): boolean {
  return a?.tier === b?.tier && a?.pinned === b?.pinned && a?.reason === b?.reason;
}

function startTimedOut({ engine }: EngineInit): StudioErrorShape {
  const message =
    `The ${engine} engine must be ready within ${START_TIMEOUT_MS / 1000} s ` +
    'and was not; restart it, or choose a smaller model.';
  return new StudioError('engine', 'engine.start-failed', message).toShape();
}

function unspawned({ engine }: EngineInit, entryFile: string, cause: unknown): StudioErrorShape {
  const message = `The ${engine} engine could not be started from ${entryFile}; reinstall the program.`;
  return new StudioError('engine', 'engine.start-failed', message, { cause }).toShape();
}

function crashed(
  { engine, model }: EngineInit,
  code: number | null,
  signal: string | null,
  waitMs?: number,
): StudioErrorShape {
  const how = signal === null ? `with code ${code}` : `by ${signal}`;
  const next =
    waitMs === undefined ? `it did not load the model "${model}"` : `it starts again in ${waitMs} ms`;
  const message = `The ${engine} engine ended ${how} without being asked to; ${next}.`;
  return new StudioError('engine', 'engine.crashed', message).toShape();
}
