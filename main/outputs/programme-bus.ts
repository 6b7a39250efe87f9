import { toStudioError, type StudioError } from '../../contract/errors';
import { AudioTimeline } from './audio-timeline';
import {
  CHANNELS,
  audioEndUs,
  framesToUs,
  sameVideoConfig,
  trimAudioStart,
  usToFrames,
  type AudioPacket,
  type ProgrammeSink,
  type VideoConfig,
  type VideoPacket,
} from './packets';
import { SlateRun, makeHeldFrame, makeSlate, type Slate } from './slate-player';

/** How often the owner calls `tick`, in milliseconds. */
export const BUS_TICK_MS = 50;

/** What is filled in stays this far behind the clock, so that real packets on their way still fit. */
const FILL_DELAY_US = 200_000;
/** Room a run of the slate leaves beyond the lateness seen, for the key frame that shall end it. */
const LATENESS_MARGIN_US = 150_000;
/** No encoder is waited for longer than this: an older picture belongs to another time. */
const LONGEST_DELAY_US = 5_000_000;
/** Sound this late counts as missing. */
const AUDIO_PATIENCE_US = 300_000;
/** Video that stops for so long, although the renderer lives, gives way to the slate. */
const VIDEO_STALL_US = 1_000_000;
/** A pause in ticking longer than this (the machine slept) is skipped, not filled. */
const LONGEST_FILL_US = 30_000_000;
/** A key frame is asked for no more often than this. */
const KEY_FRAME_INTERVAL_US = 500_000;
/** Sound kept for a sink whose key frame arrives after the sound that belongs to it. */
const AUDIO_HISTORY_US = 2_000_000;

/** What the bus needs from around it. */
export type ProgrammeBusOptions = {
  /** Programme clock in microseconds, monotonic. */
  nowUs: () => number;
  /** The encoder should make a key frame now. */
  onKeyFrameNeeded: () => void;
  /** A sink threw and was detached. */
  onSinkError?: (sink: ProgrammeSink, error: StudioError) => void;
};

type Attached = { sink: ProgrammeSink; startUs: number | null };

/** Counts since the bus was made; packets unless named otherwise. */
export type BusCounters = {
  video: number;
  videoBytes: number;
  slate: number;
  held: number;
  slateRuns: number;
  stalls: number;
  videoLate: number;
  videoAwaitingKey: number;
  videoRefused: number;
  audio: number;
  silenceFrames: number;
  trimmedFrames: number;
  audioGaps: number;
  keyFramesRequested: number;
  configChanges: number;
  sinkFailures: number;
};

/**
 * Takes the programme's packets and fans them out to recorder and destinations.
 *
 * A muxer waits for its slowest track, so the bus keeps both tracks going: missing sound
 * becomes silence; when the renderer is gone or stalls, the slate is played (before there is
 * one, the last key frame is held at 2 frames a second). Live video resumes at a key frame.
 */
