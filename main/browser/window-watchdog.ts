const CHECK_MS = 1000;
/** A stage that was connected and is not for so long is not coming back by itself. */
const LOST_MS = 15_000;
/** A new window may take so long to load. */
const FIRST_MS = 60_000;

/**
 * Notices a window whose process lives while its page is dead: a crashed tab, a stage worker
 * that ended. Such a window is restarted; the outputs play the slate meanwhile.
 */
export class WindowWatchdog {
  private readonly isConnected: () => boolean;
  private readonly restart: () => void;
  private timer: NodeJS.Timeout | null = null;
  private silentMs = 0;
  private wasConnected = false;

  constructor(isConnected: () => boolean, restart: () => void) {
    this.isConnected = isConnected;
    this.restart = restart;
  }

  start(): void {
    this.timer ??= setInterval(() => this.check(), CHECK_MS);
  }

  stop(): void {
    if (this.timer) clearInterval(this.timer);
    this.timer = null;
  }

  private check(): void {
    if (this.isConnected()) {
      this.wasConnected = true;
      this.silentMs = 0;
      return;
    }
    // Counted in checks: a machine that slept wakes to one late check, not to a lost window.
    this.silentMs += CHECK_MS;
    if (this.silentMs <= (this.wasConnected ? LOST_MS : FIRST_MS)) return;
    this.silentMs = 0;
    this.wasConnected = false;
    this.restart();
  }
}
