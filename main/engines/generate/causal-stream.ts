import { StudioError } from '../../../contract/errors';
import type { Seed64 } from '../runtime/philox';
import type { StageTimes } from '../runtime/timing';
import { ChunkMemory } from './chunk-memory';
import { latentSize, type Shape } from './contract';
import { addNoise, estimateClean, fillChunkNoise, isFiniteThroughout, someLevels } from './sampling';
import type { KeysAndValues, StepPasses } from './step-runner';

/** What one chunk is made with. */
export type ChunkLook = {
  hidden: Float32Array;
  seed: Seed64;
  /** The prompt is new: the memory is written anew under it before the chunk is made [G7]. */
  rewrite: boolean;
  /** How many of the model's noise levels are gone through; all when left out [G16]. */
  levels?: number;
};

/** Asked between two runs of the network: whether to go on. */
export type Onward = () => Promise<boolean>;

/**
 * One endless film as latents (spec.md [G1]–[G7]): each chunk is denoised in a few steps
 * over the memory of those before it, then run once clean; its keys and values join the
 * memory, which never grows.
 */
export class CausalStream {
  readonly memory: ChunkMemory;
  readonly #passes: StepPasses;
  readonly #shape: Shape;
  readonly #times: StageTimes;
  readonly #sample: Float32Array;
  readonly #noise: Float32Array;
  #chunk = 0;

  constructor(passes: StepPasses, shape: Shape, times: StageTimes) {
    this.#passes = passes;
    this.#shape = shape;
    this.#times = times;
    this.memory = new ChunkMemory(shape);
    this.#sample = new Float32Array(shape.chunk * latentSize(shape));
    this.#noise = new Float32Array(this.#sample.length);
  }

  /** Number of the next chunk: it covers stream time from `chunk · frames / fps` on. */
  get chunk(): number {
    return this.#chunk;
  }

  /** Begins anew, from noise, with the chunk of this number [G9]. */
  begin(chunk: number): void {
    this.#chunk = chunk;
    this.memory.clear();
  }

  /**
   * Makes the next chunk.
   * @returns its clean latents [chunk, channels, rows, columns], good until the next call;
   * null when `onward` said no: then the chunk is not remembered and must be begun anew.
   * @throws StudioError `engine.failed` when the network gives values that are not numbers;
   * then the stream must begin anew.
   */
  async advance(look: ChunkLook, onward: Onward): Promise<Float32Array | null> {
    if (look.rewrite && this.memory.slots.made > 0) {
      await this.#rewrite(look.hidden);
      if (!(await onward())) return null;
    }
    const latents = await this.#denoise(look, onward);
    if (!latents) return null;
    const start = this.#times.now();
    const kept = await this.#passes.cleanPass(latents, look.hidden, this.memory);
    refuseBroken(kept);
    this.memory.push(latents, kept.keys, kept.values);
    this.#times.since('clean', start);
    this.#chunk++;
    return latents;
  }

  /** Few-step denoising with fresh noise at each level [G2]. */
  async #denoise(look: ChunkLook, onward: Onward): Promise<Float32Array | null> {
    const sigmas = someLevels(this.#shape.sigmas, look.levels ?? Infinity);
    const sample = this.#sample;
    fillChunkNoise(look.seed, this.#chunk, 0, sample);
    for (const [level, sigma] of sigmas.entries()) {
      const start = this.#times.now();
      const velocity = await this.#passes.velocity(sample, sigma, look.hidden, this.memory);
      estimateClean(sample, velocity, sigma);
      const lower = sigmas[level + 1];
      if (lower !== undefined) {
        fillChunkNoise(look.seed, this.#chunk, level + 1, this.#noise);
        addNoise(sample, this.#noise, lower);
      }
      this.#times.since('denoise', start);
      if (!(await onward())) return null;
    }
    if (!isFiniteThroughout(sample)) throw notNumbers();
    return sample;
  }

  /** KV re-cache (LongLive) [G7]. */
  async #rewrite(hidden: Float32Array): Promise<void> {
    const start = this.#times.now();
    this.memory.eraseKeys();
    const anew = await this.#passes.windowPass(hidden, this.memory);
    refuseBroken(anew);
    this.memory.rewriteKeys(anew.keys, anew.values);
    this.#times.since('recache', start);
  }
}

function refuseBroken({ keys, values }: KeysAndValues): void {
  if (!isFiniteThroughout(keys) || !isFiniteThroughout(values)) throw notNumbers();
}

function notNumbers(): StudioError {
  const message =
    'The generate model must give numbers and gave values that are none; the film begins anew. ' +
    'If this comes again, change the prompt or choose another model.';
  return new StudioError('engine', 'engine.failed', message);
}
