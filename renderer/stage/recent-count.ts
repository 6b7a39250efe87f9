const SPAN_MS = 1000;
/** A beat may come this much early and still count as a second after the one before the last. */
const SLACK_MS = 100;

/** What a counter gained lately. */
export type Recent = { count: number; perSecond: number };

/**
 * Counts what happens in the last second, read at a beat of a second or a part of it: a figure
 * that is renewed twice a second and yet stands for a whole one.
 */
export class RecentCount {
  #total = 0;
  readonly #readings: { atMs: number; total: number }[];

  /** @param nowMs since when is counted, `performance.now()`. */
  constructor(nowMs: number) {
    this.#readings = [{ atMs: nowMs, total: 0 }];
  }

  add(count = 1): void {
    this.#total += count;
  }

  /** What was added since the newest reading that is a second old, or since the beginning. */
  read(nowMs: number): Recent {
    const readings = this.#readings;
    readings.push({ atMs: nowMs, total: this.#total });
    while (readings.length > 2 && (readings[1]?.atMs ?? nowMs) <= nowMs - SPAN_MS + SLACK_MS)
      readings.shift();
    const base = readings[0] ?? { atMs: nowMs, total: this.#total };
    const count = this.#total - base.total;
    // Shortly after the beginning one event must not look like dozens a second.
    const periodS = Math.max(nowMs - base.atMs, SPAN_MS / 2) / 1000;
    return { count, perSecond: count / periodS };
  }
}
