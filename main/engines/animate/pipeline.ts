import { Tensor } from 'onnxruntime-node';
import type { Guidance } from '../../../contract/animate';
import { ENGINE_PICTURE_SIZE } from '../../../contract/engine';
import { StudioError } from '../../../contract/errors';
import { openEngineModel } from '../runtime/engine-model';
import { ImagePath, type ImageStatus } from '../runtime/image/image-path';
import { Lru } from '../runtime/lru';
import { readJson, type ModelPlaces } from '../runtime/model-catalogue';
import { graphSpec } from '../runtime/model-contract';
import { BYTE_TO_VALUE, refuseBroken, VALUE_TO_BYTE } from '../runtime/picture';
import { tokenizePrompt, VocabularySchema, type TokenizedPrompt, type Vocabulary } from '../runtime/prompt';
import { PromptEncoder } from '../runtime/prompt-encoder';
import { openGraphs, releaseGraphs, type Graph } from '../runtime/session';
import type { StageTimes } from '../runtime/timing';
import { AnimateContractSchema, type AnimateContract } from './contract';
import type { LatentShape, Warp } from './noise/moving-noise';
import { AnimateNetwork, type Conditions, type Size } from './network';
import { flowLevels, type Level } from './stream/levels';
import { StreamBatch } from './stream/stream-batch';

export type { Size } from './network';

/** Largest side of a picture, in pixels. */
const MAX_SIDE = 1024;
const KEPT_SIZES = 4;

const ROLES = ['codec_encoder', 'codec_decoder', 'text_encoder', 'unet'] as const;
type Role = (typeof ROLES)[number];
type Graphs = Record<Exclude<Role, 'text_encoder'>, Graph>;

/** A picture to change; width and height are multiples of the model's `multiple`. */
export type SourcePicture = { width: number; height: number; rgba: Uint8Array };

/** What a picture is changed by. */
export type Look = {
  /** The prompt's hidden states. */
  hidden: Float32Array;
  /** Those of what is not to be seen; an empty prompt's when null. */
  against: Float32Array | null;
  strength: number;
  /** At most as many as the model has levels. */
  steps: number;
  guidance: Guidance;
  /** Normal, as long as a latent of the picture's size. */
  noise: Float32Array;
};

/** A frame on its way through the network; `tag` is the caller's own. */
type UnderWay<T> = Conditions & { tag: T };

/** A picture that came out: what it was made of, and its pixels in what `target` gave. */
export type Made<T> = { tag: T; broken: StudioError | null };

/** Reused memory of one picture size. */
type Workspace = {
  image: Float32Array;
  imageTensor: Tensor;
  latent: Float32Array;
  latentTensor: Tensor;
};

/**
 * Pictures in, changed pictures out: encoder → the stream batch of the velocity network → decoder
 * (spec.md). Holds the sessions and every cache.
 */
