import { StudioError, toStudioError } from '../../contract/errors';
import type { LiveState } from '../../contract/live';
import type { BinauralStats } from '../../contract/stage';
import { LinkClient } from './engine-link/link-client';
import { MixBus } from './mix-bus';
import { SAMPLE_RATE } from './schedule';
import { StripRack } from './strip-rack';

/** Sources schedule two seconds ahead; five looks a second leave room for a busy window. */
const PUMP_INTERVAL_MS = 200;
/** Worklets tell how they render once a second; so often it is passed on. */
const STATS_INTERVAL_MS = 500;

/** Chromium's way to choose where sound comes out; the DOM library does not know it yet. */
type SinkContext = AudioContext & { setSinkId(sinkId: { type: 'none' }): Promise<void> };

/** The part of the stage that takes sound and tells its clock. */
export type SoundStage = {
  /** Takes the stage's end of the mix worklet's port (transferred on). */
  connectSound(port: MessagePort): void;
  /** Programme time of sample 0, µs; again after every jump. May return a way to stop listening. */
  onSoundAnchor(listener: (anchorUs: number) => void): unknown;
  /** Takes how the placed strips were rendered in the last second. */
  tellPlaced?(strips: BinauralStats[]): void;
};

export type SoundEngineOptions = {
  stage: SoundStage;
  /** The launch token, which engines ask for. */
  token: string;
  /** URL under which a medium's bytes are served, with ranges. */
  mediaUrl: (mediaId: string) => string;
};

type Conditions = Readonly<Record<string, StudioError>>;

/**
 * The mixer: one chain a strip, a mix bus, and the worklet that sends the mix to the stage.
 * What sounds is a function of the last snapshot and the sound clock's anchor.
 */
export class SoundEngine {
  readonly #options: SoundEngineOptions;
  readonly #context: AudioContext;
  readonly #abort = new AbortController();
  readonly #conditions = new Map<string, StudioError>();
  readonly #levelListeners = new Set<(peaks: Record<string, number>) => void>();
  readonly #errorListeners = new Set<(error: StudioError) => void>();
  readonly #runningListeners = new Set<(running: boolean) => void>();
  readonly #conditionListeners = new Set<(conditions: Conditions) => void>();
  readonly #links: LinkClient;
  readonly #timer: ReturnType<typeof setInterval>;
  readonly #statsTimer: ReturnType<typeof setInterval>;
  #placed = 0;
  readonly #stopAnchors: unknown;
  readonly #ready: Promise<void>;
  #bus: MixBus | null = null;
  #rack: StripRack | null = null;
  #state: LiveState | null = null;
  #anchorUs: number | null = null;
  #monitoring = false;

  constructor(options: SoundEngineOptions) {
    this.#options = options;
    this.#links = new LinkClient(options.token);
    this.#context = new AudioContext({ sampleRate: SAMPLE_RATE, latencyHint: 'interactive' });
    const { signal } = this.#abort;
    this.#context.addEventListener('statechange', () => this.#tellRunning(), { signal });
    this.#context.addEventListener('error', () => void this.#survive(), { signal });
    this.#stopAnchors = options.stage.onSoundAnchor((anchorUs) => this.#setAnchor(anchorUs));
    this.#timer = setInterval(() => this.#rack?.pump(), PUMP_INTERVAL_MS);
    this.#statsTimer = setInterval(() => this.#tellPlaced(), STATS_INTERVAL_MS);
    this.#ready = this.#build();
  }

  /** Whether the sound clock runs; it does not before `start` was called in a gesture. */
  get running(): boolean {
    return this.#context.state === 'running';
  }

