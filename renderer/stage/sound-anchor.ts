/** Sample rate of the programme's sound. */
export const SOUND_RATE = 48_000;
/** The envelope looks back this many blocks (10 ms each). */
const WINDOW_BLOCKS = 200;
/** Blocks before the first anchor: one late message must not set it. */
const SETTLE_BLOCKS = 25;
/** The anchor moves only when it is wrong by more than this. */
const JUMP_US = 40_000;
/** A pause between messages after which older readings say nothing about the present. */
const PAUSE_US = 250_000;

/** Microseconds that `frames` samples last. */
export function framesUs(frames: number): number {
  return (frames * 1e6) / SOUND_RATE;
}

/**
 * Programme time of sample 0 of the sound clock. A block arrives when it was mixed, plus a
 * delay that is never negative; so the lower envelope of (arrival − time of the block's end)
 * over the last seconds is the sound clock's own line. Once found the anchor stays, so that
 * timestamps are exactly as even as the samples, until it is off by more than 40 ms: the
 * device slept, or was replaced.
 */
export class SoundAnchor {
  readonly #estimates: number[] = [];
  #anchorUs: number | null = null;
  #nextFrame: number | null = null;
  #lastArrivalUs = 0;
  #jumps = 0;

  /** Programme time of sample 0, µs; null until it is known. */
  get anchorUs(): number | null {
    return this.#anchorUs;
  }

  /** How often the anchor moved after it was first found. */
  get jumps(): number {
    return this.#jumps;
  }

  /** The envelope at present, µs: where sample 0 seems to be now; null until there are enough blocks. */
  get measuredUs(): number | null {
    if (this.#estimates.length < SETTLE_BLOCKS) return null;
    return this.#estimates.reduce((least, value) => Math.min(least, value), Number.POSITIVE_INFINITY);
  }

  /** Programme time of a sample by the present anchor, µs. */
  timeUs(frame: number): number | null {
    return this.#anchorUs === null ? null : this.#anchorUs + framesUs(frame);
  }

  /**
   * Takes the arrival of a block.
   * @returns whether the anchor was found or moved.
   */
  block(frame: number, count: number, arrivalUs: number): boolean {
    const paused = arrivalUs - this.#lastArrivalUs > PAUSE_US || arrivalUs < this.#lastArrivalUs;
    const broken = this.#nextFrame !== null && frame < this.#nextFrame;
    if (paused || broken) this.#estimates.length = 0;
    this.#nextFrame = frame + count;
    this.#lastArrivalUs = arrivalUs;
    this.#estimates.push(arrivalUs - framesUs(frame + count));
    if (this.#estimates.length > WINDOW_BLOCKS) this.#estimates.shift();
    return this.#follow();
  }

  #follow(): boolean {
    const measured = this.measuredUs;
    if (measured === null) return false;
    if (this.#anchorUs !== null && Math.abs(measured - this.#anchorUs) <= JUMP_US) return false;
    if (this.#anchorUs !== null) this.#jumps += 1;
    this.#anchorUs = measured;
    return true;
  }
}
