import { SpreadWindow } from './spread';

/** Times ticks and counts drawn pictures, for the stage's statistics. */
export class TickMeter {
  readonly compositeMs = new SpreadWindow(150);
  #drawn = 0;
  #sinceMs: number;

  constructor(nowMs: number) {
    this.#sinceMs = nowMs;
  }

  /** A picture was composited in `ms`. */
  composited(ms: number): void {
    this.compositeMs.add(ms);
    this.#drawn += 1;
  }

  /** Seconds since the last call and pictures a second in them. */
  take(nowMs: number): { periodS: number; fps: number } {
    const periodS = (nowMs - this.#sinceMs) / 1000;
    const fps = periodS > 0 ? this.#drawn / periodS : 0;
    this.#sinceMs = nowMs;
    this.#drawn = 0;
    return { periodS, fps };
  }
}
