const FIRST_WAIT_MS = 300;
const LONGEST_WAIT_MS = 10_000;
/** A window that dies this often in a minute will not get better by opening it again. */
const MOST_PER_MINUTE = 8;

/** Opens a window that died again, after a wait that doubles while it keeps dying. */
export class Reopener {
  private readonly open: () => void;
  private readonly nowMs: () => number;
  private deaths: number[] = [];
  private timer: NodeJS.Timeout | null = null;

  constructor(open: () => void, nowMs: () => number = Date.now) {
    this.open = open;
    this.nowMs = nowMs;
  }

  /** Plans the next opening; false when it is given up, which it never is while `onAir`. */
  again(onAir = false): boolean {
    const now = this.nowMs();
    this.deaths = [...this.deaths.filter((at) => now - at < 60_000), now];
    if (!onAir && this.deaths.length > MOST_PER_MINUTE) return false;
    if (this.timer) clearTimeout(this.timer);
    const waitMs = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** (this.deaths.length - 1));
    this.timer = setTimeout(this.open, waitMs);
    return true;
  }

  stop(): void {
    if (this.timer) clearTimeout(this.timer);
  }
}