  /** Lets the sound clock run. Safe on any gesture and as often as wanted; failures go to `onError`. */
  async start(): Promise<void> {
    await this.#ready;
    if (this.running || this.#abort.signal.aborted) return;
    try {
      await this.#context.resume();
    } catch (error) {
      this.#fail(toStudioError(error, 'sound'));
    }
  }

  /** Makes strips, faders and sources fit the snapshot. */
  apply(state: LiveState): void {
    this.#state = state;
    this.#reconcile();
  }

  /** Plays the programme on the loudspeakers; off at first, because microphones hear them. */
  setMonitoring(on: boolean): void {
    this.#monitoring = on;
    this.#bus?.setMonitoring(on);
  }

  /** Asks again for microphones that were refused. */
  retry(): void {
    this.#rack?.retry();
  }

  /** Linear peaks about 30 times a second, by strip id; `mix` is the programme. The result stops it. */
  onLevels(listener: (peaks: Record<string, number>) => void): () => void {
    return subscribe(this.#levelListeners, listener);
  }

  /** What went wrong in the sound; the result stops it. */
  onError(listener: (error: StudioError) => void): () => void {
    return subscribe(this.#errorListeners, listener);
  }

  /** The sound clock started or stopped; the result stops it. */
  onRunning(listener: (running: boolean) => void): () => void {
    return subscribe(this.#runningListeners, listener);
  }

  /** Why strips have no sound, by strip id; those that work are left out. The result stops it. */
  onConditions(listener: (conditions: Conditions) => void): () => void {
    return subscribe(this.#conditionListeners, listener);
  }

  /** Closes devices, players and the audio context. */
  dispose(): void {
    if (this.#abort.signal.aborted) return;
    this.#abort.abort();
    clearInterval(this.#timer);
    clearInterval(this.#statsTimer);
    if (typeof this.#stopAnchors === 'function') this.#stopAnchors();
    this.#rack?.dispose();
    this.#links.dispose();
    void this.#context.close();
  }

  async #build(): Promise<void> {
    try {
      const bus = await MixBus.create(this.#context, {
        onLevels: (peaks) => tell(this.#levelListeners, peaks),
        onFailed: () =>
          this.#fail(new StudioError('sound', 'internal', 'The mix must keep running, but stopped.')),
      });
      if (this.#abort.signal.aborted) return;
      this.#bus = bus;
      this.#rack = new StripRack({
        context: this.#context,
        bus,
        links: this.#links,
        mediaUrl: this.#options.mediaUrl,
        onCondition: (stripId, error) => this.#setCondition(stripId, error),
      });
      bus.setMonitoring(this.#monitoring);
      this.#options.stage.connectSound(bus.openStagePort());
      this.#reconcile();
    } catch (error) {
      this.#fail(toStudioError(error, 'sound'));
    }
  }

  #setAnchor(anchorUs: number): void {
    this.#anchorUs = anchorUs;
    this.#links.setAnchor(anchorUs);
    this.#reconcile();
  }

  #reconcile(): void {
    if (!this.#state || !this.#bus || this.#abort.signal.aborted) return;
    this.#bus.setMasterDb(this.#state.project.masterDb);
    this.#rack?.apply(this.#state, this.#anchorUs);
  }

  #tellPlaced(): void {
    const strips = this.#rack?.placedStats() ?? [];
    if (strips.length > 0 || this.#placed > 0) this.#options.stage.tellPlaced?.(strips);
    this.#placed = strips.length;
  }

  #setCondition(stripId: string, error: StudioError | null): void {
    if ((this.#conditions.get(stripId) ?? null) === error) return;
    if (error) this.#conditions.set(stripId, error);
    else this.#conditions.delete(stripId);
    tell(this.#conditionListeners, Object.fromEntries(this.#conditions));
    if (error) this.#fail(error);
  }

  /** The loudspeakers went away: the programme goes on without them. */
  async #survive(): Promise<void> {
    const message =
      'The sound output must stay connected, but failed. Monitoring is silent until it is back.';
    this.#fail(new StudioError('sound', 'device.lost', message));
    try {
      await (this.#context as SinkContext).setSinkId({ type: 'none' });
      await this.#context.resume();
    } catch (error) {
      this.#fail(toStudioError(error, 'sound'));
    }
  }

  #tellRunning(): void {
    tell(this.#runningListeners, this.running);
  }

  #fail(error: StudioError): void {
    tell(this.#errorListeners, error);
  }
}

function subscribe<T>(listeners: Set<(value: T) => void>, listener: (value: T) => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function tell<T>(listeners: ReadonlySet<(value: T) => void>, value: T): void {
  for (const listener of listeners) listener(value);
}
