import { FrameFormat, FrameKind, type FrameHeader } from '../../contract/frame';
import type { FromStage } from '../../contract/stage';
import type { SoundToStage, StageToSound } from '../../contract/stage-ui';
import { framesUs, SoundAnchor } from './sound-anchor';

/** Channels of the programme's sound. */
const CHANNELS = 2;
/** Samples between two readings of the sound clock for main. */
const CLOCK_FRAMES = 48_000;
const SILENCE_DB = -120;
/** More strips than a project can have: a hostile message must not grow the table. */
const MAX_LEVELS = 128;

/** What the sound link needs and gives. */
export type SoundLinkContext = {
  nowUs: () => number;
  onAir: () => boolean;
  send: (message: FromStage) => void;
  sendFrame: (header: FrameHeader, payload: Uint8Array) => void;
  /** The programme time of sample 0 was found or moved. */
  anchored: (anchorUs: number) => void;
};

/** Takes the programme's sound from the mix worklet, gives it programme times and passes it on. */
export class SoundLink {
  readonly #context: SoundLinkContext;
  #anchor = new SoundAnchor();
  #port: MessagePort | null = null;
  #sequence = 0;
  #frames = 0;
  #earlierJumps = 0;
  /** Sample of the last reading that was told. */
  #clockFrame = Number.NEGATIVE_INFINITY;
  readonly #peaks = new Map<string, number>();

  constructor(context: SoundLinkContext) {
    this.#context = context;
  }

  /** Samples that were sent while on air. */
  get frames(): number {
    return this.#frames;
  }

  get jumps(): number {
    return this.#earlierJumps + this.#anchor.jumps;
  }

  /** Listens to this port from now on; a port of an earlier sound graph is closed. */
  connect(port: MessagePort): void {
    this.#port?.close();
    if (this.#anchor.anchorUs !== null) this.#earlierJumps += this.#anchor.jumps + 1;
    this.#anchor = new SoundAnchor();
    this.#clockFrame = Number.NEGATIVE_INFINITY;
    this.#port = port;
    port.onmessage = (event: MessageEvent<SoundToStage>) => this.#receive(event.data);
  }

  /** The timeline began anew: anchors of the old one mean nothing. */
  startOver(): void {
    this.#earlierJumps += this.#anchor.jumps + 1;
    this.#anchor = new SoundAnchor();
  }

  /** Peaks since the last call in dBFS, by strip. */
  takeLevelsDb(): Record<string, number> {
    const levels: Record<string, number> = {};
    for (const [strip, peak] of this.#peaks) {
      levels[strip] = peak > 0 ? Math.max(SILENCE_DB, 20 * Math.log10(peak)) : SILENCE_DB;
    }
    this.#peaks.clear();
    return levels;
  }

  dispose(): void {
    this.#port?.close();
    this.#port = null;
  }

  #receive(message: SoundToStage): void {
    if (message.type === 'levels') this.#levels(message.peaks);
    else if (message.type === 'pcm') {
      this.#pcm(message.frame, message.samples, message.delayFrames ?? 0);
      // What was sent is a copy: the worklet may fill this block again.
      if (!(message.samples instanceof Float32Array)) return;
      const recycle: StageToSound = { type: 'recycle', samples: message.samples };
      this.#port?.postMessage(recycle, [message.samples.buffer]);
    }
  }

  #levels(peaks: Record<string, number>): void {
    for (const [strip, peak] of Object.entries(peaks)) {
      if (!Number.isFinite(peak) || peak < 0) continue;
      if (this.#peaks.size >= MAX_LEVELS && !this.#peaks.has(strip)) continue;
      this.#peaks.set(strip, Math.max(this.#peaks.get(strip) ?? 0, peak));
    }
  }

  /** What was mixed at sample `frame` left its sources `delayFrames` earlier, and belongs to that picture. */
  #pcm(frame: number, samples: Float32Array<ArrayBuffer>, delayFrames: number): void {
    const count = samples.length / CHANNELS;
    if (!Number.isInteger(count) || count === 0 || !Number.isFinite(frame) || frame < 0) return;
    if (!Number.isFinite(delayFrames) || delayFrames < 0) return;
    const nowUs = this.#context.nowUs();
    // Before the programme clock is known there is no time to give.
    if (nowUs === 0) return;
    if (this.#anchor.block(frame, count, nowUs)) this.#context.anchored(this.#anchor.anchorUs ?? 0);
    this.#tellClock(frame);
    const timestampUs = this.#anchor.timeUs(frame - delayFrames);
    if (timestampUs === null || timestampUs < 0 || !this.#context.onAir()) return;
    const payload = new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength);
    this.#context.sendFrame(pcmHeader(this.#sequence, timestampUs, framesUs(count)), payload);
    this.#sequence += 1;
    this.#frames += count;
  }

  #tellClock(frame: number): void {
    const measuredUs = this.#anchor.measuredUs;
    if (measuredUs === null) return;
    if (frame >= this.#clockFrame && frame < this.#clockFrame + CLOCK_FRAMES) return;
    this.#clockFrame = frame;
    this.#context.send({
      type: 'sound-clock',
      frame,
      programmeUs: Math.max(0, measuredUs + framesUs(frame)),
    });
  }
}

function pcmHeader(sequence: number, captureUs: number, durationUs: number): FrameHeader {
  return {
    kind: FrameKind.pcm,
    format: FrameFormat.f32,
    width: CHANNELS,
    height: 0,
    streamId: 0,
    sequence: sequence >>> 0,
    epoch: 0,
    appliedVersion: 0,
    seed: 0,
    captureUs,
    doneUs: 0,
    flags: 0,
    durationUs,
  };
}
