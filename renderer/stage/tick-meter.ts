import { RecentCount } from './recent-count';
import { SpreadWindow } from './spread';

/** Times ticks and counts drawn pictures, for the stage's statistics. */
export class TickMeter {
  readonly compositeMs = new SpreadWindow(150);
  readonly #drawn: RecentCount;

  constructor(nowMs: number) {
    this.#drawn = new RecentCount(nowMs);
  }

  /** A picture was composited in `ms`. */
  composited(ms: number): void {
    this.compositeMs.add(ms);
    this.#drawn.add();
  }

  /** Pictures a second in the last second. */
  readFps(nowMs: number): number {
    return this.#drawn.read(nowMs).perSecond;
  }
}
