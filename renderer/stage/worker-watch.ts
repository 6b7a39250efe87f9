const CHECK_MS = 1000;
/** Checks without a word after which the worker is taken for dead: it tells figures twice a second. */
const SILENT_CHECKS = 5;
/** The same before its first word: its code is loaded and graphics drivers are tried. */
const FIRST_CHECKS = 30;
/** The same after an uncaught error, which may have ended it; most do not. */
const DOUBTED_CHECKS = 2;

/**
 * Notices that a worker died or hangs. It counts checks, not time, so that a machine that
 * slept, where all timers stood still together, is not mistaken for a dead worker.
 */
export class WorkerWatch {
  readonly #died: () => void;
  readonly #timer: ReturnType<typeof setInterval>;
  #silent = 0;
  #patience = FIRST_CHECKS;

  /** @param died called when the worker is silent for about 5 s, and again each 5 s it stays so. */
  constructor(died: () => void) {
    this.#died = died;
    this.#timer = setInterval(() => this.#check(), CHECK_MS);
  }

  /** The worker said something. */
  heard(): void {
    this.#silent = 0;
    this.#patience = SILENT_CHECKS;
  }

  /** The worker threw: if it lives it will soon say something. */
  doubt(): void {
    this.#silent = 0;
    this.#patience = DOUBTED_CHECKS;
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #check(): void {
    this.#silent += 1;
    if (this.#silent < this.#patience) return;
    this.#silent = 0;
    this.#patience = SILENT_CHECKS;
    this.#died();
  }
}
