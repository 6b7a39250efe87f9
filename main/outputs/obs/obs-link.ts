import type { ObsLive } from '../../../contract/live';
import type { ObsSettings } from '../../../contract/project';
import { StudioError, toStudioError } from '../../../contract/errors';
import { retryDelayMs, type Backoff } from '../destination-machine';
import type { FfmpegInfo } from '../ffmpeg';
import type { ProgrammeBus } from '../programme-bus';
import type { FingerprintFeed } from './fingerprint';
import { ObsConnection, ObsRequestError, OBS_PATIENCE, type ObsPatience } from './obs-connection';
import { ObsEye } from './obs-eye';
import { nextObsState, OBS_BACKOFF, type ObsEvent } from './obs-machine';
import { ObsPush } from './obs-push';
import { prepareScene, reopenInput, isPassing, type ObsPlan } from './obs-scene';
import { obsAddresses } from './obs-addresses';

/** When the link looks at OBS's picture, in milliseconds. */
export type ObsPace = {
  /** Between looks until the programme is seen. */
  seekMs: number;
  /** Without a picture of ours for so long, scene and source are mended. */
  mendMs: number;
  /** From one round of looks to the next while live. */
  roundMs: number;
  /** Fingerprints are gathered so long before a round. */
  gatherMs: number;
  /** Looks of a round, and the time between them. */
  looks: number;
  lookMs: number;
};
const PACE: ObsPace = { seekMs: 400, mendMs: 8_000, roundMs: 10_000, gatherMs: 2_000, looks: 5, lookMs: 400 };

export type ObsLinkOptions = {
  bus: ProgrammeBus;
  ffmpeg: () => FfmpegInfo | null;
  /** Programme clock in microseconds. */
  nowUs: () => number;
  /** The stage's tiny pictures; without them a picture in OBS is taken for ours. */
  fingerprints?: FingerprintFeed;
  onChange?: () => void;
  onLog?: (line: string) => void;
  patience?: ObsPatience;
  pace?: Partial<ObsPace>;
  backoff?: Backoff;
  random?: () => number;
};

/** One time of sending to OBS, from start to stop. */
type Run = { abort: AbortController; settings: ObsSettings; password: string; finished: Promise<void> };

/**
 * Sends the programme to OBS Studio: connects by obs-websocket, makes or mends scene and media source,
 * which then listens by SRT, pushes, and looks at what OBS shows. It is live when OBS shows the
 * programme, for OBS calls a source "playing" that never had a picture. Whatever happens to it touches
 * no other output.
 */
export class ObsLink {
  readonly #options: ObsLinkOptions;
  readonly #pace: ObsPace;
  #state: ObsLive['state'] = 'idle';
  #run: Run | null = null;
  #eye: ObsEye | null = null;
  #push: ObsPush | null = null;
  #version: string | null = null;
  #error: StudioError | null = null;
  #attempt = 0;
  #wake: (() => void) | null = null;

  constructor(options: ObsLinkOptions) {
    this.#options = options;
    this.#pace = { ...PACE, ...options.pace };
  }

  live(hasPassword: boolean): ObsLive {
    return {
      state: this.#state,
      latencyMs: this.#state === 'live' ? (this.#eye?.latencyMs() ?? null) : null,
      obsVersion: this.#version,
      hasPassword,
      error: this.#error?.toShape() ?? null,
    };
  }

  /** Process id of the ffmpeg that pushes. */
  get pid(): number | undefined {
    return this.#push?.pid;
  }