export class AnimatePipeline<T = unknown> {
  readonly vocabulary: Vocabulary;
  /** Pictures must have sides that are multiples of this. */
  readonly multiple: number;
  readonly #graphs: Graphs;
  readonly #images: ImagePath;
  readonly #contract: AnimateContract;
  readonly #times: StageTimes;
  readonly #prompts: PromptEncoder;
  readonly #batch: StreamBatch<UnderWay<T>>;
  readonly #levels: readonly (readonly Level[])[];
  readonly #workspaces = new Lru<string, Workspace>(KEPT_SIZES);

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
    this.#batch = new StreamBatch<UnderWay<T>>('flow', new AnimateNetwork(graphs.unet, contract).run);
    this.#levels = contract.sigmas.map((_, i) => flowLevels(contract.sigmas.slice(0, i + 1)));
    this.vocabulary = vocabulary;
    this.multiple = contract.spatialMultiple;
  }

  /**
   * Verifies, loads and proves a model of the catalogue.
   * @throws StudioError `model.missing`, `model.corrupt` or `model.contract`.
   */
  static async open<T = unknown>(
    places: ModelPlaces,
    modelId: string,
    threads: number,
    times: StageTimes,
  ): Promise<AnimatePipeline<T>> {
    const { verified, contract } = await openEngineModel('animate', places, modelId, AnimateContractSchema);
    const vocabulary = await readJson(verified.file('vocabulary'), VocabularySchema, 'The vocabulary');
    const specs = ROLES.map((role) => graphSpec(contract, role));
    const sizes = proofSizes(contract);
    const { text_encoder, ...graphs } = await openGraphs<Role>(specs, verified.file, sizes, threads);
    const opening = { path: verified.file('text_encoder'), spec: graphSpec(contract, 'text_encoder'), sizes };
    const prompts = await PromptEncoder.over(text_encoder, opening, times);
    const images = await ImagePath.open('animate');
    return new AnimatePipeline<T>(graphs, prompts, images, contract, vocabulary, times);
  }

  /** Where pictures are packed, and why there. */
  get images(): ImageStatus {
    return this.#images.status;
  }

  /** Frames on their way through the network. */
  get underWay(): number {
    return this.#batch.size;
  }

  /** Rows that went through the network, since construction. */
  get evaluations(): number {
    return this.#batch.evaluations;
  }

  /** A prompt as this model hears it. */
  tokenize(prompt: string): TokenizedPrompt {
    return tokenizePrompt(this.vocabulary, prompt);
  }

  /** Begins to work out what a prompt is to the network; null when no picture would wait for that. */
  prepare(prompt: TokenizedPrompt): Promise<unknown> | null {
    return this.#prompts.prepare(prompt.ids);
  }

  /** What a prompt is to the network; shared, not to be changed. */
  async hear(prompt: TokenizedPrompt): Promise<Float32Array> {
    return (await guarded(() => this.#prompts.embed(prompt.ids))).data as Float32Array;
  }

  /** The latent of a picture of a size. */
  latentShape({ width, height }: Size): LatentShape {
    const { latentChannels: channels, codecFactor } = this.#contract;
    return { channels, rows: height / codecFactor, columns: width / codecFactor };
  }

  /** Warps a field of noise where that is fastest. */
  readonly warp: Warp = (job) => this.#images.run('warpNoise', job);

  /**
   * Takes a picture in: it moves on with each `step` and comes out when its levels are done.
   * @param size what it is brought to before, sides that are multiples of `multiple`.
   * @throws StudioError `argument.invalid` for a size the model cannot take, `engine.failed`.
   */
  async enter(tag: T, source: SourcePicture, size: Size, look: Look): Promise<void> {
    this.#checkSize(source, source.rgba.length);
    this.#checkSize(size, 4 * size.width * size.height);
    const condition = await guarded(async () => this.#encode(await this.#bring(source, size)));
    const { hidden, strength, steps, guidance, noise } = look;
    const levels = this.#levels[Math.min(steps, this.#levels.length) - 1]!;
    this.#batch.enter({
      // An empty prompt is all zeros to the network.
      tag: {
        tag,
        size,
        condition,
        strength,
        hidden,
        against: look.against ?? new Float32Array(hidden.length),
      },
      plan: { levels, guidance, renoise: true, start: 'source' },
      source: condition,
      // One noise for all levels is what the model was made with.
      noises: levels.map(() => noise),
    });
  }

  /**
   * Moves all frames one level on, and makes pictures of those that are clean.
   * @param target where a frame's pixels go: its width × height × 4 bytes; null to leave it out.
   * @throws StudioError `engine.failed`; then no frame is under way any more.
   */
  async step(target: (tag: T, size: Size) => Uint8ClampedArray | null): Promise<Made<T>[]> {
    const start = this.#times.now();
    const done = await guarded(() => this.#batch.step());
    this.#times.since('denoise', start);
    const made: Made<T>[] = [];
    for (const { tag: frame, clean } of done) {
      const out = target(frame.tag, frame.size);
      const broken = out ? await this.#decode(clean, frame.size, out) : null;
      this.#batch.recycle(clean);
      made.push({ tag: frame.tag, broken });
    }
    return made;
  }

  /** Drops frames that are under way. @returns their tags. */
  drop(matches: (tag: T) => boolean): T[] {
    return this.#batch.drop(({ tag }) => matches(tag)).map(({ tag }) => tag);
  }

  /** Frees the sessions and the graphics device; nothing may be asked for afterwards. */
  async release(): Promise<void> {
    await this.#images.close();
    await this.#prompts.release();
    await releaseGraphs(this.#graphs);
  }

  async #encode({ width, height, rgba }: SourcePicture): Promise<Float32Array> {
    const times = this.#times;
    const { image, imageTensor } = this.#workspace(width, height);
    let at = times.now();
    await this.#images.run('unpack', { rgba, line: BYTE_TO_VALUE, out: image });
    at = times.since('unpack', at);
    const { latent } = await this.#graphs.codec_encoder.run({ image: imageTensor });
    times.since('encode', at);
    return latent!.data as Float32Array;
  }

  async #decode(
    clean: Float32Array,
    { width, height }: Size,
    out: Uint8ClampedArray,
  ): Promise<StudioError | null> {
    const times = this.#times;
    const { latent, latentTensor } = this.#workspace(width, height);
    latent.set(clean);
    let at = times.now();
    const { image } = await guarded(() => this.#graphs.codec_decoder.run({ latent: latentTensor }));
    at = times.since('decode', at);
    const planar = image!.data as Float32Array;
    const broken = await this.#images.run('pack', { planar, line: VALUE_TO_BYTE, out });
    times.since('pack', at);
    try {
      refuseBroken(broken, width * height);
      return null;
    } catch (error) {
      return error as StudioError;
    }
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

  #workspace(width: number, height: number): Workspace {
    const key = `${width}x${height}`;
    const known = this.#workspaces.get(key);
    if (known) return known;
    const { channels, rows, columns } = this.latentShape({ width, height });
    const image = new Float32Array(3 * width * height);
    const latent = new Float32Array(channels * rows * columns);
    const workspace: Workspace = {
      image,
      imageTensor: new Tensor('float32', image, [1, 3, height, width]),
      latent,
      latentTensor: new Tensor('float32', latent, [1, channels, rows, columns]),
    };
    this.#workspaces.set(key, workspace);
    return workspace;
  }

  #checkSize({ width, height }: Size, bytes: number): void {
    const fits = (side: number) => side > 0 && side <= MAX_SIDE && side % this.multiple === 0;
    if (fits(width) && fits(height) && bytes === width * height * 4) return;
    throw new StudioError(
      'engine',
      'argument.invalid',
      `A picture for the animate engine must have sides that are multiples of ${this.multiple} up to ${MAX_SIDE}, ` +
        `got ${width}×${height} in ${bytes} bytes; scale it first.`,
    );
  }
}

/** What fails in a network is told in words. */
async function guarded<R>(work: () => Promise<R>): Promise<R> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof StudioError) throw error;
    const message = 'The animate model must run on every picture and failed on one; restart the engine.';
    throw new StudioError('engine', 'engine.failed', message, { cause: error });
  }
}

/** The sizes a model is proved at: the pictures it will get. */
function proofSizes(contract: AnimateContract): Record<string, number> {
  const side = ENGINE_PICTURE_SIZE;
  const cells = side / contract.codecFactor;
  return { B: 1, H: side, W: side, h: cells, w: cells };
}
