/** Pictures a second of the programme. */
export const TICKS_PER_SECOND = 30;
const TICK_US = 1e6 / TICKS_PER_SECOND;
/** A clock that went back this far began anew: the count follows it. */
const RELOCK_TICKS = TICKS_PER_SECOND;

/** Programme time of tick `index`, in whole µs. */
export function tickUs(index: number): number {
  return Math.round((index * 1e6) / TICKS_PER_SECOND);
}

/** The latest tick whose time has come at programme time `nowUs`. */
export function tickAt(nowUs: number): number {
  const index = Math.floor((nowUs * TICKS_PER_SECOND) / 1e6);
  return tickUs(index + 1) <= nowUs ? index + 1 : index;
}

/** What the ticker needs of its surroundings; tests give fakes. */
export type TickerTimers = {
  nowUs: () => number;
  setTimer: (callback: () => void, delayMs: number) => number;
  clearTimer: (id: number) => void;
};

/** Counts since start. */
export type TickCounts = { ticks: number; late: number; skipped: number };

/**
 * Calls `onTick` once for each tick of the programme clock. It counts by index and never
 * adds up delays, so it cannot drift; a tick that is more than half a frame late is
 * counted, and ticks that were missed altogether are left out, not caught up with.
 * Driven by a worker's timer: animation frames stop when the window is hidden.
 */
export class Ticker {
  readonly #timers: TickerTimers;
  readonly #onTick: (index: number) => Promise<void> | void;
  readonly #onError: (error: unknown) => void;
  #timer: number | null = null;
  #running = false;
  #next = 0;
  readonly #counts: TickCounts = { ticks: 0, late: 0, skipped: 0 };

  /** @param onError what a tick threw; the ticker goes on. */
  constructor(
    timers: TickerTimers,
    onTick: (index: number) => Promise<void> | void,
    onError: (error: unknown) => void,
  ) {
    this.#timers = timers;
    this.#onTick = onTick;
    this.#onError = onError;
  }

  get counts(): Readonly<TickCounts> {
    return this.#counts;
  }

  /** Begins with the next tick; calling it again changes nothing. */
  start(): void {
    if (this.#running) return;
    this.#running = true;
    this.#next = tickAt(this.#timers.nowUs()) + 1;
    this.#arm();
  }

  stop(): void {
    this.#running = false;
    if (this.#timer !== null) this.#timers.clearTimer(this.#timer);
    this.#timer = null;
  }

  #arm(): void {
    // A tick that was in work across `stop` and `start` must not make a second timer.
    if (!this.#running || this.#timer !== null) return;
    const delayMs = Math.max(0, (tickUs(this.#next) - this.#timers.nowUs()) / 1000);
    // A clock that stepped back must not leave the programme asleep until it catches up.
    const boundedMs = Math.min(delayMs, (2 * TICK_US) / 1000);
    this.#timer = this.#timers.setTimer(() => void this.#wake(), boundedMs);
  }

  async #wake(): Promise<void> {
    this.#timer = null;
    const nowUs = this.#timers.nowUs();
    const due = tickAt(nowUs);
    if (due < this.#next - RELOCK_TICKS) this.#next = due + 1;
    if (due < this.#next) return this.#arm();
    this.#counts.skipped += due - this.#next;
    if (nowUs - tickUs(due) > TICK_US / 2 || due > this.#next) this.#counts.late += 1;
    this.#counts.ticks += 1;
    this.#next = due + 1;
    try {
      await this.#onTick(due);
    } catch (error) {
      this.#onError(error);
    } finally {
      this.#arm();
    }
  }
}
