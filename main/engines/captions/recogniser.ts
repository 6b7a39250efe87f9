import type { CaptionUpdate } from '../../../contract/captions';
import { StudioError } from '../../../contract/errors';
import type { StageTimes } from '../runtime/timing';
import type { Caches, ChunkNetwork } from './captions-model';
import { BeamCtc } from './beam-ctc';
import { GreedyCtc, type CtcDecoder, type ScoredFrame, type Token } from './ctc';
import { FeatureQueue } from './feature-queue';
import { BANDS, FeatureStreamer, HOP } from './features';
import { CaptionLedger } from './ledger';
import { Resampler } from './resampler';
import { SoundLine } from './sound-line';
import { Silences } from './silences';
import { SpeechGate } from './speech-gate';

/** Feature frames of literal 0 before the first [C5]. */
const LEAD_FRAMES = 8;
/** Feature frames for one output frame, and their length. */
const FRAMES_PER_OUTPUT = 8;
const FRAME_US = 10_000;
const OUTPUT_US = FRAMES_PER_OUTPUT * FRAME_US;
/** Samples at 48 kHz from one feature frame to the next. */
const HOP_AT_48K = 3 * HOP;
/** A token is believed up to so many feature frames after the last that could be speech [C9]. */
const AUDIBLE_FRAMES = 50;
/** More than this waiting, 10 s, is skipped until 1 s is left [C10]. */
const MOST_WAITING = 1000;
const LEFT_WAITING = 100;
/** Silence after the last sound, beyond the network's window, so that its last word comes out. */
const REST_SECONDS = 0.6;

/** What changed, and up to when sound was heard. */
export type Heard = Pick<CaptionUpdate, 'from' | 'words' | 'heardUs'>;

/**
 * One stream from sound to words: line of sound → 16 kHz → features → the network chunk by
 * chunk → tokens → ledger (spec.md). Taking sound in is cheap and never waits; `step` runs the
 * network once.
 */
export class Recogniser {
  readonly #network: ChunkNetwork;
  readonly #times: StageTimes;
  readonly #resampler = new Resampler();
  readonly #queue = new FeatureQueue();
  readonly #line: SoundLine;
  readonly #features: FeatureStreamer;
  readonly #ctc: CtcDecoder;
  readonly #ledger: CaptionLedger;
  readonly #window: Float32Array;
  #caches: Caches;
  #frames = 0;
  readonly #gate = new SpeechGate();
  readonly #silences = new Silences();
  /** Feature frames since the last that could be speech, as of the queue's first. */
  #quietFrames = Infinity;
  /** Tokens that were settled by a skip or a failure, not told yet. */
  #flushed: Token[] = [];
  #skipped = 0;
  #resting = true;

  constructor(network: ChunkNetwork, times: StageTimes) {
    this.#network = network;
    this.#times = times;
    this.#caches = network.begin();
    const blank = network.pieces.length;
    this.#ctc = network.language ? new BeamCtc(blank, network.language) : new GreedyCtc(blank);
    this.#ledger = new CaptionLedger(network.pieces);
    this.#window = new Float32Array(BANDS * network.geometry.window);
    this.#line = new SoundLine((samples) => this.#features.push(this.#resampler.push(samples)));
    this.#features = new FeatureStreamer((frame, peak) => this.#takeFrame(frame, peak));
  }

  /** Whether a whole window waits. */
  get ready(): boolean {
    return this.#queue.length >= this.#network.geometry.window;
  }

