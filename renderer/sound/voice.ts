import { SAMPLE_RATE } from './schedule';
import { VOICE_PROCESSOR, type WindowToVoice } from './voice-messages';
import workletUrl from './voice-worklet?worker&url';

/** Sounds that are entered in the middle are faded in over 5 ms. */
const FADE_FRAMES = SAMPLE_RATE / 200;
/** The sound thread may be ahead of the window's clock by an output buffer. */
const LEAD_S = 0.03;

/** Makes voices possible in a context; rejects when the worklet cannot be loaded. */
export function loadVoices(context: BaseAudioContext): Promise<void> {
  return context.audioWorklet.addModule(workletUrl);
}

/** One uninterrupted performance of a recorded sound; a seek or a pause ends it and begins another. */
export class Voice {
  readonly #context: BaseAudioContext;
  readonly #node: AudioWorkletNode;
  #nextFrame = -1;
  #ending = false;

  /** `channels` is what every piece will have; `loadVoices` must have come first. */
  constructor(context: BaseAudioContext, output: AudioNode, channels: number) {
    this.#context = context;
    this.#node = new AudioWorkletNode(context, VOICE_PROCESSOR, {
      numberOfInputs: 0,
      outputChannelCount: [channels],
    });
    this.#node.connect(output);
    this.#node.port.onmessage = () => this.#node.disconnect();
  }

  /**
   * Plays planar 48 kHz samples (given away) from sample `frame` of the sound clock on. What is
   * already past is left out. Pieces that follow each other join without a seam; after a hole, or
   * when the sound is entered in its middle (`midway`), the first milliseconds are faded in.
   */
  play(frame: number, planes: Float32Array<ArrayBuffer>[], midway: boolean): void {
    const length = planes[0]?.length ?? 0;
    const lateFrames = Math.max(0, this.#nowFrame() - frame);
    if (this.#ending || length <= lateFrames) return;
    if (frame !== this.#nextFrame && (midway || lateFrames > 0)) {
      for (const plane of planes) fadeIn(plane, lateFrames);
    }
    this.#nextFrame = frame + length;
    this.#tell(
      { type: 'play', frame, planes },
      planes.map((plane) => plane.buffer),
    );
  }

  /** Fades out and lets go of the graph. */
  end(): void {
    if (this.#ending) return;
    this.#ending = true;
    this.#tell({ type: 'end' });
  }

  #nowFrame(): number {
    return Math.ceil((this.#context.currentTime + LEAD_S) * SAMPLE_RATE);
  }

  #tell(message: WindowToVoice, transfer: Transferable[] = []): void {
    this.#node.port.postMessage(message, transfer);
  }
}

/** Silences what comes before `from` and raises what follows. */
function fadeIn(plane: Float32Array, from: number): void {
  const to = Math.min(from + FADE_FRAMES, plane.length);
  plane.fill(0, 0, from);
  for (let i = from; i < to; i++) plane[i] = plane[i]! * ((i - from) / FADE_FRAMES);
}
