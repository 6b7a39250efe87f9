import * as v from 'valibot';
import {
  FromEngineSchema,
  type EngineControl,
  type EngineInit,
  type FromEngine,
  type ToEngine,
} from '../../../contract/engine';
import type { CaptionUpdate } from '../../../contract/captions';
import { StudioError, toStudioError, type ErrorCode, type StudioErrorShape } from '../../../contract/errors';
import type { EngineLive } from '../../../contract/live';
import { endChild } from './child-end';
import type { ChildHandle, SpawnChild } from './child';
import { FIRST_BACKOFF_MS, assertEngineMove, nextBackoffMs, type EngineState } from './engine-state';
import { Listeners } from './listeners';
import type { Turn, TurnTable } from './turns/turn-table';

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
  words: [],
  restarts: 0,
  quality: null,
  images: null,
  error: null,
};

/** What an engine last said of itself, once a second. */
export type EngineHealth = Extract<FromEngine, { type: 'health' }>;

export type EngineProcessOptions = {
  spawn: SpawnChild;
  /** The built entry that every engine shares. */
  entryFile: string;
  init: EngineInit;
  /**
   * Asked before each start: what the engine is told instead. It starts when this resolves, and
   * fails with the error with which it rejects.
   */
  prepare?: (init: EngineInit) => Promise<EngineInit>;
  /** Who may run on a graphics card that engines share; needed where `init.turns` is set. */
  turns?: Pick<TurnTable, 'ask'>;
  /** Each line the child writes. */
  onLog?: (line: string) => void;
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
  readonly #controls = new Map<number, EngineControl>();
  #live: EngineLive = STOPPED;
  #child: ChildHandle | null = null;
  #ending: { promise: Promise<void>; gone: () => void } | null = null;
  /** Rises with every order from outside, so that what was under way for an older one is given up. */
  #turn = 0;
  #backoffMs = FIRST_BACKOFF_MS;
  #phaseTimer: NodeJS.Timeout | undefined;
  #healthyTimer: NodeJS.Timeout | undefined;
  #silenceTimer: NodeJS.Timeout | undefined;
  #silentChecks = 0;
  #lastWords: StudioErrorShape | null = null;
  /** The device that the child takes turns on, and those it has or waits for. */
  #device = '';
  readonly #turns = new Map<number, Turn>();
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

  /** Starts a stopped or failed engine; one that runs or is being restarted is left alone. */
  start(): void {
    if (this.#live.state !== 'stopped' && this.#live.state !== 'failed') return;
    if (this.#child) void this.restart();
    else {
      this.#turn++;
      this.#launch();
    }
  }

  /** Runs another model from now on; a running engine starts anew with it. */
  useModel(model: string): void {
    if (model === this.#init.model) return;
    this.#init = { ...this.#init, model };
    if (this.#live.state !== 'stopped') void this.restart();
  }

  /** Ends the process and starts it anew at once, with the backoff forgotten. */
  async restart(): Promise<void> {
    const turn = ++this.#turn;
    this.#clearTimers();
    this.#backoffMs = FIRST_BACKOFF_MS;
    if (this.#live.state !== 'restarting') this.#move('restarting', { url: null, error: null });
    await this.#end();
    if (turn === this.#turn) this.#relaunch();
  }

  /** Stops the engine and waits for the end of its process, by signals if it does not heed. */
  async stop(): Promise<void> {
    this.#turn++;
    this.#clearTimers();
    if (this.#live.state !== 'stopped') this.#move('stopped', { url: null, error: null });
    await this.#end();
  }

  /** Ends the process at once by SIGKILL; it is not started again. */
  async kill(): Promise<void> {
    this.#child?.kill('SIGKILL');
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
    const { spawn, entryFile } = this.#options;
    let child: ChildHandle;
    try {
      child = spawn(entryFile, `${init.engine} engine`);
    } catch (cause) {
      const message = `The ${init.engine} engine could not be started from ${entryFile}; reinstall the program.`;
      this.#fail(new StudioError('engine', 'engine.start-failed', message, { cause }).toShape());
      return;
    }
    this.#child = child;
    this.#lastWords = null;
    this.#device = `gpu:${init.device ?? 0}`;
    child.onOutput((line) => this.#options.onLog?.(line));
    child.onMessage((message) => {
      if (this.#child === child) this.#receive(message);
    });
    child.onExit((code, signal) => {
      if (this.#child === child) this.#exited(code, signal);
    });
    this.#phaseTimer = setTimeout(() => this.#startTimedOut(), START_TIMEOUT_MS);
    this.#send(init);
    // There is a process now, and with it a pid.
    if (this.#options.prepare) this.#update({});
  }

  #relaunch(): void {
    this.#live = { ...this.#live, restarts: this.#live.restarts + 1 };
    this.#launch();
  }

  #startTimedOut(): void {
    const message =
      `The ${this.#init.engine} engine must be ready within ${START_TIMEOUT_MS / 1000} s ` +
      'and was not; restart it, or choose a smaller model.';
    this.#fail(new StudioError('engine', 'engine.start-failed', message).toShape());
  }

  #receive(raw: unknown): void {
    this.#silentChecks = 0;
    const parsed = v.safeParse(FromEngineSchema, raw);
    if (!parsed.success) {
      this.#refused++;
      return;
    }
    const message = parsed.output;
    // What it says while it ends is of no use, but a run under way must still have its turn.
    if (this.#ending && message.type !== 'turn' && message.type !== 'turn-end') return;
    switch (message.type) {
      case 'ready':
        return this.#becameReady(message);
      case 'applied':
        return this.#applied.emit(message.streamId, message.version, message.unknownWords);
      case 'health':
        return this.#becameHealthy(message);
      case 'caption':
        return this.#caption.emit(message.update);
      case 'turn':
        return this.#askTurn(message.id, message.lengthMs);
      case 'turn-end':
        return this.#endTurn(message.id);
      case 'failed':
        return message.fatal ? this.#saidLastWords(message.error) : this.#troubled(message.error);
      case 'tried':
        // The answer of a trial, which this is not.
        this.#refused++;
    }
  }

  #askTurn(id: number, lengthMs: number): void {
    const { turns, init } = this.#options;
    // Without others on the device each run may begin at once.
    if (!turns) return this.#send({ type: 'turn', id });
    const turn = turns.ask(this.#device, init.engine, lengthMs, () => this.#send({ type: 'turn', id }));
    this.#turns.set(id, turn);
  }

  #endTurn(id: number): void {
    this.#turns.get(id)?.end();
    this.#turns.delete(id);
  }

  #becameReady(ready: Extract<FromEngine, { type: 'ready' }>): void {
    if (this.#live.state !== 'starting') {
      this.#refused++;
      return;
    }
    this.#clearTimers();
    this.#healthyTimer = setTimeout(() => (this.#backoffMs = FIRST_BACKOFF_MS), HEALTHY_AFTER_MS);
    this.#silenceTimer = setInterval(() => this.#checkSilence(), SILENCE_CHECK_MS);
    this.#processedAtError = null;
    this.#processed = 0;
    this.#standIn = null;
    const { port, provider, model, words } = ready;
    const url = `ws://127.0.0.1:${port}`;
    this.#move('ready', { url, provider, model, words, quality: null, images: null, error: null });
    for (const control of this.#controls.values()) this.#send(control);
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
    this.#phaseTimer = setTimeout(() => child?.kill('SIGKILL'), SILENCE_CHECK_MS);
  }

  #checkSilence(): void {
    // Counted in checks, not in time: a machine that slept wakes to one late check, not to four.
    if (++this.#silentChecks >= SILENT_CHECKS) this.#child?.kill('SIGKILL');
  }

  #exited(code: number | null, signal: string | null): void {
    this.#child = null;
    for (const id of this.#turns.keys()) this.#endTurn(id);
    this.#clearTimers();
    if (this.#ending) {
      this.#ending.gone();
      return;
    }
    const waitMs = this.#backoffMs;
    this.#backoffMs = nextBackoffMs(waitMs);
    const how = signal === null ? `with code ${code}` : `by ${signal}`;
    const message = `The ${this.#init.engine} engine ended ${how} without being asked to; it starts again in ${waitMs} ms.`;
    const error = this.#lastWords ?? new StudioError('engine', 'engine.crashed', message).toShape();
    this.#move('restarting', { url: null, error });
    this.#phaseTimer = setTimeout(() => this.#relaunch(), waitMs);
  }

  #fail(error: StudioErrorShape): void {
    this.#turn++;
    this.#clearTimers();
    this.#move('failed', { url: null, error });
    void this.#end();
  }

  #end(): Promise<void> {
    const child = this.#child;
    if (!child) return Promise.resolve();
    if (this.#ending) return this.#ending.promise;
    const { promise, resolve } = withResolvers();
    const end = endChild(child);
    const gone = () => {
      end.gone();
      this.#ending = null;
      resolve();
    };
    this.#ending = { promise, gone };
    return promise;
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

function withResolvers(): { promise: Promise<void>; resolve: () => void } {
  let resolve = () => {};
  const promise = new Promise<void>((done) => (resolve = done));
  return { promise, resolve };
}
