/** Pictures that an engine may have at once: one in work, one waiting for it. */
export const ENGINE_CREDITS = 2;
/** An answer that takes longer than this is not waited for any more. */
const LOST_AFTER_US = 4_000_000;

type InFlight = { captureUs: number; sentUs: number };

/**
 * Lets at most `limit` pictures be under way to an engine. Of those that must wait only the
 * newest is kept; what it replaces is dropped and counted. An answer settles every picture
 * up to its capture time, because an engine answers in order and may leave pictures out.
 */
export class CreditQueue<Item> {
  #limit: number;
  #inFlight: InFlight[] = [];
  #waiting: Item | null = null;
  #dropped = 0;

  constructor(limit: number = ENGINE_CREDITS) {
    this.#limit = limit;
  }

  /** Lets so many be under way from now on. */
  set limit(limit: number) {
    this.#limit = limit;
  }

  /** Pictures that were superseded or never answered. */
  get dropped(): number {
    return this.#dropped;
  }

  get inFlight(): number {
    return this.#inFlight.length;
  }

  /** When the oldest unanswered picture was sent, µs; null when none is under way. */
  get oldestSentUs(): number | null {
    return this.#inFlight[0]?.sentUs ?? null;
  }

  /** Hands in the newest picture. */
  offer(item: Item): void {
    if (this.#waiting !== null) this.#dropped += 1;
    this.#waiting = item;
  }

  /** The picture to send now; null when there is none or no credit is left. */
  take(): Item | null {
    if (this.#inFlight.length >= this.#limit) return null;
    const item = this.#waiting;
    this.#waiting = null;
    return item;
  }

  /** A picture that was taken is on its way. */
  sent(captureUs: number, nowUs: number): void {
    this.#inFlight.push({ captureUs, sentUs: nowUs });
  }

  /**
   * An answer to the picture of `captureUs` came: what is older was left out by the engine.
   * @param made false when the answer says that this picture was left out, too.
   */
  answered(captureUs: number, made = true): void {
    const settled = this.#inFlight.filter((picture) => picture.captureUs <= captureUs).length;
    this.#dropped += Math.max(0, made ? settled - 1 : settled);
    this.#inFlight = this.#inFlight.filter((picture) => picture.captureUs > captureUs);
  }

  /** Gives up on pictures that were sent too long ago. */
  expire(nowUs: number): void {
    const before = this.#inFlight.length;
    this.#inFlight = this.#inFlight.filter((picture) => nowUs - picture.sentUs < LOST_AFTER_US);
    this.#dropped += before - this.#inFlight.length;
  }

  /** The connection is gone, and with it all that was under way. */
  reset(): void {
    this.#dropped += this.#inFlight.length + (this.#waiting === null ? 0 : 1);
    this.#inFlight = [];
    this.#waiting = null;
  }
}