  /** Seconds of sound that wait, whole windows or not. */
  get waitingSeconds(): number {
    return (this.#queue.length * FRAME_US) / 1e6;
  }

  /** Whether the sound has stopped and was heard out. */
  get resting(): boolean {
    return this.#resting;
  }

  /** Feature frames that were skipped to keep up. */
  get skipped(): number {
    return this.#skipped;
  }

  /**
   * Takes sound.
   * @param captureUs programme time of its first sample.
   * @param samples mono, 48 kHz, −1 to 1.
   */
  push(captureUs: number, samples: Float32Array): void {
    const start = this.#times.now();
    const [waiting, frames, rested] = [this.#queue.length, this.#frames, this.#resting];
    this.#resting = false;
    this.#line.push(captureUs, samples);
    // Silence that is left of a rest lies right before what comes now, not where the rest began.
    if (rested) this.#queue.retime(waiting, (i) => this.#line.timeOf((frames - waiting + i) * HOP_AT_48K));
    this.#times.since('features', start);
    if (this.#queue.length <= MOST_WAITING) return;
    const surplus = this.#queue.length - LEFT_WAITING;
    this.#skipped += surplus;
    this.#queue.drop(surplus);
    this.#quietFrames = Infinity;
    this.#flushed.push(...this.#ctc.flush());
  }

  /** The sound has stopped: silence follows, so that what was said last is heard out [C11]. */
  rest(): void {
    if (this.#resting) return;
    this.#resting = true;
    this.#line.rest(REST_SECONDS + (this.#network.geometry.window * FRAME_US) / 1e6);
  }

  /** Nothing more comes of what was heard: every draft is confirmed. */
  close(): Heard | null {
    return this.#heard(this.#ledger.close([...this.#flushed.splice(0), ...this.#ctc.flush()]));
  }

  /**
   * Runs the network on the next window, which must be `ready`.
   * @returns what changed.
   * @throws StudioError `engine.failed` when the network fails or gives scores that are not
   * numbers; the stream then goes on with empty caches.
   */
  async step(): Promise<Heard | null> {
    const { window, shift } = this.#network.geometry;
    const frames = this.#scoredFrames();
    const decodedUs = this.#queue.timeUs(shift) + OUTPUT_US;
    this.#queue.readWindow(window, this.#window);
    const speech = this.#queue.lastSpeech(shift);
    this.#quietFrames = speech < 0 ? this.#quietFrames + shift : shift - speech;
    this.#queue.drop(shift);

    const times = this.#times;
    let at = times.now();
    const { logProbabilities, caches } = await this.#network
      .run(this.#window, this.#caches)
      .catch((cause: unknown) => {
        throw this.#failed('failed on one', cause);
      });
    at = times.since('network', at);
    const tokens = this.#ctc.decode(logProbabilities, frames);
    if (tokens === null) throw this.#failed('gave scores that are not numbers');
    this.#caches = caches;
    const settled = [...this.#flushed.splice(0), ...tokens];
    const heard = this.#heard(this.#ledger.take(settled, decodedUs, this.#ctc.open));
    times.since('decode', at);
    return heard;
  }

  #heard(change: Pick<CaptionUpdate, 'from' | 'words'> | null): Heard | null {
    return change && { ...change, heardUs: this.#line.heardUs ?? 0 };
  }

  #failed(how: string, cause?: unknown): StudioError {
    this.#caches = this.#network.begin();
    this.#flushed.push(...this.#ctc.flush());
    const message = `The captions model must run on every piece of sound and ${how}; restart the engine.`;
    return new StudioError('engine', 'engine.failed', message, cause === undefined ? {} : { cause });
  }

  #takeFrame(frame: Float32Array, peak: number): void {
    const sample = this.#frames++ * HOP_AT_48K;
    this.#line.forgetBefore(sample);
    const us = this.#line.timeOf(sample);
    if (sample === 0) {
      const zeros = new Float32Array(BANDS);
      for (let i = LEAD_FRAMES; i > 0; i--) this.#queue.push(zeros, us - i * FRAME_US, false);
    }
    this.#silences.push(us, peak);
    this.#queue.push(frame, us, this.#gate.push(frame, peak));
  }

  /** Times of the output frames that the first window gives: output r belongs to frames 8r + 8 … 8r + 16 of it. */
  #scoredFrames(): ScoredFrame[] {
    const { chunk, window, startDelayUs, endDelayUs } = this.#network.geometry;
    const speech = this.#queue.lastSpeech(window);
    return Array.from({ length: chunk }, (_, r) => {
      const place = FRAMES_PER_OUTPUT * (r + 1);
      const us = this.#queue.timeUs(place);
      const startUs = Math.max(0, this.#silences.soundFrom(us - startDelayUs, us + OUTPUT_US));
      const endUs = Math.max(startUs, us + OUTPUT_US - endDelayUs);
      const quiet = speech < 0 ? this.#quietFrames + place : place - speech;
      return { startUs, endUs, audible: quiet <= AUDIBLE_FRAMES };
    });
  }
}
