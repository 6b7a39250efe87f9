/** Pieces of one stream that may wait; the oldest gives way. */
export const MAX_WAITING = 4;
/** Streams without settings whose pieces may wait. */
const MAX_UNSETTLED = 16;
/** Epoch of a stream without settings. */
const UNSETTLED = -1;

/** A piece of sound that waits; times are of a monotonic clock in milliseconds. */
export type Waiting = { streamId: number; epoch: number; deadlineMs: number };

type Line<T> = { epoch: number; waiting: T[] };

/**
 * The live edge before the binaural engine [B14]: pieces of a stream keep their order; among
 * streams the piece whose deadline comes first goes first. What is past its deadline, of a past
 * epoch, or too many is dropped and counted; a piece of a newer epoch waits for its settings.
 */
export class ChunkQueue<T extends Waiting> {
  readonly #lines = new Map<number, Line<T>>();
  #dropped = 0;

  /** Pieces that were dropped since construction. */
  get dropped(): number {
    return this.#dropped;
  }

  /** Adds a piece behind its stream's others. */
  push(item: T): void {
    let line = this.#lines.get(item.streamId);
    if (!line) {
      this.#makeRoom();
      this.#lines.set(item.streamId, (line = { epoch: UNSETTLED, waiting: [] }));
    }
    if (item.epoch < line.epoch) {
      this.#dropped++;
      return;
    }
    line.waiting.push(item);
    if (line.waiting.length > MAX_WAITING) {
      line.waiting.shift();
      this.#dropped++;
    }
  }

  /** The epoch of a stream's settings; what is older is dropped. */
  setEpoch(streamId: number, epoch: number): void {
    const line = this.#lines.get(streamId);
    if (!line) this.#lines.set(streamId, { epoch, waiting: [] });
    else {
      line.epoch = epoch;
      this.#keep(line, (item) => item.epoch >= epoch);
    }
  }

  /** The piece with the earliest deadline that can still be met; null when none waits. */
  take(nowMs: number): T | null {
    let best: Line<T> | null = null;
    for (const line of this.#lines.values()) {
      this.#keep(line, (item) => item.deadlineMs >= nowMs);
      const head = line.waiting[0];
      if (!head || head.epoch !== line.epoch) continue;
      if (!best || head.deadlineMs < best.waiting[0]!.deadlineMs) best = line;
    }
    return best?.waiting.shift() ?? null;
  }

  /** Counts a piece that was taken and then lost. */
  countDropped(): void {
    this.#dropped++;
  }

  /** Lets go of a stream. */
  forget(streamId: number): void {
    this.#dropped += this.#lines.get(streamId)?.waiting.length ?? 0;
    this.#lines.delete(streamId);
  }

  /** Drops the pieces that `matches` picks. */
  dropWhere(matches: (item: T) => boolean): void {
    for (const line of this.#lines.values()) this.#keep(line, (item) => !matches(item));
  }

  #keep(line: Line<T>, wanted: (item: T) => boolean): void {
    const kept = line.waiting.filter(wanted);
    this.#dropped += line.waiting.length - kept.length;
    line.waiting = kept;
  }

  #makeRoom(): void {
    const unsettled = [...this.#lines].filter(([, line]) => line.epoch === UNSETTLED);
    const oldest = unsettled[0];
    if (oldest && unsettled.length >= MAX_UNSETTLED) this.forget(oldest[0]);
  }
}
