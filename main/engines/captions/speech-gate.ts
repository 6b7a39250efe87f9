/** Sound whose samples all stay below −60 dB of full scale is silence. */
const AUDIBLE_PEAK = 0.001;
/** Speech lifts the mean of the log energies by so much above the floor: 3.5 dB. */
const RISE = 0.8;
/** Frames (10 ms) that the level is the mean of. */
const SMOOTHED = 10;
/** The floor is the lowest level of so many frames, 3 s, kept in blocks. */
const BLOCK = 30;
const BLOCKS = 10;

/**
 * Tells where something could be speech [C9]: not in silence, nor in sound that goes on evenly,
 * such as a fan, rain or a tone. Its level is held against the lowest of the last 3 s (the idea
 * of Martin's minimum statistics, 2001); before those have passed everything audible could be.
 */
export class SpeechGate {
  readonly #recent = new Float64Array(SMOOTHED);
  #sum = 0;
  readonly #lowest = new Float64Array(BLOCKS).fill(-Infinity);
  #block = Infinity;
  #count = 0;

  /**
   * @param frame log energies of one feature frame.
   * @param peak largest absolute sample that came with it.
   */
  push(frame: Float32Array, peak: number): boolean {
    let mean = 0;
    for (const energy of frame) mean += energy / frame.length;
    const place = this.#count % SMOOTHED;
    this.#sum += mean - this.#recent[place]!;
    this.#recent[place] = mean;
    this.#count++;
    const level = this.#sum / Math.min(this.#count, SMOOTHED);
    this.#block = Math.min(this.#block, level);
    let floor = this.#block;
    for (const lowest of this.#lowest) floor = Math.min(floor, lowest);
    if (this.#count % BLOCK === 0) {
      this.#lowest[(this.#count / BLOCK) % BLOCKS] = this.#block;
      this.#block = Infinity;
    }
    return peak >= AUDIBLE_PEAK && level - floor >= RISE;
  }
}
