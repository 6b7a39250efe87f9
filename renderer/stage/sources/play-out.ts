/** A picture that came ahead of its time, by stream time in microseconds. */
export type Ahead<T> = { streamUs: number; item: T };

/** Playing begins, and begins again after a drought, when this much is there. */
const PRIMED_US = 250_000;
/** The stream's clock never runs slower than this share of time, nor faster than its own rate. */
const SLOWEST = 0.25;
/** With less than this ahead the clock slows down, so that pictures come late rather than in jerks. */
const COMFORT_US = 350_000;
/** Nobody looked for longer than this: the stream goes on where it stood. */
const LONGEST_STEP_US = 100_000;

/**
 * Plays pictures that arrive in bursts, ahead of time, at an even pace: the stream's own clock
 * runs with the programme's while enough lies ahead, slower while the maker is behind, and stands
 * when there is nothing. Bounded: what lies ahead is what was asked for.
 */
export class PlayOut<T> {
  #queue: Ahead<T>[] = [];
  #shown: Ahead<T> | null = null;
  #clockUs = 0;
  #lastTickUs: number | null = null;
  #primed = false;

  /** Stream time of the picture that was shown last; 0 before any. */
  get shownUs(): number {
    return this.#shown?.streamUs ?? 0;
  }

  /** Stream time that lies ahead of the clock. */
  get aheadUs(): number {
    const newest = this.#queue.at(-1)?.streamUs;
    return newest === undefined ? 0 : Math.max(0, newest - this.#clockUs);
  }

  /** Takes the next picture; one that is not later than the last is ignored. */
  push(streamUs: number, item: T): void {
    const last = this.#queue.at(-1)?.streamUs ?? this.#shown?.streamUs ?? -1;
    if (streamUs > last) this.#queue.push({ streamUs, item });
  }

  /** What is to be seen at this programme time: the newest picture that is due. */
  at(tickUs: number): T | null {
    const sinceUs = this.#lastTickUs === null ? 0 : Math.max(0, tickUs - this.#lastTickUs);
    const elapsedUs = Math.min(LONGEST_STEP_US, sinceUs);
    this.#lastTickUs = tickUs;
    if (!this.#primed) this.#prime();
    if (this.#primed) this.#advance(elapsedUs);
    return this.#shown?.item ?? null;
  }

  /** What lies ahead will not be followed by the rest: its maker is gone. What was shown stays, and so does the time. */
  interrupt(): void {
    this.#queue = [];
    this.#primed = false;
  }

  /** Nothing that came so far is to be seen: the stream was cut. */
  clear(): void {
    this.#queue = [];
    this.#shown = null;
    this.#clockUs = 0;
    this.#lastTickUs = null;
    this.#primed = false;
  }

  #prime(): void {
    const first = this.#queue[0];
    const newest = this.#queue.at(-1);
    if (!first || !newest || newest.streamUs - first.streamUs < PRIMED_US) return;
    this.#primed = true;
    this.#clockUs = Math.max(this.#clockUs, first.streamUs);
  }

  #advance(elapsedUs: number): void {
    const rate = Math.min(1, Math.max(SLOWEST, this.aheadUs / COMFORT_US));
    this.#clockUs += elapsedUs * rate;
    while (this.#queue.length > 0 && this.#queue[0]!.streamUs <= this.#clockUs)
      this.#shown = this.#queue.shift()!;
    if (this.#queue.length > 0) return;
    // Dry: the clock waits for the next picture instead of running past it.
    this.#clockUs = this.shownUs;
    this.#primed = false;
  }
}
