/** What quitting needs to know and do. */
export type QuitSteps = {
  isOnAir: () => boolean;
  /** Asks "You are on air. Quit?"; resolves true only when the user said so. */
  confirm: () => Promise<boolean>;
  /** Stops outputs in order; may take seconds. */
  stop: () => Promise<void>;
  /** Ends the application at once. */
  exit: () => void;
};

/** The one way out of the application; while on air it asks first. */
export class QuitGuard {
  readonly #steps: QuitSteps;
  #state: 'running' | 'asking' | 'stopping' | 'stopped' = 'running';

  constructor(steps: QuitSteps) {
    this.#steps = steps;
  }

  /** Whether everything is stopped and the application may go. */
  get mayQuit(): boolean {
    return this.#state === 'stopped';
  }

  /** The user wants to quit: asks while on air; a second wish while asking changes nothing. */
  async request(): Promise<void> {
    if (this.#state !== 'running') return;
    if (this.#steps.isOnAir()) {
      this.#state = 'asking';
      const isConfirmed = await this.#steps.confirm().catch(() => false);
      // a shutdown may have come while the question stood: what it began goes on
      if (this.#state !== 'asking') return;
      this.#state = 'running';
      if (!isConfirmed) return;
    }
    await this.now();
  }

  /** Quits without asking: the system shuts down, or the user has confirmed. */
  async now(): Promise<void> {
    if (this.#state === 'stopping' || this.#state === 'stopped') return;
    this.#state = 'stopping';
    try {
      await this.#steps.stop();
    } catch (error) {
      console.warn('The studio did not stop cleanly:', error);
    }
    this.#state = 'stopped';
    this.#steps.exit();
  }
}
