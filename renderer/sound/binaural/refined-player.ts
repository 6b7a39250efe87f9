import { BLOCK_FRAMES } from './early-render';

/** Blocks that are remembered: more than the delay and a piece. */
const RING_BLOCKS = 128;
/** So many blocks must have come in time before the network is heard again. */
export const RESUME_BLOCKS = 8;
const NEVER = -1;

/** Two ears of the last blocks, by block number. */
class BlockRing {
  readonly left = new Float32Array(RING_BLOCKS * BLOCK_FRAMES);
  readonly right = new Float32Array(RING_BLOCKS * BLOCK_FRAMES);
  readonly #held = new Float64Array(RING_BLOCKS).fill(NEVER);

  at(block: number): number {
    return (((block % RING_BLOCKS) + RING_BLOCKS) % RING_BLOCKS) * BLOCK_FRAMES;
  }

  holds(block: number): boolean {
    return this.#held[this.at(block) / BLOCK_FRAMES] === block;
  }

  hold(block: number): number {
    const at = this.at(block);
    this.#held[at / BLOCK_FRAMES] = block;
    return at;
  }

  clear(): void {
    this.#held.fill(NEVER);
  }
}

/** Raised cosine over one block. */
const FADE = Float32Array.from(
  { length: BLOCK_FRAMES },
  (_, n) => 0.5 - 0.5 * Math.cos((Math.PI * (n + 1)) / BLOCK_FRAMES),
);

/**
 * Plays what the network made, or, where that is missing, the parametric render of the same
 * time [B17]. The network's last block before a hole is faded over to the render, so a hole
 * never begins with a step; it is heard again once eight blocks on end are there. Without
 * allocation; every block costs the same.
 */
export class RefinedPlayer {
  readonly #dsp = new BlockRing();
  readonly #refined = new BlockRing();
  #network = false;
  #networkBlocks = 0;
  #blocks = 0;

  /** Whether the last block ended in the network's sound. */
  get onNetwork(): boolean {
    return this.#network;
  }

  /** Takes the parametric render of a block. */
  remember(block: number, left: Float32Array, right: Float32Array): void {
    const at = this.#dsp.hold(block);
    this.#dsp.left.set(left, at);
    this.#dsp.right.set(right, at);
  }

  /** Takes the network's blocks from `first` on, interleaved stereo; values must be numbers. */
  refine(first: number, samples: Float32Array): void {
    const blocks = Math.floor(samples.length / (2 * BLOCK_FRAMES));
    for (let i = Math.max(0, blocks - RING_BLOCKS); i < blocks; i++) {
      const to = this.#refined.hold(first + i);
      const from = i * 2 * BLOCK_FRAMES;
      for (let n = 0; n < BLOCK_FRAMES; n++) {
        this.#refined.left[to + n] = samples[from + 2 * n]!;
        this.#refined.right[to + n] = samples[from + 2 * n + 1]!;
      }
    }
  }

  /** What the network made so far is void. */
  forget(): void {
    this.#refined.clear();
  }

  /** Writes a block; answers whether the network had it in time. */
  play(block: number, left: Float32Array, right: Float32Array): boolean {
    const there = this.#refined.holds(block);
    const next = there && this.#refined.holds(block + 1);
    const before = this.#network && there;
    const after = before ? next : this.#canResume(block);
    const dspAt = this.#dsp.at(block);
    const heard = this.#dsp.holds(block);
    const refinedAt = this.#refined.at(block);
    for (let n = 0; n < BLOCK_FRAMES; n++) {
      const share = before ? (after ? 1 : 1 - FADE[n]!) : after ? FADE[n]! : 0;
      const dspLeft = heard ? this.#dsp.left[dspAt + n]! : 0;
      const dspRight = heard ? this.#dsp.right[dspAt + n]! : 0;
      left[n] = share === 0 ? dspLeft : dspLeft + share * (this.#refined.left[refinedAt + n]! - dspLeft);
      right[n] = share === 0 ? dspRight : dspRight + share * (this.#refined.right[refinedAt + n]! - dspRight);
    }
    this.#network = after;
    this.#blocks += 1;
    if (before || after) this.#networkBlocks += 1;
    return there;
  }

  /** Share of the blocks since the last reading in which the network was heard. */
  takeShare(): number {
    const share = this.#blocks === 0 ? 0 : this.#networkBlocks / this.#blocks;
    this.#blocks = 0;
    this.#networkBlocks = 0;
    return share;
  }

  #canResume(block: number): boolean {
    for (let i = 0; i < RESUME_BLOCKS; i++) if (!this.#refined.holds(block + i)) return false;
    return true;
  }
}