  /**
   * Begins to send; what happens from here on is in `live()`.
   * @throws StudioError `ffmpeg.missing`; `argument.invalid` when it is sending already
   */
  start(settings: ObsSettings, password: string): void {
    if (this.#state !== 'idle') {
      throw new StudioError('output', 'argument.invalid', `OBS is ${this.#state} already; stop it first.`);
    }
    const ffmpeg = this.#options.ffmpeg();
    if (ffmpeg === null || !ffmpeg.protocols.includes('srt')) {
      const message = 'Sending to OBS needs an ffmpeg that knows SRT; install one.';
      throw new StudioError('output', 'ffmpeg.missing', message);
    }
    this.#error = null;
    this.#attempt = 0;
    this.#move('start');
    const abort = new AbortController();
    const before = this.#run?.finished ?? Promise.resolve();
    const run: Run = { abort, settings, password, finished: Promise.resolve() };
    run.finished = before.then(() => this.#keepUp(run));
    this.#run = run;
  }

  /** Stops sending; scene and source stay in OBS. Settles when the push has ended (at most about 3 s). */
  async stop(): Promise<void> {
    const run = this.#run;
    if (run === null) return;
    if (this.#state !== 'idle') {
      run.abort.abort();
      this.#error = null;
      this.#move('stop');
      this.#wake?.();
    }
    await run.finished;
  }

  /** Tries until it is stopped, or until there is no use in it. */
  async #keepUp(run: Run): Promise<void> {
    const { signal } = run.abort;
    const eye = new ObsEye(this.#options.nowUs, this.#options.fingerprints ?? null);
    this.#eye = eye;
    try {
      while (!signal.aborted) {
        const error = await this.#once(run, eye);
        if (signal.aborted || error === null) return;
        const [known, isFinal] = this.#judge(error);
        this.#error = known;
        this.#options.onLog?.(`OBS: ${known.message}`);
        this.#move(isFinal ? 'ended' : 'lost');
        if (isFinal) return;
        this.#attempt += 1;
        const { backoff = OBS_BACKOFF, random = Math.random } = this.#options;
        await this.#pause(retryDelayMs(this.#attempt, random(), backoff) ?? 0, signal);
      }
    } finally {
      eye.close();
      if (this.#eye === eye) this.#eye = null;
    }
  }

  /** One connection to its end; answers with what ended it. */
  async #once(run: Run, eye: ObsEye): Promise<StudioError | null> {
    let obs: ObsConnection | null = null;
    let push: ObsPush | null = null;
    try {
      const { settings, password, abort } = run;
      obs = await ObsConnection.open(settings, password, this.#options.patience ?? OBS_PATIENCE);
      if (abort.signal.aborted) return null;
      this.#version = obs.version;
      const { listenUrl, pushUrl } = obsAddresses(settings.host, settings.srtPort);
      const plan: ObsPlan = { scene: settings.scene, source: settings.source, listenUrl };
      await this.#prepare(obs, plan, abort.signal);
      if (abort.signal.aborted) return null;
      push = new ObsPush(this.#options, pushUrl, () => this.#wake?.());
      this.#push = push;
      eye.forget();
      await this.#watch(obs, push, plan, eye, abort.signal);
      return null;
    } catch (error) {
      if (error instanceof StudioError || error instanceof ObsRequestError) {
        return toStudioError(error, 'output', 'obs.lost');
      }
      const message = 'OBS must answer as obs-websocket 5 does, but an answer makes no sense.';
      return new StudioError('output', 'obs.lost', message, { cause: error });
    } finally {
      eye.open(false);
      if (this.#push === push) this.#push = null;
      obs?.close();
      await push?.end();
    }
  }

  /** An OBS that has only just opened its socket may still be loading its scenes. */
  async #prepare(obs: ObsConnection, plan: ObsPlan, signal: AbortSignal): Promise<void> {
    for (let tries = 1; ; tries += 1) {
      try {
        const done = await prepareScene(obs, plan);
        if (done.length > 0) this.#options.onLog?.(`OBS: ${done.join(', ')}`);
        return;
      } catch (error) {
        if (!isPassing(error) || tries >= 20 || signal.aborted) throw error;
      }
      await this.#pause(500, signal);
    }
  }

  /** Looks at OBS until the connection is gone. @throws StudioError what ended it */
  async #watch(
    obs: ObsConnection,
    push: ObsPush,
    plan: ObsPlan,
    eye: ObsEye,
    signal: AbortSignal,
  ): Promise<void> {
    let isGone = false;
    let isChanged = false;
    const wakeFor = (change: () => void) => () => {
      change();
      this.#wake?.();
    };
    void obs.closed.then(wakeFor(() => (isGone = true)));
    for (const event of ['InputRemoved', 'InputNameChanged', 'CurrentSceneCollectionChanged'] as const) {
      obs.on(
        event,
        wakeFor(() => (isChanged = true)),
      );
    }
    const check = (): void => {
      if (isGone)
        throw new StudioError('output', 'obs.lost', 'OBS closed the connection; it is tried again.');
    };
    for (;;) {
      await this.#seek(obs, push, plan, eye, signal, check);
      if (signal.aborted) return;
      this.#attempt = 0;
      this.#error = null;
      this.#move('seen');
      isChanged = false;
      const isSteady = (): boolean => !isChanged && !isGone && push.isUp && !signal.aborted;
      await this.#keepWatch(obs, push, plan, eye, signal, isSteady);
      if (signal.aborted) return;
      check();
      this.#error = push.isUp ? noPicture(plan) : push.error;
      this.#move('lost');
      if (push.isUp) await this.#mend(obs, plan, signal);
    }
  }

  /** Looks until OBS shows the programme; mends where it does not come. */
  async #seek(
    obs: ObsConnection,
    push: ObsPush,
    plan: ObsPlan,
    eye: ObsEye,
    signal: AbortSignal,
    check: () => void,
  ): Promise<void> {
    eye.open(true);
    const { seekMs, mendMs } = this.#pace;
    let sinceMs = performance.now();
    for (;;) {
      await this.#pause(seekMs, signal);
      if (signal.aborted) return;
      check();
      const sight = await eye.look(obs, plan.source);
      // Without the stage's pictures a source that has one must do, once the push is taken.
      if (push.isUp && (sight === 'programme' || sight === 'unproven')) return;
      if (sight !== 'source-gone' && performance.now() - sinceMs < mendMs) continue;
      sinceMs = performance.now();
      await this.#mend(obs, plan, signal);
      if (signal.aborted) return;
      this.#error = push.error ?? noPicture(plan);
      this.#options.onChange?.();
    }
  }

  /** Rounds of looks while all is well; returns when it is not. */
  async #keepWatch(
    obs: ObsConnection,
    push: ObsPush,
    plan: ObsPlan,
    eye: ObsEye,
    signal: AbortSignal,
    isSteady: () => boolean,
  ): Promise<void> {
    const { roundMs, gatherMs, looks, lookMs } = this.#pace;
    for (let first = true; ; first = false) {
      // The first round follows at once: what was gathered in seeking still serves.
      if (!first) {
        eye.open(false);
        await this.#pause(roundMs - gatherMs - looks * lookMs, signal);
        if (!isSteady()) return;
        eye.open(true);
      }
      await this.#pause(gatherMs, signal);
      let seen = 0;
      for (let look = 0; look < looks && isSteady(); look += 1) {
        const sight = await eye.look(obs, plan.source);
        if (sight === 'source-gone') return;
        if (sight === 'programme' || sight === 'unproven') seen += 1;
        await this.#pause(lookMs, signal);
      }
      if (!isSteady() || seen === 0) return;
      const latency = eye.latencyMs();
      if (latency !== null && push.tighten(latency.p50)) eye.forget();
      this.#options.onChange?.();
    }
  }

  async #mend(obs: ObsConnection, plan: ObsPlan, signal: AbortSignal): Promise<void> {
    await this.#prepare(obs, plan, signal);
    if (!signal.aborted) await reopenInput(obs, plan.source);
  }

  /** What is to be shown for an error, and whether it ends the run. */
  #judge(error: StudioError): [StudioError, boolean] {
    const { code } = error;
    if (code === 'obs.refused' || code === 'obs.unsupported' || code === 'ffmpeg.missing')
      return [error, true];
    const wasLive = this.#state !== 'connecting';
    if (code !== 'obs.absent') return [error, false];
    return wasLive ? [new StudioError('output', 'obs.lost', error.message), false] : [error, true];
  }

  /** Waits, but not when something happened. */
  async #pause(ms: number, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, Math.max(0, ms));
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.#wake = null;
  }

  #move(event: ObsEvent): void {
    this.#state = nextObsState(this.#state, event);
    this.#options.onChange?.();
  }
}

function noPicture(plan: ObsPlan): StudioError {
  const message =
    `OBS must show the programme in "${plan.source}", but shows something else or nothing; the source was mended. ` +
    'Should it stay so, another program may use the port: choose another one.';
  return new StudioError('output', 'obs.no-picture', message);
}
