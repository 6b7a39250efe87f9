import { FRAME_HEADER_BYTES, PLACED_BLOCK_BYTES } from '../../../contract/frame';
import { CHUNK_BLOCKS } from './binaural-messages';
import { BLOCK_FRAMES } from './early-render';

const BLOCK_VALUES = PLACED_BLOCK_BYTES / 4;
const POSE_VALUES = 4;
const MESSAGE_BYTES = FRAME_HEADER_BYTES + CHUNK_BLOCKS * PLACED_BLOCK_BYTES;
/** Messages on their way to the link worker and back; more means that nobody takes them. */
const MAX_MESSAGES = 8;

/** Takes a full message (given away), the run and number of its first block, and its first sample. */
export type ChunkSink = (run: number, block: number, frame: number, message: ArrayBuffer) => void;

/**
 * Gathers rendered blocks into pieces for the network. Messages go round: a piece for which
 * none is free is left out, which the engine sees as a hole in the numbers.
 */
export class ChunkPacker {
  readonly #sink: ChunkSink;
  readonly #free: ArrayBuffer[] = [];
  #made = 0;
  #run = 0;
  #active = false;
  #block = 0;
  #filled = 0;
  #firstFrame = 0;
  #message: Float32Array | null = null;

  constructor(sink: ChunkSink) {
    this.#sink = sink;
  }

  /** Number of the next block in the run; null while none is wanted. */
  get nextBlock(): number | null {
    return this.#active ? this.#block : null;
  }

  get run(): number {
    return this.#run;
  }

  /** Begins a run: blocks are numbered from 0. */
  start(run: number): void {
    this.#run = run;
    this.#active = true;
    this.#block = 0;
    this.#filled = 0;
  }

  rest(): void {
    this.#active = false;
  }

  /** Takes a message back; wrong sizes are left to the collector. */
  recycle(message: ArrayBuffer): void {
    if (message.byteLength === MESSAGE_BYTES && this.#free.length < MAX_MESSAGES) this.#free.push(message);
  }

  /** Adds a block whose first sample is `frame`. */
  push(frame: number, pose: Float32Array, left: Float32Array, right: Float32Array): void {
    if (!this.#active) return;
    if (this.#filled === 0) {
      this.#firstFrame = frame;
      this.#message = this.#take();
    }
    const message = this.#message;
    if (message) {
      const at = this.#filled * BLOCK_VALUES;
      for (let i = 0; i < POSE_VALUES; i++) message[at + i] = pose[i]!;
      for (let n = 0; n < BLOCK_FRAMES; n++) {
        message[at + POSE_VALUES + 2 * n] = left[n]!;
        message[at + POSE_VALUES + 2 * n + 1] = right[n]!;
      }
    }
    this.#filled += 1;
    this.#block += 1;
    if (this.#filled < CHUNK_BLOCKS) return;
    this.#filled = 0;
    this.#message = null;
    if (message)
      this.#sink(this.#run, this.#block - CHUNK_BLOCKS, this.#firstFrame, message.buffer as ArrayBuffer);
  }

  #take(): Float32Array | null {
    const free = this.#message?.buffer ?? this.#free.pop();
    if (free) return new Float32Array(free, FRAME_HEADER_BYTES);
    if (this.#made === MAX_MESSAGES) return null;
    this.#made += 1;
    return new Float32Array(new ArrayBuffer(MESSAGE_BYTES), FRAME_HEADER_BYTES);
  }
}
