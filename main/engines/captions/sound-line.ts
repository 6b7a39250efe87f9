/** Samples a microsecond. */
const RATE_PER_US = 0.048;
/** A smaller difference between promised and real capture time is the clock's own unrest. */
const TOLERANCE_US = 5000;
/** A longer gap is a pause: it is not filled. */
const LONGEST_FILL_US = 5_000_000;
/** When this much sound in a row came for a time already heard, the clock itself went back. */
const LONGEST_OVERLAP_US = 1_000_000;

type Anchor = { sample: number; us: number };

/**
 * One unbroken line of mono samples at 48 kHz out of pieces that say when they were captured
 * [C2]: gaps become silence, what comes twice is left out, and every sample knows its
 * programme time.
 */
export class SoundLine {
  readonly #sink: (samples: Float32Array) => void;
  #anchors: Anchor[] = [];
  #count = 0;
  /** Silence put in for a `rest`, in samples: it stands for the start of the gap that follows. */
  #rested = 0;
  #overlapUs = 0;
  #dropped = 0;

  constructor(sink: (samples: Float32Array) => void) {
    this.#sink = sink;
  }

  /** Programme time up to which sound was heard; null before any. */
  get heardUs(): number | null {
    return this.#anchors.length === 0 ? null : this.timeOf(this.#count - this.#rested);
  }

  /** Samples that were left out because they came twice. */
  get dropped(): number {
    return this.#dropped;
  }

  /** @param captureUs programme time of the first sample. */
  push(captureUs: number, samples: Float32Array): void {
    const heardUs = this.heardUs;
    const leadUs = heardUs === null ? 0 : captureUs - heardUs;
    if (heardUs === null) this.#anchor(captureUs);
    else if (leadUs < -TOLERANCE_US && this.#rested === 0) {
      const late = Math.min(samples.length, Math.round(-leadUs * RATE_PER_US));
      this.#overlapUs += late / RATE_PER_US;
      if (this.#overlapUs <= LONGEST_OVERLAP_US) {
        this.#dropped += late;
        if (late < samples.length) this.#give(samples.subarray(late));
        return;
      }
      this.#anchor(captureUs);
    } else {
      if (leadUs > TOLERANCE_US && leadUs <= LONGEST_FILL_US) {
        const missing = Math.round(leadUs * RATE_PER_US) - this.#rested;
        if (missing > 0) this.#give(new Float32Array(missing));
      }
      // The silence of a rest that is not yet heard belongs right before what comes now.
      if (this.#rested > 0) this.#anchors = [];
      this.#anchor(captureUs);
    }
    this.#rested = 0;
    this.#overlapUs = 0;
    this.#give(samples);
  }

  /** The sound has stopped: silence, so that what was said last is heard out. */
  rest(seconds: number): void {
    const samples = Math.round(seconds * 48_000);
    this.#rested += samples;
    this.#give(new Float32Array(samples));
  }

  /** Programme time of a sample by its number since the start, while it was not forgotten. */
  timeOf(sample: number): number {
    let at = 0;
    while (at + 1 < this.#anchors.length && this.#anchors[at + 1]!.sample <= sample) at++;
    const { sample: from, us } = this.#anchors[at]!;
    return Math.max(0, us + (sample - from) / RATE_PER_US);
  }

  /** Forgets the times of samples before this one. */
  forgetBefore(sample: number): void {
    const first = this.#anchors.findLastIndex((anchor) => anchor.sample <= sample);
    if (first > 0) this.#anchors.splice(0, first);
  }

  #anchor(us: number): void {
    const last = this.#anchors.at(-1);
    if (last && Math.abs(last.us + (this.#count - last.sample) / RATE_PER_US - us) < 1) return;
    if (last?.sample === this.#count) last.us = us;
    else this.#anchors.push({ sample: this.#count, us });
  }

  #give(samples: Float32Array): void {
    this.#count += samples.length;
    this.#sink(samples);
  }
}