export class ProgrammeBus {
  readonly #options: ProgrammeBusOptions;
  readonly #sinks = new Set<Attached>();
  readonly #audio = new AudioTimeline();
  #history: AudioPacket[] = [];
  #liveConfig: VideoConfig | null = null;
  #emittedConfig: VideoConfig | null = null;
  #slate: Slate | null = null;
  #held: Slate | null = null;
  #run: SlateRun | null = null;
  /** How far the present run stays behind the clock. */
  #runDelayUs = FILL_DELAY_US;
  #rendererGone = false;
  #awaitingKey = true;
  #lastVideoUs = -Infinity;
  #lastArrivalUs = 0;
  #keyRequestedUs = -Infinity;
  readonly #counters = {
    video: 0,
    videoBytes: 0,
    slate: 0,
    held: 0,
    slateRuns: 0,
    stalls: 0,
    videoLate: 0,
    videoAwaitingKey: 0,
    videoRefused: 0,
    audio: 0,
    keyFramesRequested: 0,
    configChanges: 0,
    sinkFailures: 0,
  };

  constructor(options: ProgrammeBusOptions) {
    this.#options = options;
    this.#lastArrivalUs = options.nowUs();
  }

  get counters(): BusCounters {
    const { silenceFrames, trimmedFrames, gaps } = this.#audio.counters;
    return { ...this.#counters, silenceFrames, trimmedFrames, audioGaps: gaps };
  }

  /** Whether the slate (or a held frame) is what the outputs see. */
  get onSlate(): boolean {
    return this.#run !== null;
  }

  get videoConfig(): VideoConfig | null {
    return this.#liveConfig;
  }

  /** The encoder was configured: what follows must begin with a key frame. */
  setVideoConfig(config: VideoConfig): void {
    this.#liveConfig = config;
    this.#awaitingKey = true;
  }

  /**
   * Sets the GOP that stands in for the programme, made by the live encoder's own configuration.
   * @throws StudioError `argument.invalid` when there is no configuration or the GOP is not usable.
   */
  setSlate(packets: readonly VideoPacket[], config: VideoConfig | null = this.#liveConfig): void {
    if (config === null)
      throw toStudioError('A slate needs a video configuration.', 'output', 'argument.invalid');
    this.#slate = makeSlate(config, packets);
  }

  pushVideo(packet: VideoPacket): void {
    if (this.#rendererGone || this.#liveConfig === null) {
      this.#counters.videoRefused += 1;
      return;
    }
    if (packet.timestampUs <= this.#lastVideoUs) {
      this.#counters.videoLate += 1;
      if (packet.key) this.#waitLongerFor(packet);
      this.#awaitKey();
      return;
    }
    if (this.#awaitingKey && !packet.key) {
      this.#counters.videoAwaitingKey += 1;
      this.#requestKeyFrame();
      return;
    }
    this.#lastArrivalUs = this.#options.nowUs();
    this.#awaitingKey = false;
    this.#closeSlate(packet.timestampUs);
    if (packet.key) this.#held = makeHeldFrame(this.#liveConfig, packet);
    this.#counters.video += 1;
    this.#counters.videoBytes += packet.data.byteLength;
    this.#emitVideo(packet, this.#liveConfig);
  }

  pushAudio(packet: AudioPacket): void {
    this.#counters.audio += 1;
    this.#anchorAudio();
    this.#emitAudio(this.#audio.push(packet));
  }

  /** The renderer died: the slate takes over at the next tick. */
  rendererGone(): void {
    this.#rendererGone = true;
    this.#awaitingKey = true;
  }

  /** The renderer lives again; its first key frame ends the slate. */
  rendererBack(): void {
    this.#rendererGone = false;
    this.#lastArrivalUs = this.#options.nowUs();
    this.#awaitKey();
  }

  /** Attaches a sink; it starts at the next key frame, which is asked for. Returns the way to detach it. */
  addSink(sink: ProgrammeSink): () => void {
    if (this.#sinks.size === 0) {
      this.#audio.reset();
      this.#history = [];
      this.#run = null;
      this.#lastArrivalUs = this.#options.nowUs();
    }
    const attached: Attached = { sink, startUs: null };
    this.#sinks.add(attached);
    this.#run?.restartGop();
    this.#requestKeyFrame();
    return () => {
      this.#sinks.delete(attached);
    };
  }

  /**
   * Settles when every lossless sink has room; undefined when all have. Whoever reads packets
   * awaits it before reading more.
   */
  ready(): Promise<unknown> | undefined {
    const waits: Promise<void>[] = [];
    for (const { sink } of this.#sinks) {
      const wait = sink.ready?.();
      if (wait) waits.push(wait);
    }
    return waits.length === 0 ? undefined : Promise.all(waits);
  }

  /** Fills what is missing at this moment; to be called every `BUS_TICK_MS`. */
  tick(): void {
    if (this.#sinks.size === 0) return;
    const nowUs = this.#options.nowUs();
    this.#fillVideo(nowUs);
    if (this.#isAnyoneWaiting() && !this.#rendererGone) this.#requestKeyFrame();
    const endUs = this.#audio.endUs ?? this.#firstStartUs();
    if (endUs !== null && this.#firstStartUs() !== null && nowUs - endUs > AUDIO_PATIENCE_US) {
      this.#emitAudio(this.#audio.fill(endUs, nowUs - FILL_DELAY_US));
    }
  }

  /** The slate ran ahead of a slow encoder: it falls back until a key frame can end it. */
  #waitLongerFor(key: VideoPacket): void {
    const latenessUs = this.#options.nowUs() - key.timestampUs;
    if (this.#run === null || latenessUs > LONGEST_DELAY_US) return;
    this.#runDelayUs = Math.max(this.#runDelayUs, latenessUs + LATENESS_MARGIN_US);
  }

  #fillVideo(nowUs: number): void {
    if (this.#run === null) {
      const stalled = nowUs - this.#lastArrivalUs > VIDEO_STALL_US;
      if (!this.#rendererGone && !stalled) return;
      const slate = this.#slate ?? this.#held;
      if (slate === null) return;
      if (!this.#rendererGone) this.#counters.stalls += 1;
      this.#counters.slateRuns += 1;
      const nextUs = this.#lastVideoUs + 1e6 / slate.config.fps;
      this.#run = new SlateRun(slate, nextUs);
      this.#runDelayUs = FILL_DELAY_US;
      this.#awaitKey();
    }
    const untilUs = nowUs - this.#runDelayUs;
    const oldestUs = this.#firstStartUs() === null ? untilUs : untilUs - LONGEST_FILL_US;
    if (this.#run.nextUs < oldestUs) this.#run.skipTo(untilUs);
    this.#playSlate(untilUs);
  }

  /** Plays the slate up to the live key frame that ends it. */
  #closeSlate(keyUs: number): void {
    if (this.#run === null) return;
    const frameUs = 1e6 / this.#run.slate.config.fps;
    if (keyUs - this.#run.nextUs < LONGEST_FILL_US) this.#playSlate(keyUs - frameUs / 2);
    this.#run = null;
  }

  #playSlate(untilUs: number): void {
    const run = this.#run;
    if (run === null) return;
    for (const packet of run.until(untilUs)) {
      if (run.slate === this.#slate) this.#counters.slate += 1;
      else this.#counters.held += 1;
      this.#emitVideo(packet, run.slate.config);
    }
  }

  #emitVideo(packet: VideoPacket, config: VideoConfig): void {
    const changed = this.#emittedConfig !== null && !sameVideoConfig(this.#emittedConfig, config);
    if (changed) this.#counters.configChanges += 1;
    this.#emittedConfig = config;
    this.#lastVideoUs = packet.timestampUs;
    for (const attached of this.#sinks) {
      this.#guard(attached, (sink) => {
        if (attached.startUs === null) {
          if (!packet.key) return;
          attached.startUs = packet.timestampUs;
          sink.onStart(config, packet.timestampUs);
          sink.onVideo(packet);
          this.#replayAudio(attached, packet.timestampUs);
          return;
        }
        if (changed) sink.onConfig(config);
        sink.onVideo(packet);
      });
    }
  }

  /** Sound runs ahead of video: what belongs to the key frame may have passed already. */
  #replayAudio(attached: Attached, startUs: number): void {
    const endUs = this.#audio.endUs;
    if (endUs === null) {
      this.#audio.fill(startUs, startUs);
      return;
    }
    const firstUs = this.#history[0]?.timestampUs ?? endUs;
    const missing = usToFrames(Math.min(firstUs, endUs) - startUs);
    if (missing > 0) {
      const samples = new Float32Array(missing * CHANNELS);
      this.#giveAudio(attached, { samples, timestampUs: firstUs - framesToUs(missing), frames: missing });
    }
    for (const packet of this.#history) this.#giveAudio(attached, packet);
  }

  #anchorAudio(): void {
    const startUs = this.#firstStartUs();
    if (this.#audio.endUs === null && startUs !== null) this.#audio.fill(startUs, startUs);
  }

  #emitAudio(packets: readonly AudioPacket[]): void {
    for (const packet of packets) {
      this.#history.push(packet);
      for (const attached of this.#sinks) this.#guard(attached, () => this.#giveAudio(attached, packet));
    }
    const endUs = this.#audio.endUs;
    if (endUs === null) return;
    const keep = this.#history.findIndex((packet) => audioEndUs(packet) > endUs - AUDIO_HISTORY_US);
    if (keep > 0) this.#history.splice(0, keep);
  }

  #giveAudio(attached: Attached, packet: AudioPacket): void {
    if (attached.startUs === null) return;
    const rest = trimAudioStart(packet, attached.startUs);
    if (rest !== null) attached.sink.onAudio(rest);
  }

  #guard(attached: Attached, give: (sink: ProgrammeSink) => void): void {
    try {
      give(attached.sink);
    } catch (error) {
      this.#sinks.delete(attached);
      this.#counters.sinkFailures += 1;
      const known = toStudioError(error, 'output');
      attached.sink.onDetached?.(known);
      this.#options.onSinkError?.(attached.sink, known);
    }
  }

  #awaitKey(): void {
    this.#awaitingKey = true;
    if (!this.#rendererGone) this.#requestKeyFrame();
  }

  #requestKeyFrame(): void {
    const nowUs = this.#options.nowUs();
    if (nowUs - this.#keyRequestedUs < KEY_FRAME_INTERVAL_US) return;
    this.#keyRequestedUs = nowUs;
    this.#counters.keyFramesRequested += 1;
    this.#options.onKeyFrameNeeded();
  }

  #isAnyoneWaiting(): boolean {
    for (const attached of this.#sinks) if (attached.startUs === null) return true;
    return false;
  }

  #firstStartUs(): number | null {
    let firstUs: number | null = null;
    for (const { startUs } of this.#sinks) {
      if (startUs !== null && (firstUs === null || startUs < firstUs)) firstUs = startUs;
    }
    return firstUs;
  }
}
