/**
 * The prompt as the model hears it, chunk by chunk [G8]: a cut reaches the new one with the
 * next chunk; a timed blend moves its embedding in a straight line from where it is now. A
 * newer prompt takes over wherever an older blend has got to.
 */
export class PromptFade {
  /** The embedding to run with; do not change. */
  readonly hidden: Float32Array;
  readonly #from: Float32Array;
  #target: Float32Array | null = null;
  #chunks = 0;
  #done = 0;

  /** `size`: numbers of an embedding. */
  constructor(size: number) {
    this.hidden = new Float32Array(size);
    this.#from = new Float32Array(size);
  }

  /** Whether a newer prompt is still on its way. */
  get underWay(): boolean {
    return this.#target !== null;
  }

  /** Is the new prompt at once: for a film that begins. */
  jump(target: Float32Array): void {
    this.hidden.set(target);
    this.#target = null;
  }

  /** Begins the way to a new prompt, over so many chunks (any number ≥ 0; up to 1 is a cut). */
  turnTo(target: Float32Array, chunks: number): void {
    this.#from.set(this.hidden);
    this.#target = target;
    this.#chunks = chunks;
    this.#done = 0;
  }

  /**
   * Moves on by one chunk.
   * @returns true when this chunk is the first that hears the new prompt alone: the memory
   * is to be written anew.
   */
  step(): boolean {
    if (!this.#target) return false;
    this.#done++;
    const weight = this.#done >= this.#chunks ? 1 : this.#done / this.#chunks;
    if (weight === 1) {
      this.jump(this.#target);
      return true;
    }
    const { hidden } = this;
    for (let i = 0; i < hidden.length; i++) {
      hidden[i] = this.#from[i]! + weight * (this.#target[i]! - this.#from[i]!);
    }
    return false;
  }
}
