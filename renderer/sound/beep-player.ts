import { renderBeep } from './beep';
import type { Player } from './media-player';
import { SAMPLE_RATE, wholeSecondFrames } from './schedule';
import { Voice } from './voice';

const LEAD_FRAMES = SAMPLE_RATE / 20;
const LOOKAHEAD_FRAMES = 2 * SAMPLE_RATE;

/** Beeps at every whole programme second, beginning on the very sample. */
export class BeepPlayer implements Player {
  readonly #context: BaseAudioContext;
  readonly #output: AudioNode;
  readonly #beep = renderBeep();
  #anchorUs: number | null = null;
  #voice: Voice | null = null;
  #scheduledTo = 0;

  constructor(context: BaseAudioContext, output: AudioNode) {
    this.#context = context;
    this.#output = output;
  }

  /** Beeps by this anchor (programme time of sample 0, µs) from now on; null is silence. */
  follow(anchorUs: number | null): void {
    if (anchorUs === this.#anchorUs) return;
    this.#anchorUs = anchorUs;
    this.#endVoice();
    this.pump();
  }

  pump(): void {
    if (this.#anchorUs === null) return;
    const now = Math.ceil(this.#context.currentTime * SAMPLE_RATE);
    const from = Math.max(this.#scheduledTo, now + LEAD_FRAMES);
    const to = now + LOOKAHEAD_FRAMES;
    if (to <= from) return;
    this.#voice ??= new Voice(this.#context, this.#output, 1);
    for (const frame of wholeSecondFrames(this.#anchorUs, from, to))
      this.#voice.play(frame, [this.#beep.slice()], false);
    this.#scheduledTo = to;
  }

  dispose(): void {
    this.#anchorUs = null;
    this.#endVoice();
  }

  #endVoice(): void {
    this.#voice?.end();
    this.#voice = null;
    this.#scheduledTo = 0;
  }
}
