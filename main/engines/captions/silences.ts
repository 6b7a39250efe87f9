/** Sound whose samples stay below −48 dB of full scale begins no word: breath, hiss, a quiet room. */
const QUIET_PEAK = 0.004;
/** Silence shorter than this is the closing of a consonant, not a pause. */
const SHORTEST_FRAMES = 5;
/** Silences that are remembered; older ones lie before anything that is still decoded. */
const KEPT = 8;

type Silence = { fromUs: number; untilUs: number; frames: number };

/**
 * Where a stream was silent [C15]. A network with frames of 80 ms tells only roughly when a word began;
 * where silence went before it, the sound itself tells it to the frame of 10 ms.
 */
export class Silences {
  readonly #past: Silence[] = [];
  /** Before its first sample a stream was silent for ever. */
  #now: Silence | null = { fromUs: -Infinity, untilUs: Infinity, frames: SHORTEST_FRAMES };

  /** The next frame of the stream: its time, and the largest absolute sample that came with it. */
  push(timeUs: number, peak: number): void {
    if (peak < QUIET_PEAK) {
      this.#now ??= { fromUs: timeUs, untilUs: Infinity, frames: 0 };
      this.#now.frames++;
    } else if (this.#now) {
      const { fromUs, frames } = this.#now;
      if (frames >= SHORTEST_FRAMES) this.#past.push({ fromUs, untilUs: timeUs, frames });
      if (this.#past.length > KEPT) this.#past.shift();
      this.#now = null;
    }
  }

  /** A time that lies in silence moves to the silence's end, if that is not after `latestUs`. */
  soundFrom(timeUs: number, latestUs: number): number {
    const silence = this.#past.findLast(({ fromUs, untilUs }) => fromUs <= timeUs && timeUs < untilUs);
    return silence && silence.untilUs <= latestUs ? silence.untilUs : timeUs;
  }
}
