import { StudioError } from '../../../contract/errors';
import { fillNormals } from '../runtime/philox';
import { BufferBank } from './buffer-bank';
import { solveFlow, type SolverPlan } from './solver';
import { BINS } from './stft';
import { PLANES, type VelocityNetwork } from './velocity-graph';

/** Normals of one spectral frame, made of 257 Philox blocks. */
const FRAME_NORMALS = PLANES * BINS;

/** Reused memory of one chunk length. */
type Workspace = { state: Float32Array; half: Float32Array };

/**
 * The flow from the parametric render's spectra to those of a measured head, chunk by chunk
 * [B10]–[B12] (BinauralFlow, arXiv 2505.22865): noise by frame number, and a set of caches for
 * each evaluation of the solver. What comes out does not depend on how a stream is cut.
 */
export class FlowSampler {
  readonly #network: VelocityNetwork;
  readonly #plan: SolverPlan;
  readonly #bank: BufferBank;
  readonly #normals = new Float32Array(FRAME_NORMALS);
  #workspace: Workspace | null = null;
  #frame = 0;

  constructor(
    network: VelocityNetwork,
    plan: SolverPlan,
    bank: BufferBank = new BufferBank(network.contract.caches),
  ) {
    this.#network = network;
    this.#plan = plan;
    this.#bank = bank;
  }

  /** Number of the next frame. */
  get nextFrame(): number {
    return this.#frame;
  }

  /** Begins anew at a frame, with empty caches. */
  restart(frame: number): void {
    this.#frame = frame;
    this.#bank.reset();
  }

  /**
   * Carries the next frames through the flow.
   * @param start compressed spectra of the parametric render, [4, frames, 257].
   * @param pose [frames, 4].
   * @returns compressed spectra of the same shape, good until the next call.
   * @throws StudioError `engine.failed` when the network fails; the stream must then be restarted.
   */
  async run(start: Float32Array, pose: Float32Array, frames: number, seed: number): Promise<Float32Array> {
    const { state, half } = this.#workspaceOf(start.length);
    this.#begin(start, frames, seed, state);
    await solveFlow(this.#plan, state, half, async (sample, evaluation) => {
      const time = this.#plan.times[evaluation]!;
      const input = { sample, start, pose, frames, time };
      const { velocity, caches } = await this.#evaluate(input, evaluation);
      this.#bank.put(evaluation, caches);
      return velocity;
    });
    this.#frame += frames;
    return state;
  }

  /** φ at t0: start + (1 − t0) σ ε, with ε of frame f from the Philox blocks 257 f … 257 f + 256 [B10]. */
  #begin(start: Float32Array, frames: number, seed: number, state: Float32Array): void {
    const { sigma, noise } = this.#network.contract;
    const deviation = (1 - this.#plan.t0) * sigma;
    for (let frame = 0; frame < frames; frame++) {
      const firstBlock = (this.#frame + frame) * noise.blocksPerFrame;
      fillNormals({ low: seed, high: 0 }, noise.stream, this.#normals, firstBlock);
      for (let plane = 0; plane < PLANES; plane++) {
        const at = (plane * frames + frame) * BINS;
        const from = plane * BINS;
        for (let k = 0; k < BINS; k++) state[at + k] = start[at + k]! + deviation * this.#normals[from + k]!;
      }
    }
  }

  async #evaluate(
    input: Parameters<VelocityNetwork['evaluate']>[0],
    evaluation: number,
  ): ReturnType<VelocityNetwork['evaluate']> {
    try {
      return await this.#network.evaluate(input, this.#bank.take(evaluation));
    } catch (cause) {
      const message =
        'The binaural model must run on every piece of sound and failed on one; restart the engine.';
      throw new StudioError('engine', 'engine.failed', message, { cause });
    }
  }

  #workspaceOf(length: number): Workspace {
    if (this.#workspace?.state.length !== length) {
      this.#workspace = { state: new Float32Array(length), half: new Float32Array(length) };
    }
    return this.#workspace;
  }
}
