import { BANDS } from './features';

/**
 * Feature frames that wait for the network, each with its programme time and whether it
 * could be speech. Reads windows that overlap; grows as far as `skipTo` lets it.
 */
export class FeatureQueue {
  #values = new Float32Array(256 * BANDS);
  #times = new Float64Array(256);
  #speech = new Uint8Array(256);
  #from = 0;
  #length = 0;

  get length(): number {
    return this.#length;
  }

  push(frame: Float32Array, timeUs: number, speech: boolean): void {
    this.#makeRoom();
    const at = this.#from + this.#length++;
    this.#values.set(frame, at * BANDS);
    this.#times[at] = timeUs;
    this.#speech[at] = Number(speech);
  }

  /** Programme time of the frame at a place of the queue. */
  timeUs(place: number): number {
    return this.#times[this.#from + place]!;
  }

  /** Gives the first `count` frames other times. */
  retime(count: number, timeOf: (place: number) => number): void {
    for (let i = 0; i < count; i++) this.#times[this.#from + i] = timeOf(i);
  }

  /** Place of the last of the first `count` frames that could be speech; −1 for none. */
  lastSpeech(count: number): number {
    for (let i = count - 1; i >= 0; i--) if (this.#speech[this.#from + i]) return i;
    return -1;
  }

  /** Writes the first `count` frames as [BANDS][count]. */
  readWindow(count: number, out: Float32Array): void {
    for (let i = 0; i < count; i++) {
      const at = (this.#from + i) * BANDS;
      for (let band = 0; band < BANDS; band++) out[band * count + i] = this.#values[at + band]!;
    }
  }

  /** Lets go of the first `count` frames. */
  drop(count: number): void {
    this.#from += count;
    this.#length -= count;
  }

  #makeRoom(): void {
    const capacity = this.#times.length;
    if (this.#from + this.#length < capacity) return;
    const size = this.#length * 2 > capacity ? capacity * 2 : capacity;
    const values = new Float32Array(size * BANDS);
    const times = new Float64Array(size);
    const speech = new Uint8Array(size);
    const end = this.#from + this.#length;
    values.set(this.#values.subarray(this.#from * BANDS, end * BANDS));
    times.set(this.#times.subarray(this.#from, end));
    speech.set(this.#speech.subarray(this.#from, end));
    [this.#values, this.#times, this.#speech, this.#from] = [values, times, speech, 0];
  }
}
