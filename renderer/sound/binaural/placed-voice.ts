import { ChunkPacker, type ChunkSink } from './chunk-packer';
import { BLOCK_FRAMES } from './early-render';
import { ParametricRender, type Pose } from './parametric-render';
import { RefinedPlayer } from './refined-player';

/** How a voice was rendered since the last reading, and in all. */
export type VoiceStats = { networkShare: number; missed: number; delayFrames: number };

/**
 * One placed strip: renders it, sends it to the network in pieces while that is wanted, and
 * plays at a fixed delay what comes back, or else the render itself [B17].
 */
export class PlacedVoice {
  readonly #render: ParametricRender;
  readonly #player = new RefinedPlayer();
  readonly #packer: ChunkPacker;
  readonly #left = new Float32Array(BLOCK_FRAMES);
  readonly #right = new Float32Array(BLOCK_FRAMES);
  #block = 0;
  /** Block at which the run's number 0 was rendered; null while there is no run. */
  #runStart: number | null = null;
  #delayBlocks = 0;
  #nextDelay: { frame: number; blocks: number } | null = null;
  #missed = 0;

  constructor(pose: Pose, sink: ChunkSink) {
    this.#render = new ParametricRender(pose);
    this.#packer = new ChunkPacker(sink);
  }

  /** Where the source shall be. */
  aim(pose: Pose): void {
    this.#render.aim(pose);
  }

  /** From this sample of the sound clock on, the voice is heard so many samples (whole blocks) late. */
  delay(frame: number, delayFrames: number): void {
    this.#nextDelay = { frame, blocks: Math.round(delayFrames / BLOCK_FRAMES) };
  }

  /** Sends pieces from the next block on; what the network made before is void. */
  startRun(run: number): void {
    this.#player.forget();
    this.#packer.start(run);
    this.#runStart = this.#block;
  }

  /** Sends no more pieces; what is still to come of them is void. */
  rest(): void {
    this.#packer.rest();
    this.#runStart = null;
  }

  /** Takes what the network made; pieces of an older run, or with values that are no numbers, are void. */
  refine(run: number, block: number, samples: Float32Array): void {
    if (this.#runStart === null || run !== this.#packer.run || !Number.isInteger(block)) return;
    for (let i = 0; i < samples.length; i++) if (!Number.isFinite(samples[i])) return;
    this.#player.refine(this.#runStart + block, samples);
  }

  /** A message comes back to be filled again. */
  recycle(message: ArrayBuffer): void {
    this.#packer.recycle(message);
  }

  /** Renders the quantum whose first sample is `frame`. */
  process(frame: number, mono: Float32Array, left: Float32Array, right: Float32Array): void {
    this.#render.render(mono, this.#left, this.#right);
    this.#player.remember(this.#block, this.#left, this.#right);
    this.#packer.push(frame, this.#render.pose, this.#left, this.#right);
    if (this.#nextDelay && frame >= this.#nextDelay.frame) {
      this.#delayBlocks = this.#nextDelay.blocks;
      this.#nextDelay = null;
    }
    const heard = this.#block - this.#delayBlocks;
    const there = this.#player.play(heard, left, right);
    if (!there && this.#runStart !== null && heard >= this.#runStart && this.#delayBlocks > 0)
      this.#missed += 1;
    this.#block += 1;
  }

  /** Begins a new period. */
  takeStats(): VoiceStats {
    const delayFrames = this.#delayBlocks * BLOCK_FRAMES;
    return { networkShare: this.#player.takeShare(), missed: this.#missed, delayFrames };
  }
}
