import { StudioError } from '../../../contract/errors';
import type { StageTimes } from '../runtime/timing';
import { FlowSampler } from './flow-sampler';
import type { SolverPlan } from './solver';
import { compressInto, expandFrom, type SpectrumScale } from './spectrum-scale';
import { BINS, HOP_FRAMES, StreamingIstft, StreamingStft } from './stft';
import { PLANES, type VelocityNetwork } from './velocity-graph';

/** Ears. */
const EARS = 2;

/** Blocks of a placed voice. */
export type PlacedBlocks = {
  /** Number of blocks of 128 samples. */
  blocks: number;
  /** Poses at the ends of the blocks, [blocks, 4]. */
  poses: Float32Array;
  /** The parametric render, 128 × blocks stereo samples, interleaved. */
  stereo: Float32Array;
};

/**
 * One placed voice: sound to compressed spectra, through the flow, and back to sound [B8]–[B13].
 * What comes out does not depend on how the stream is cut into pieces.
 */
export class FlowStream {
  readonly #scale: SpectrumScale;
  readonly #times: StageTimes;
  readonly #sampler: FlowSampler;
  readonly #analysis = [new StreamingStft(), new StreamingStft()];
  readonly #synthesis = [new StreamingIstft(), new StreamingIstft()];
  readonly #re = new Float64Array(BINS);
  readonly #im = new Float64Array(BINS);
  #start = new Float32Array(0);

  constructor(network: VelocityNetwork, plan: SolverPlan, times: StageTimes) {
    this.#scale = network.contract;
    this.#times = times;
    this.#sampler = new FlowSampler(network, plan);
  }

  /** Number of the next block. */
  get nextBlock(): number {
    return this.#sampler.nextFrame;
  }

  /** Begins anew at a block: caches and both transforms are empty. */
  restart(block: number): void {
    this.#sampler.restart(block);
    for (const transform of [...this.#analysis, ...this.#synthesis]) transform.reset();
  }

  /**
   * Takes the next blocks.
   * @returns as many stereo samples, interleaved, 384 samples late: those before the start of
   * the stream are silence. After an error the stream must be restarted.
   * @throws StudioError `engine.failed` when the network fails or gives values that are not numbers.
   */
  async push({ blocks, poses, stereo }: PlacedBlocks, seed: number): Promise<Float32Array<ArrayBuffer>> {
    const length = PLANES * blocks * BINS;
    if (this.#start.length !== length) this.#start = new Float32Array(length);
    let at = this.#times.now();
    this.#analyse(stereo, blocks);
    at = this.#times.since('analysis', at);
    const clean = await this.#sampler.run(this.#start, poses, blocks, seed);
    at = this.#times.since('network', at);
    const out = this.#synthesise(clean, blocks);
    this.#times.since('synthesis', at);
    refuseBroken(out);
    return out;
  }

  #analyse(stereo: Float32Array, blocks: number): void {
    for (let block = 0; block < blocks; block++) {
      for (let ear = 0; ear < EARS; ear++) {
        this.#analysis[ear]!.push(stereo, block * HOP_FRAMES * EARS + ear, EARS, this.#re, this.#im);
        const { reAt, imAt } = planesOf(ear, block, blocks);
        compressInto(this.#re, this.#im, this.#scale, this.#start, reAt, imAt);
      }
    }
  }

  #synthesise(clean: Float32Array, blocks: number): Float32Array<ArrayBuffer> {
    const out = new Float32Array(blocks * HOP_FRAMES * EARS);
    for (let block = 0; block < blocks; block++) {
      for (let ear = 0; ear < EARS; ear++) {
        const { reAt, imAt } = planesOf(ear, block, blocks);
        expandFrom(clean, reAt, imAt, this.#scale, this.#re, this.#im);
        this.#synthesis[ear]!.push(this.#re, this.#im, out, block * HOP_FRAMES * EARS + ear, EARS);
      }
    }
    return out;
  }
}

/** Where a frame of an ear begins in the planes [4, blocks, 257]. */
function planesOf(ear: number, block: number, blocks: number): { reAt: number; imAt: number } {
  return { reAt: (2 * ear * blocks + block) * BINS, imAt: ((2 * ear + 1) * blocks + block) * BINS };
}

/** Not one value that is no number may reach the mix: it would stay in every filter behind it. */
function refuseBroken(samples: Float32Array): void {
  for (const sample of samples) {
    if (Number.isFinite(sample)) continue;
    const message =
      'The binaural model must give numbers and gave values that are none; the parametric render stands in. ' +
      'Restart the engine, or choose another model.';
    throw new StudioError('engine', 'engine.failed', message);
  }
}
