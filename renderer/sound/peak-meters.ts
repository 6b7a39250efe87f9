/** Highest absolute samples since the last reading, of the mix and of each named strip. */
export class PeakMeters {
  /** By input: 0 is the mix, 1… are strips; null is not metered. */
  readonly #names: (string | null)[] = ['mix'];
  readonly #peaks: number[] = [0];

  /** Gives input `slot` a strip's name, or frees it. */
  name(slot: number, stripId: string | null): void {
    while (this.#names.length <= slot) {
      this.#names.push(null);
      this.#peaks.push(0);
    }
    this.#names[slot] = stripId;
    this.#peaks[slot] = 0;
  }

  measureMix(left: Float32Array, right: Float32Array): void {
    this.#raise(0, left);
    this.#raise(0, right);
  }

  /** Measures inputs 1… ; an input without sound has no channels. */
  measureStrips(inputs: readonly (readonly Float32Array[])[]): void {
    for (let slot = 1; slot < this.#names.length; slot++) {
      const input = inputs[slot];
      if (this.#names[slot] === null || !input) continue;
      for (let channel = 0; channel < input.length; channel++) this.#raise(slot, input[channel]!);
    }
  }

  /** Linear peaks by name; begins a new period. */
  take(): Record<string, number> {
    const peaks: Record<string, number> = {};
    for (let slot = 0; slot < this.#names.length; slot++) {
      const name = this.#names[slot];
      if (name !== null && name !== undefined) peaks[name] = this.#peaks[slot]!;
      this.#peaks[slot] = 0;
    }
    return peaks;
  }

  #raise(slot: number, samples: Float32Array): void {
    let peak = this.#peaks[slot]!;
    for (let i = 0; i < samples.length; i++) {
      const size = Math.abs(samples[i]!);
      if (size > peak) peak = size;
    }
    this.#peaks[slot] = peak;
  }
}
