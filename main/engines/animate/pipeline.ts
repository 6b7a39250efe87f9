import { Tensor } from 'onnxruntime-node';
import { ENGINE_PICTURE_SIZE } from '../../../contract/engine';
import { StudioError } from '../../../contract/errors';
import { openEngineModel } from '../runtime/engine-model';
import { Lru } from '../runtime/lru';
import { readJson, type ModelPlaces } from '../runtime/model-catalogue';
import { graphSpec } from '../runtime/model-contract';
import { fillNormals } from '../runtime/philox';
import { openGraphs, releaseGraphs, type Graph } from '../runtime/session';
import type { StageTimes } from '../runtime/timing';
import { AnimateContractSchema, type AnimateContract } from './contract';
import { ImagePath, type ImageStatus } from '../runtime/image/image-path';
import { BYTE_TO_VALUE, refuseBroken, VALUE_TO_BYTE } from '../runtime/picture';
import { PromptEncoder } from '../runtime/prompt-encoder';
import { tokenizePrompt, VocabularySchema, type TokenizedPrompt, type Vocabulary } from '../runtime/prompt';

/** Largest side of a picture, in pixels. */
const MAX_SIDE = 1024;
const KEPT_NOISES = 16;
const KEPT_SIZES = 4;
/** One-step sampling starts from pure noise [A5]. */
const SIGMA = 1;
/** The noise stream of the sampler's start; others are for later uses of the same seed. */
const NOISE_STREAM = 0;

const ROLES = ['codec_encoder', 'codec_decoder', 'text_encoder', 'unet'] as const;
type Role = (typeof ROLES)[number];
type Graphs = Record<Exclude<Role, 'text_encoder'>, Graph>;

/** A picture to change; width and height are multiples of the model's `multiple`. */
export type SourcePicture = { width: number; height: number; rgba: Uint8Array };

/** Width and height in pixels. */
export type Size = { width: number; height: number };

/** What a picture is changed by. */
export type Look = { prompt: TokenizedPrompt; strength: number; seed: number };

/** Reused memory of one picture size. */
type Workspace = { image: Float32Array; imageTensor: Tensor; estimate: Float32Array; estimateTensor: Tensor };

/**
 * Picture in, changed picture out: encoder → one step of the velocity network → decoder
 * (spec.md). Holds the sessions and every cache; one render at a time.
 */
export class AnimatePipeline {
  readonly vocabulary: Vocabulary;
  /** Pictures must have sides that are multiples of this. */
  readonly multiple: number;
  readonly #graphs: Graphs;
  readonly #images: ImagePath;
  readonly #contract: AnimateContract;
  readonly #times: StageTimes;
  readonly #prompts: PromptEncoder;
  readonly #noises = new Lru<string, Tensor>(KEPT_NOISES);
  readonly #workspaces = new Lru<string, Workspace>(KEPT_SIZES);
  readonly #sigma = new Tensor('float32', Float32Array.of(SIGMA), [1]);
  #rendering = false;

  private constructor(
    graphs: Graphs,
    prompts: PromptEncoder,
    images: ImagePath,
    contract: AnimateContract,
    vocabulary: Vocabulary,
    times: StageTimes,
  ) {
    this.#graphs = graphs;
    this.#images = images;
    this.#prompts = prompts;
    this.#contract = contract;
    this.#times = times;
    this.vocabulary = vocabulary;
    this.multiple = contract.spatialMultiple;
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
  ): Promise<AnimatePipeline> {
    const { verified, contract } = await openEngineModel('animate', places, modelId, AnimateContractSchema);
    const vocabulary = await readJson(verified.file('vocabulary'), VocabularySchema, 'The vocabulary');
    const specs = ROLES.map((role) => graphSpec(contract, role));
    const sizes = proofSizes(contract);
    const { text_encoder, ...graphs } = await openGraphs<Role>(specs, verified.file, sizes, threads);
    const opening = { path: verified.file('text_encoder'), spec: graphSpec(contract, 'text_encoder'), sizes };
    const prompts = await PromptEncoder.over(text_encoder, opening, times);
    const images = await ImagePath.open('animate');
    return new AnimatePipeline(graphs, prompts, images, contract, vocabulary, times);
  }

  /** Where pictures are packed, and why there. */
  get images(): ImageStatus {
    return this.#images.status;
  }

  /** A prompt as this model hears it. */
  tokenize(prompt: string): TokenizedPrompt {
    return tokenizePrompt(this.vocabulary, prompt);
  }

  /** Begins to work out what a prompt is to the network; null when no picture would wait for that. */
  prepare(prompt: TokenizedPrompt): Promise<unknown> | null {
    return this.#prompts.prepare(prompt.ids);
  }

