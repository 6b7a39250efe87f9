import { TAP_FRAMES } from './engine-link/link-messages';

/** Pieces on their way to the link worker and back; more means that nobody takes them. */
const MAX_PIECES = 16;

/** Takes a full mono piece (given away), numbered by its first sample. */
export type TapSink = (frame: number, samples: Float32Array<ArrayBuffer>) => void;

/**
 * Cuts one strip, or the mix, into mono pieces of 20 ms. Pieces go round: while none is free,
 * sound is left out. A hole in the numbers begins a new piece.
 */
export class TapPacker {
  readonly #sink: TapSink;
  readonly #free: Float32Array<ArrayBuffer>[] = [];
  #made = 0;
  #piece: Float32Array<ArrayBuffer> | null = null;
  #first = 0;
  #filled = 0;

  constructor(sink: TapSink) {
    this.#sink = sink;
  }

  /** Takes a piece back; wrong sizes are left to the collector. */
  recycle(samples: Float32Array<ArrayBuffer>): void {
    if (samples.length === TAP_FRAMES && this.#free.length < MAX_PIECES) this.#free.push(samples);
  }

  /** What was gathered so far is not sent: another strip is tapped from now on. */
  reset(): void {
    this.#filled = 0;
  }

  /** Adds a quantum whose first sample belongs to `frame`; `right` null means mono, `left` null silence. */
  push(frame: number, count: number, left: Float32Array | null, right: Float32Array | null): void {
    if (this.#filled > 0 && frame !== this.#first + this.#filled) this.#filled = 0;
    for (let i = 0; i < count; i++) {
      if (this.#filled === 0) {
        this.#first = frame + i;
        this.#piece ??= this.#take();
      }
      const l = left?.[i] ?? 0;
      if (this.#piece) this.#piece[this.#filled] = right ? (l + right[i]!) / 2 : l;
      this.#filled += 1;
      if (this.#filled === TAP_FRAMES) this.#send();
    }
  }

  #send(): void {
    const piece = this.#piece;
    this.#piece = null;
    this.#filled = 0;
    if (piece) this.#sink(this.#first, piece);
  }

  #take(): Float32Array<ArrayBuffer> | null {
    const free = this.#free.pop();
    if (free) return free;
    if (this.#made === MAX_PIECES) return null;
    this.#made += 1;
    return new Float32Array(TAP_FRAMES);
  }
}
