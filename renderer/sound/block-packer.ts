/** Length of a block of programme sound: 10 ms at 48 kHz. */
export const BLOCK_FRAMES = 480;
const BLOCK_FLOATS = BLOCK_FRAMES * 2;
/** Holes up to this long are filled with silence; beyond it the numbering starts anew. */
const MAX_FILL_FRAMES = 48_000;
const MAX_POOL = 16;

/** Takes one full block: interleaved stereo, numbered by its first sample; the array is given away. */
export type BlockSink = (frame: number, samples: Float32Array<ArrayBuffer>) => void;

/**
 * Cuts render quanta into blocks of 480 stereo frames. Every frame number leaves exactly
 * once and in order: a hole in the sound clock is filled with silence, frames that were
 * already taken are ignored.
 */
export class BlockPacker {
  readonly #sink: BlockSink;
  readonly #pool: Float32Array<ArrayBuffer>[] = [];
  #block: Float32Array<ArrayBuffer> | null = null;
  #filled = 0;
  #next = -1;

  constructor(sink: BlockSink) {
    this.#sink = sink;
  }

  /** Takes a block back for reuse; wrong sizes and a full pool are left to the collector. */
  recycle(samples: Float32Array<ArrayBuffer>): void {
    if (samples.length === BLOCK_FLOATS && this.#pool.length < MAX_POOL) this.#pool.push(samples);
  }

  /** Adds one quantum whose first sample is `frame`; both channels have the same length. */
  push(frame: number, left: Float32Array, right: Float32Array): void {
    if (this.#next < 0) this.#next = frame;
    const hole = frame - this.#next;
    if (hole > MAX_FILL_FRAMES) {
      this.#flushSilence(BLOCK_FRAMES - this.#filled);
      this.#next = frame;
    } else if (hole > 0) {
      this.#flushSilence(hole);
    }
    for (let i = Math.max(0, this.#next - frame); i < left.length; i++) {
      this.#append(left[i]!, right[i]!);
    }
  }

  #flushSilence(frames: number): void {
    if (frames === BLOCK_FRAMES && this.#filled === 0) return;
    for (let i = 0; i < frames; i++) this.#append(0, 0);
  }

  #append(left: number, right: number): void {
    this.#block ??= this.#pool.pop() ?? new Float32Array(BLOCK_FLOATS);
    this.#block[this.#filled * 2] = left;
    this.#block[this.#filled * 2 + 1] = right;
    this.#filled += 1;
    this.#next += 1;
    if (this.#filled < BLOCK_FRAMES) return;
    const block = this.#block;
    this.#block = null;
    this.#filled = 0;
    this.#sink(this.#next - BLOCK_FRAMES, block);
  }
}
