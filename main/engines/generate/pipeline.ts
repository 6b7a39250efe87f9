import { Tensor } from 'onnxruntime-node';
import { openEngineModel } from '../runtime/engine-model';
import { readJson, type ModelPlaces } from '../runtime/model-catalogue';
import { graphSpec } from '../runtime/model-contract';
import { packPicture, refuseBroken } from '../runtime/picture';
import { tokenizePrompt, VocabularySchema, type TokenizedPrompt, type Vocabulary } from '../runtime/prompt';
import { PromptEncoder } from '../runtime/prompt-encoder';
import { openGraphs, releaseGraphs, type Graph } from '../runtime/session';
import type { StageTimes } from '../runtime/timing';
import { CausalStream } from './causal-stream';
import {
  GenerateContractSchema,
  latentSize,
  pastFrames,
  type GenerateContract,
  type Shape,
} from './contract';
import type { GenerateModel } from './generate-engine';
import { PromptFade } from './prompt-fade';
import { StepRunner } from './step-runner';

const ROLES = ['codec_decoder', 'text_encoder', 'step'] as const;
type Role = (typeof ROLES)[number];
type Graphs = Record<Exclude<Role, 'text_encoder'>, Graph>;

/** The loaded model: its graphs, its words, and what films are made of. One run at a time. */
export class GeneratePipeline implements GenerateModel {
  readonly vocabulary: Vocabulary;
  readonly contract: GenerateContract;
  /** The passes of the step graph, shared by every stream. */
  readonly runner: StepRunner;
  readonly #graphs: Graphs;
  readonly #times: StageTimes;
  readonly #prompts: PromptEncoder;
  readonly #latent: Tensor;
  readonly #image: Tensor;

  private constructor(
    graphs: Graphs,
    prompts: PromptEncoder,
    contract: GenerateContract,
    vocabulary: Vocabulary,
    times: StageTimes,
  ) {
    this.#graphs = graphs;
    this.contract = contract;
    this.vocabulary = vocabulary;
    this.#times = times;
    this.runner = this.makeRunner(contract);
    this.#prompts = prompts;
    const { latent, width, height } = contract;
    const latentDims = [1, latent.channels, latent.rows, latent.columns];
    this.#latent = new Tensor('float32', new Float32Array(latentSize(contract)), latentDims);
    this.#image = new Tensor('float32', new Float32Array(3 * width * height), [1, 3, height, width]);
  }

  /**
   * Verifies, loads and proves a model of the catalogue.
   * @throws StudioError `model.missing`, `model.corrupt` or `model.contract`.
   */
  static async open(
    places: ModelPlaces,
    modelId: string,
    threads: number,
    times: StageTimes,
  ): Promise<GeneratePipeline> {
    const { verified, contract } = await openEngineModel('generate', places, modelId, GenerateContractSchema);
    const vocabulary = await readJson(verified.file('vocabulary'), VocabularySchema, 'The vocabulary');
    const specs = ROLES.map((role) => graphSpec(contract, role));
    const sizes = proofSizes(contract);
    const { text_encoder, ...graphs } = await openGraphs<Role>(specs, verified.file, sizes, threads);
    const opening = { path: verified.file('text_encoder'), spec: graphSpec(contract, 'text_encoder'), sizes };
    const prompts = await PromptEncoder.over(text_encoder, opening, times);
    return new GeneratePipeline(graphs, prompts, contract, vocabulary, times);
  }

  get width(): number {
    return this.contract.width;
  }

  get height(): number {
    return this.contract.height;
  }

  get fps(): number {
    return this.contract.fps;
  }

  get chunk(): number {
    return this.contract.chunk;
  }

  get levels(): number {
    return this.contract.sigmas.length;
  }

  /** A prompt as this model hears it. */
  tokenize(prompt: string): TokenizedPrompt {
    return tokenizePrompt(this.vocabulary, prompt);
  }

  prepare(prompt: TokenizedPrompt): Promise<unknown> | null {
    return this.#prompts.prepare(prompt.ids);
  }

  /** Passes with another window than the contract's: what window and sink do can be measured. */
  makeRunner(shape: Shape): StepRunner {
    return new StepRunner(this.#graphs.step, shape, this.contract);
  }

  makeStream(): CausalStream {
    return new CausalStream(this.runner, this.contract, this.#times);
  }

  makeFade(): PromptFade {
    return new PromptFade(this.contract.textLength * this.contract.textWidth);
  }

  async embed(ids: readonly number[]): Promise<Float32Array> {
    const hidden = await this.#prompts.embed(ids);
    return hidden.data as Float32Array;
  }

  /** @throws StudioError `engine.failed` when too many pixels are not numbers [G12]. */
  async decode(latents: Float32Array, frame: number, out: Uint8ClampedArray): Promise<void> {
    const size = latentSize(this.contract);
    (this.#latent.data as Float32Array).set(latents.subarray(frame * size, (frame + 1) * size));
    await this.#graphs.codec_decoder.run({ latent: this.#latent }, { image: this.#image });
    refuseBroken(packPicture(this.#image.data as Float32Array, out), out.length / 4);
  }

  /** Frees the sessions; nothing may be run afterwards. */
  async release(): Promise<void> {
    await this.#prompts.release();
    await releaseGraphs(this.#graphs);
  }
}

/** The sizes a model is proved at: those of every chunk. */
function proofSizes(contract: GenerateContract): Record<string, number> {
  const { chunk, tokens, latent } = contract;
  const cached = pastFrames(contract) * tokens;
  return { B: 1, h: latent.rows, w: latent.columns, F: chunk, N: cached, K: cached + chunk * tokens };
}