  /**
   * Changes one picture.
   * @param size what it is brought to before, sides that are multiples of `multiple`.
   * @param out size.width × size.height × 4 bytes; of no use when an error is thrown.
   * @throws StudioError `argument.invalid` for a size the model cannot take, `engine.failed`
   * when the network fails or gives too many values that are not numbers.
   */
  async render(source: SourcePicture, size: Size, look: Look, out: Uint8ClampedArray): Promise<void> {
    this.#checkSize(source, source.rgba);
    this.#checkSize(size, out);
    if (this.#rendering) throw new Error('A pipeline renders one picture at a time.');
    this.#rendering = true;
    try {
      await this.#render(await this.#bring(source, size), look, out);
    } catch (error) {
      if (error instanceof StudioError) throw error;
      const message = 'The animate model must run on every picture and failed on one; restart the engine.';
      throw new StudioError('engine', 'engine.failed', message, { cause: error });
    } finally {
      this.#rendering = false;
    }
  }

  /** Frees the sessions and the graphics device; nothing may be rendered afterwards. */
  async release(): Promise<void> {
    await this.#images.close();
    await this.#prompts.release();
    await releaseGraphs(this.#graphs);
  }

  async #render(source: SourcePicture, look: Look, out: Uint8ClampedArray): Promise<void> {
    const times = this.#times;
    const { width, height } = source;
    const hidden = await this.#prompts.embed(look.prompt.ids);
    const noise = this.#noise(look.seed, width, height);
    const workspace = this.#workspace(width, height);

    let at = times.now();
    await this.#images.run('unpack', { rgba: source.rgba, line: BYTE_TO_VALUE, out: workspace.image });
    at = times.since('unpack', at);
    const { latent: condition } = await this.#graphs.codec_encoder.run({ image: workspace.imageTensor });
    at = times.since('encode', at);
    const { velocity } = await this.#graphs.unet.run({
      sample: noise,
      sigma: this.#sigma,
      condition: condition!,
      strength: new Tensor('float32', Float32Array.of(look.strength), [1]),
      encoder_hidden_states: hidden,
    });
    estimateClean(noise.data as Float32Array, velocity!.data as Float32Array, workspace.estimate);
    at = times.since('denoise', at);
    const { image } = await this.#graphs.codec_decoder.run({ latent: workspace.estimateTensor });
    at = times.since('decode', at);
    const planar = image!.data as Float32Array;
    const broken = await this.#images.run('pack', { planar, line: VALUE_TO_BYTE, out });
    times.since('pack', at);
    refuseBroken(broken, width * height);
  }

  /** The source in the size it is worked on [A13]. */
  async #bring(source: SourcePicture, { width, height }: Size): Promise<SourcePicture> {
    if (source.width === width && source.height === height) return source;
    const start = this.#times.now();
    const rgba = new Uint8Array(4 * width * height);
    await this.#images.run('resize', { source, width, height, filter: 'area', out: rgba });
    this.#times.since('resize', start);
    return { width, height, rgba };
  }

  /** The noise a seed stands for, the same for every picture of that size [A6]. */
  #noise(seed: number, width: number, height: number): Tensor {
    const key = `${seed}:${width}x${height}`;
    const known = this.#noises.get(key);
    if (known) return known;
    const dims = this.#latentDims(width, height);
    const values = new Float32Array(dims[1] * dims[2] * dims[3]);
    fillNormals({ low: seed, high: 0 }, NOISE_STREAM, values);
    const noise = new Tensor('float32', values, dims);
    this.#noises.set(key, noise);
    return noise;
  }

  #workspace(width: number, height: number): Workspace {
    const key = `${width}x${height}`;
    const known = this.#workspaces.get(key);
    if (known) return known;
    const dims = this.#latentDims(width, height);
    const image = new Float32Array(3 * width * height);
    const estimate = new Float32Array(dims[1] * dims[2] * dims[3]);
    const workspace: Workspace = {
      image,
      imageTensor: new Tensor('float32', image, [1, 3, height, width]),
      estimate,
      estimateTensor: new Tensor('float32', estimate, dims),
    };
    this.#workspaces.set(key, workspace);
    return workspace;
  }

  #latentDims(width: number, height: number): [number, number, number, number] {
    const { latentChannels, codecFactor } = this.#contract;
    return [1, latentChannels, height / codecFactor, width / codecFactor];
  }

  #checkSize({ width, height }: Size, rgba: Uint8Array | Uint8ClampedArray): void {
    const fits = (side: number) => side > 0 && side <= MAX_SIDE && side % this.multiple === 0;
    if (fits(width) && fits(height) && rgba.length === width * height * 4) return;
    throw new StudioError(
      'engine',
      'argument.invalid',
      `A picture for the animate engine must have sides that are multiples of ${this.multiple} up to ${MAX_SIDE}, ` +
        `got ${width}×${height} in ${rgba.length} bytes; scale it first.`,
    );
  }
}

/** ẑ = x − σ·v, with x pure noise and σ = 1 [A5]. */
function estimateClean(sample: Float32Array, velocity: Float32Array, out: Float32Array): void {
  for (let i = 0; i < out.length; i++) out[i] = sample[i]! - SIGMA * velocity[i]!;
}

/** The sizes a model is proved at: the pictures it will get. */
function proofSizes(contract: AnimateContract): Record<string, number> {
  const side = ENGINE_PICTURE_SIZE;
  const cells = side / contract.codecFactor;
  return { B: 1, H: side, W: side, h: cells, w: cells };
}
