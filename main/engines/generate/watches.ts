import type { ToEngineSocketText } from '../../../contract/engine';
import type { Peer } from '../runtime/stage-socket';

/** A watch that was not renewed for this long is over. */
export const WATCH_LAPSE_MS = 3000;
/** Watches that are kept at most; beyond, the one renewed longest ago is let go. */
export const MAX_WATCHES = 256;

type Watch = {
  peer: Peer;
  streamId: number;
  epoch: number;
  /** Where the stream was when this watch of this epoch began. */
  baseUs: number;
  shownUs: number;
  aheadUs: number;
  atMs: number;
};

/** Those who watch a stream, and up to which stream time pictures are wanted. */
export type Watched = { peers: Peer[]; shownUs: number; limitUs: number };

/** Who wants the pictures of which stream, and how far they are [G13]. */
export class Watches {
  readonly #now: () => number;
  /** Oldest renewal first. */
  readonly #watches: Watch[] = [];

  /** `now`: a monotonic clock in milliseconds. */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** Watches that have not lapsed. */
  get size(): number {
    this.#forgetLapsed();
    return this.#watches.length;
  }

  /** Takes a text of a stage; `madeUs` is where its stream is in that epoch, 0 before it began. */
  take(text: ToEngineSocketText, peer: Peer, madeUs: number): void {
    const { streamId, epoch, shownUs, aheadUs } = text;
    const known = this.#remove((watch) => watch.peer === peer && watch.streamId === streamId);
    if (!text.watching) return;
    this.#forgetLapsed();
    if (this.#watches.length >= MAX_WATCHES) this.#watches.shift();
    const baseUs = known?.epoch === epoch ? known.baseUs : madeUs;
    this.#watches.push({ peer, streamId, epoch, baseUs, shownUs, aheadUs, atMs: this.#now() });
  }

  /** A stage is gone. */
  leave(peer: Peer): void {
    while (this.#remove((watch) => watch.peer === peer));
  }

  /**
   * Who watches a stream in an epoch; null when nobody does. A stage that has shown nothing
   * yet (0) is as far as the stream was when it came, or it would wait for what is gone.
   */
  of(streamId: number, epoch: number): Watched | null {
    this.#forgetLapsed();
    const watches = this.#watches.filter((watch) => watch.streamId === streamId && watch.epoch === epoch);
    if (watches.length === 0) return null;
    const shown = watches.map((watch) => (watch.shownUs === 0 ? watch.baseUs : watch.shownUs));
    return {
      peers: watches.map((watch) => watch.peer),
      shownUs: Math.max(...shown),
      limitUs: Math.max(...watches.map(({ aheadUs }, i) => shown[i]! + aheadUs)),
    };
  }

  #remove(matches: (watch: Watch) => boolean): Watch | undefined {
    const at = this.#watches.findIndex(matches);
    return at < 0 ? undefined : this.#watches.splice(at, 1)[0];
  }

  #forgetLapsed(): void {
    const oldestMs = this.#now() - WATCH_LAPSE_MS;
    while (this.#watches[0] && this.#watches[0].atMs < oldestMs) this.#watches.shift();
  }
}
