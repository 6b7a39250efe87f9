import type { Spread } from '../../contract/stage';

/** The last durations of one kind, for percentiles. */
export class SpreadWindow {
  readonly #limit: number;
  readonly #values: number[] = [];
  #at = 0;

  /** @param limit how many of the newest values count. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Adds a duration in milliseconds; what is not a number of at least 0 is ignored. */
  add(valueMs: number): void {
    if (!Number.isFinite(valueMs) || valueMs < 0) return;
    this.#values[this.#at] = valueMs;
    this.#at = (this.#at + 1) % this.#limit;
  }

  /** Nearest-rank percentiles; zeros when nothing was measured. */
  read(): Spread {
    const sorted = [...this.#values].sort((a, b) => a - b);
    const rank = (part: number) => sorted[Math.max(0, Math.ceil(part * sorted.length) - 1)] ?? 0;
    return { p50: rank(0.5), p95: rank(0.95), n: sorted.length };
  }

  /** As `read`, null when nothing was measured. */
  readOrNull(): Spread | null {
    return this.#values.length === 0 ? null : this.read();
  }

  clear(): void {
    this.#values.length = 0;
    this.#at = 0;
  }
}
