import type { FromStage, ToStage } from '../../contract/stage';
import { sharedMs, type ProgrammeTime } from './clock';

/** A burst at the start finds a short trip soon; then one a second. */
const BURST = 8;
const BURST_MS = 40;
const STEADY_MS = 1000;

/** Pings main and gives the answers to the clock. */
export class Pinger {
  readonly #time: ProgrammeTime;
  readonly #send: (message: FromStage) => void;
  #timer: ReturnType<typeof setTimeout> | null = null;
  #id = 0;
  /** Pings of an earlier connection have lower numbers than this; their answers are ignored. */
  #firstId = 0;
  #sent = 0;

  constructor(time: ProgrammeTime, send: (message: FromStage) => void) {
    this.#time = time;
    this.#send = send;
  }

  /** Begins with a burst; for each new connection. */
  start(): void {
    this.stop();
    this.#firstId = this.#id;
    this.#sent = 0;
    this.#ping();
  }

  stop(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }

  /** Takes an answer; false when it belongs to no ping of this connection. */
  pong({ id, sentMs, mainUs }: Extract<ToStage, { type: 'pong' }>): boolean {
    if (id < this.#firstId || id >= this.#id) return false;
    this.#time.reading(sentMs, mainUs);
    return true;
  }

  #ping(): void {
    this.#send({ type: 'ping', id: this.#id, sentMs: sharedMs() });
    this.#id += 1;
    this.#sent += 1;
    this.#timer = setTimeout(() => this.#ping(), this.#sent < BURST ? BURST_MS : STEADY_MS);
  }
}
