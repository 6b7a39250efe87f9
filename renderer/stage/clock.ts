/** The filter looks back this far: main bends its clock by up to 500 ppm, so older readings mislead. */
const WINDOW_MS = 10_000;
/** The fastest the mapping moves towards a new reading: 2 ms a second. */
const MAX_SLEW = 2000e-6;
/** A difference no drift explains: the other side's clock began anew. */
const STEP_US = 500_000;

type Reading = { atMs: number; rttMs: number; offsetUs: number };

/** Milliseconds on a clock that window and workers share. */
export type SharedMs = () => number;

/** `performance.timeOrigin + performance.now()`: the one clock that window and workers agree on. */
export function sharedMs(): number {
  return performance.timeOrigin + performance.now();
}

/**
 * Maps the renderer's clock to programme time, programmeUs = sharedMs × 1000 + offset.
 * Each ping gives a reading of the offset, wrong by at most half its round trip; the one
 * with the shortest trip in the window is believed (Cristian, 1989) and approached slowly,
 * so that programme time never jumps and never runs backwards. Only when main's own clock
 * began anew (a difference of more than 0.5 s) the mapping steps.
 */
export class ProgrammeTime {
  readonly #now: SharedMs;
  #readings: Reading[] = [];
  #offsetUs: number | null = null;
  #targetUs = 0;
  #slewedAtMs = 0;
  #lastUs = 0;
  #steps = 0;

  constructor(now: SharedMs = sharedMs) {
    this.#now = now;
  }

  /** Whether a ping was ever answered. */
  get locked(): boolean {
    return this.#offsetUs !== null;
  }

  /** How often the mapping stepped because main's clock began anew. */
  get steps(): number {
    return this.#steps;
  }

  /** Present offset in µs; see `StageToWindow` `clock`. */
  get offsetUs(): number {
    this.#slew(this.#now());
    return this.#offsetUs ?? 0;
  }

  /** Takes an answered ping: sent at `sentMs` (shared clock), main's time `mainUs`, answered now. */
  reading(sentMs: number, mainUs: number): void {
    const atMs = this.#now();
    const rttMs = atMs - sentMs;
    if (!Number.isFinite(rttMs) || !Number.isFinite(mainUs) || rttMs < 0) return;
    const offsetUs = mainUs - ((sentMs + atMs) / 2) * 1000;
    this.#slew(atMs);
    const surprise = this.#offsetUs === null ? 0 : Math.abs(offsetUs - this.#offsetUs);
    if (this.#offsetUs !== null && surprise > STEP_US + rttMs * 500) this.#startOver();
    this.#readings = this.#readings.filter((reading) => atMs - reading.atMs <= WINDOW_MS);
    this.#readings.push({ atMs, rttMs, offsetUs });
    const best = this.#readings.reduce((a, b) => (b.rttMs <= a.rttMs ? b : a));
    this.#targetUs = best.offsetUs;
    if (this.#offsetUs !== null) return;
    this.#offsetUs = best.offsetUs;
    this.#slewedAtMs = atMs;
  }

  /** Programme time in µs; 0 before the first reading. */
  nowUs(): number {
    const nowMs = this.#now();
    this.#slew(nowMs);
    if (this.#offsetUs === null) return 0;
    this.#lastUs = Math.max(this.#lastUs, nowMs * 1000 + this.#offsetUs);
    return this.#lastUs;
  }

  #startOver(): void {
    this.#readings = [];
    this.#offsetUs = null;
    this.#lastUs = 0;
    this.#steps += 1;
  }

  #slew(nowMs: number): void {
    if (this.#offsetUs === null) return;
    const mostUs = Math.max(0, nowMs - this.#slewedAtMs) * 1000 * MAX_SLEW;
    const missingUs = this.#targetUs - this.#offsetUs;
    this.#offsetUs += Math.max(-mostUs, Math.min(mostUs, missingUs));
    this.#slewedAtMs = nowMs;
  }
}
