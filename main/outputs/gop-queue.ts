import { audioEndUs, type AudioPacket, type VideoPacket } from './packets';

/** What waits to be sent. */
export type QueueItem = { kind: 'video'; packet: VideoPacket } | { kind: 'audio'; packet: AudioPacket };

/** Longest span of time that waits, in microseconds. */
export const QUEUE_SPAN_US = 10_000_000;

/**
 * Packets on their way to a destination, at most 10 s of them. When it is full, everything up
 * to the next key frame goes, sound included: a decoder never sees half a GOP's references
 * missing, and what is sent is again close to now.
 */
export class GopQueue {
  readonly #spanUs: number;
  #items: QueueItem[] = [];
  #awaitingKey = false;
  readonly counters = { droppedFrames: 0, droppedGops: 0 };

  constructor(spanUs: number = QUEUE_SPAN_US) {
    this.#spanUs = spanUs;
  }

  get length(): number {
    return this.#items.length;
  }

  /** Whether a key frame is needed before anything can be sent again. */
  get awaitingKey(): boolean {
    return this.#awaitingKey;
  }

  push(item: QueueItem): void {
    if (this.#awaitingKey) {
      if (item.kind === 'audio' || !item.packet.key) {
        if (item.kind === 'video') this.counters.droppedFrames += 1;
        return;
      }
      this.#awaitingKey = false;
    }
    this.#items.push(item);
    while (this.#spanned() > this.#spanUs) this.#dropGop();
  }

  shift(): QueueItem | undefined {
    return this.#items.shift();
  }

  clear(): void {
    this.#items = [];
    this.#awaitingKey = false;
  }

  #spanned(): number {
    const first = this.#items[0];
    const last = this.#items.at(-1);
    return first === undefined || last === undefined ? 0 : endUs(last) - first.packet.timestampUs;
  }

  #dropGop(): void {
    const next = this.#items.findIndex(
      (item, index) => index > 0 && item.kind === 'video' && item.packet.key,
    );
    const end = next === -1 ? this.#items.length : next;
    const dropped = this.#items.slice(0, end);
    const frames = dropped.filter((item) => item.kind === 'video').length;
    this.counters.droppedFrames += frames;
    if (frames > 0) this.counters.droppedGops += 1;
    this.#items =
      next === -1 ? [] : this.#items.slice(next).filter((item) => startsAfter(item, this.#items[next]!));
    this.#awaitingKey = next === -1;
  }
}

/** Sound that belongs before the key frame is dropped with the pictures it belonged to. */
function startsAfter(item: QueueItem, key: QueueItem): boolean {
  return item.kind === 'video' || audioEndUs(item.packet) > key.packet.timestampUs;
}

function endUs(item: QueueItem): number {
  return item.kind === 'audio' ? audioEndUs(item.packet) : item.packet.timestampUs + item.packet.durationUs;
}
