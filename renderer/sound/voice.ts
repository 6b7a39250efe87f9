import { SAMPLE_RATE, whenOfFrame } from './schedule';

/** Sounds that begin or end in the middle are faded over 5 ms. */
const FADE_FRAMES = SAMPLE_RATE / 200;
const FADE_S = FADE_FRAMES / SAMPLE_RATE;
/** The sound thread may be ahead of the window's clock by an output buffer. */
const LEAD_S = 0.03;

/** One uninterrupted performance of a recorded sound; a seek or a pause ends it and begins another. */
export class Voice {
  readonly #context: BaseAudioContext;
  readonly #gain: GainNode;
  readonly #nodes = new Set<AudioBufferSourceNode>();
  #nextFrame = -1;
  #ending = false;

  constructor(context: BaseAudioContext, output: AudioNode) {
    this.#context = context;
    this.#gain = new GainNode(context);
    this.#gain.connect(output);
  }

  /**
   * Plays planar 48 kHz samples from sample `frame` of the sound clock on. What is already
   * past is left out. Pieces that follow each other join without a seam; after a hole, or when
   * the sound is entered in its middle (`midway`), the first milliseconds are faded in.
   */
  playSamples(frame: number, planes: Float32Array<ArrayBuffer>[], midway: boolean): void {
    const lateFrames = Math.max(0, this.#nowFrame() - frame);
    const length = (planes[0]?.length ?? 0) - lateFrames;
    if (length <= 0) return;
    const cut = planes.map((plane) => plane.subarray(lateFrames));
    if (frame + lateFrames !== this.#nextFrame && (midway || lateFrames > 0)) cut.forEach(fadeIn);
    const buffer = new AudioBuffer({ length, numberOfChannels: cut.length, sampleRate: SAMPLE_RATE });
    cut.forEach((plane, channel) => buffer.copyToChannel(plane, channel));
    this.playBuffer(frame + lateFrames, buffer);
  }

  /** Plays a whole 48 kHz buffer from sample `frame` on. */
  playBuffer(frame: number, buffer: AudioBuffer): void {
    if (this.#ending) return;
    const node = new AudioBufferSourceNode(this.#context, { buffer });
    node.connect(this.#gain);
    node.onended = () => this.#drop(node);
    node.start(whenOfFrame(frame));
    this.#nodes.add(node);
    this.#nextFrame = frame + buffer.length;
  }

  /** Fades out, stops what was scheduled and lets go of the graph. */
  end(): void {
    if (this.#ending) return;
    this.#ending = true;
    const beginS = this.#context.currentTime + LEAD_S;
    this.#gain.gain.setValueAtTime(1, beginS);
    this.#gain.gain.linearRampToValueAtTime(0, beginS + FADE_S);
    for (const node of this.#nodes) node.stop(beginS + FADE_S);
    if (this.#nodes.size === 0) this.#gain.disconnect();
  }

  #drop(node: AudioBufferSourceNode): void {
    node.disconnect();
    this.#nodes.delete(node);
    if (this.#ending && this.#nodes.size === 0) this.#gain.disconnect();
  }

  #nowFrame(): number {
    return Math.ceil((this.#context.currentTime + LEAD_S) * SAMPLE_RATE);
  }
}

function fadeIn(plane: Float32Array): void {
  const frames = Math.min(FADE_FRAMES, plane.length);
  for (let i = 0; i < frames; i++) plane[i] = plane[i]! * (i / FADE_FRAMES);
}
