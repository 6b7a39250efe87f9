/** Speed is the mean of so long: steady enough to read, fresh enough to be true. */
const WINDOW_MS = 4000;

/** How fast something comes. */
export class TransferSpeed {
  readonly #now: () => number;
  #samples: { atMs: number; bytes: number }[] = [];
  #startMs: number;

  /** `now`: a monotonic clock in milliseconds. */
  constructor(now: () => number) {
    this.#now = now;
    this.#startMs = now();
  }

  came(bytes: number): void {
    const atMs = this.#now();
    this.#forget(atMs);
    if (this.#samples.length === 0) this.#startMs = atMs;
    const last = this.#samples.at(-1);
    // Thousands of pieces a second become a few samples.
    if (last && atMs - last.atMs < WINDOW_MS / 40) last.bytes += bytes;
    else this.#samples.push({ atMs, bytes });
  }

  /** Mean of the last four seconds; 0 while nothing came. */
  get bytesPerSecond(): number {
    const nowMs = this.#now();
    this.#forget(nowMs);
    const bytes = this.#samples.reduce((sum, sample) => sum + sample.bytes, 0);
    const ms = Math.min(WINDOW_MS, Math.max(500, nowMs - this.#startMs));
    return (1000 * bytes) / ms;
  }

  #forget(nowMs: number): void {
    this.#samples = this.#samples.filter(({ atMs }) => atMs > nowMs - WINDOW_MS);
  }
}
