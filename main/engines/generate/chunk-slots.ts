/**
 * Which chunks are remembered and where (window and sink, LongLive) [G4]: the first
 * `sinkChunks` ever made keep their slots; each later one takes the slot of the oldest that
 * is no sink. A chunk stays in its slot, so nothing is ever moved; what changes is the order.
 */
export class ChunkSlots {
  readonly #sinkChunks: number;
  readonly #recentChunks: number;
  #made = 0;

  /** `sinkChunks` may be 0; `recentChunks` is at least 1. */
  constructor(sinkChunks: number, recentChunks: number) {
    if (recentChunks < 1)
      throw new Error(`A window must keep at least one recent chunk, got ${recentChunks}.`);
    this.#sinkChunks = sinkChunks;
    this.#recentChunks = recentChunks;
  }

  /** Slots there are. */
  get capacity(): number {
    return this.#sinkChunks + this.#recentChunks;
  }

  /** Chunks taken since the last `clear`. */
  get made(): number {
    return this.#made;
  }

  /** The slot that the next chunk takes. */
  get next(): number {
    return this.#slotOf(this.#made);
  }

  /** Equal for equal orders: bounded in number, however long it runs. */
  get orderKey(): number {
    const { capacity } = this;
    if (this.#made <= capacity) return this.#made;
    return capacity + ((this.#made - capacity) % this.#recentChunks);
  }

  /** Takes the next chunk: it is now the newest one remembered. */
  push(): void {
    this.#made++;
  }

  clear(): void {
    this.#made = 0;
  }

  /** Slots in the order of their chunks, the oldest first. */
  inOrder(): number[] {
    const sinks = Math.min(this.#sinkChunks, this.#made);
    const firstRecent = Math.max(sinks, this.#made - this.#recentChunks);
    const slots = Array.from({ length: sinks }, (_, i) => i);
    for (let chunk = firstRecent; chunk < this.#made; chunk++) slots.push(this.#slotOf(chunk));
    return slots;
  }

  #slotOf(chunk: number): number {
    if (chunk < this.#sinkChunks) return chunk;
    return this.#sinkChunks + ((chunk - this.#sinkChunks) % this.#recentChunks);
  }
}
