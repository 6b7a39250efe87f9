/**
 * Streams that may wait for their first settings. They are few and short: the rest are of
 * layers that are gone, whose last pictures came late, and the oldest of them is let go.
 */
export const MAX_UNSETTLED = 16;

/** Epoch of a stream without settings: older than all. */
const UNSETTLED = -1;

type Slot<T> = { epoch: number; waiting: { epoch: number; item: T } | null };

/**
 * The live edge before an engine: one place per stream, where the newest item replaces a
 * waiting one. Streams take turns. An item of an older epoch than its stream's is dropped;
 * one of a newer epoch waits until the stream's settings have reached that epoch, because
 * a result must be made with the settings of the epoch it carries. Every drop is counted.
 */
export class NewestWins<T> {
  /** Map order is the order of turns: a stream that was served goes to the end. */
  readonly #slots = new Map<number, Slot<T>>();
  readonly #onOutdated: (item: T) => void;
  #dropped = 0;

  /** `onOutdated` is told of each item that is dropped because its epoch is past. */
  constructor(onOutdated: (item: T) => void = () => {}) {
    this.#onOutdated = onOutdated;
  }

  /** Items that were replaced, out of date, or refused, since construction. */
  get dropped(): number {
    return this.#dropped;
  }

  /** Items that `take` would give out now. */
  get ready(): number {
    return [...this.#slots.values()].filter(({ epoch, waiting }) => waiting?.epoch === epoch).length;
  }

  /** Streams that have settings or a waiting item. */
  get streams(): number {
    return this.#slots.size;
  }

  /** Puts an item in its stream's place. */
  push(streamId: number, epoch: number, item: T): void {
    let slot = this.#slots.get(streamId);
    if (!slot) {
      this.#makeRoom();
      this.#slots.set(streamId, (slot = { epoch: UNSETTLED, waiting: null }));
    }
    if (epoch < slot.epoch) {
      this.#dropped++;
      this.#onOutdated(item);
      return;
    }
    if (slot.waiting) this.#dropped++;
    slot.waiting = { epoch, item };
  }

  /** The epoch of a stream's settings; an older waiting item is dropped, an equal one may now go. */
  setEpoch(streamId: number, epoch: number): void {
    const slot = this.#slots.get(streamId);
    if (!slot) {
      this.#slots.set(streamId, { epoch, waiting: null });
      return;
    }
    slot.epoch = epoch;
    const { waiting } = slot;
    if (waiting && waiting.epoch < epoch) {
      slot.waiting = null;
      this.#dropped++;
      this.#onOutdated(waiting.item);
    }
  }

  /** The waiting item of the next stream in turn that may go; null when none may. */
  take(): T | null {
    for (const [streamId, slot] of this.#slots) {
      const waiting = slot.waiting;
      if (!waiting || waiting.epoch !== slot.epoch) continue;
      slot.waiting = null;
      this.#slots.delete(streamId);
      this.#slots.set(streamId, slot);
      return waiting.item;
    }
    return null;
  }

  /** Counts an item that was taken and then lost to a newer epoch. */
  countDropped(): void {
    this.#dropped++;
  }

  /** Lets go of a stream: its place and its epoch. */
  forget(streamId: number): void {
    const slot = this.#slots.get(streamId);
    if (slot?.waiting) this.#dropped++;
    this.#slots.delete(streamId);
  }

  /** Drops the waiting items that `matches` picks. */
  dropWhere(matches: (item: T) => boolean): void {
    for (const slot of this.#slots.values()) {
      if (!slot.waiting || !matches(slot.waiting.item)) continue;
      slot.waiting = null;
      this.#dropped++;
    }
  }

  #makeRoom(): void {
    const unsettled = [...this.#slots].filter(([, slot]) => slot.epoch === UNSETTLED);
    const oldest = unsettled[0];
    if (oldest && unsettled.length >= MAX_UNSETTLED) this.forget(oldest[0]);
  }
}
