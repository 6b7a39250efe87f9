/** How old the mix is: one change at a time may be on its way. Without allocation when asked. */
export class DelaySchedule {
  #before = 0;
  #after = 0;
  #fromFrame = Number.NEGATIVE_INFINITY;

  /** From a sample of the sound clock on, the mix is so many samples old. */
  change(frame: number, delayFrames: number): void {
    this.#before = this.at(frame - 1);
    this.#after = delayFrames;
    this.#fromFrame = frame;
  }

  /** Age of what is mixed at a sample, in samples. */
  at(frame: number): number {
    return frame >= this.#fromFrame ? this.#after : this.#before;
  }
}
