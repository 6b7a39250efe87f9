import { FRAME_HEADER_BYTES } from '../../../contract/frame';
import type { StageTimes } from '../runtime/timing';
import type { CausalStream, Onward } from './causal-stream';
import { Interpolator } from './interpolation/interpolator';
import { firstPicture, pictureUs, picturesUpTo, type Between } from './picture-times';
import type { PromptFade } from './prompt-fade';

/** What a film is made with from its next chunk on. */
export type FilmLook = {
  /** Ids of the prompt; a prompt with other ids is a new one. */
  ids: readonly number[];
  seed: number;
  blendMs: number;
  /** Version of the settings these are. */
  version: number;
  /** Noise levels that a chunk goes through; all when left out. */
  levels?: number;
};

/** A picture on its way out, in a message whose header is still to be written. */
export type FilmPicture = {
  /** `FRAME_HEADER_BYTES`, then width × height × 4 bytes of RGBA. */
  message: ArrayBuffer;
  number: number;
  captureUs: number;
  version: number;
  seed: number;
  /** The first one that shows anything of its frame; the others only move between frames. */
  isNew: boolean;
};

/** What a film needs of the model. */
export type FilmModel = {
  readonly width: number;
  readonly height: number;
  readonly fps: number;
  /** Frames of a chunk. */
  readonly chunk: number;
  /** Noise levels that the model was made for. */
  readonly levels: number;
  makeStream(): CausalStream;
  makeFade(): PromptFade;
  /** The embedding of a prompt. */
  embed(ids: readonly number[]): Promise<Float32Array>;
  /** One of a chunk's frames as RGBA, width × height × 4 bytes. */
  decode(latents: Float32Array, frame: number, out: Uint8ClampedArray): Promise<void>;
};

/** One endless film of one stream: chunk after chunk of pictures at the programme's rate. */
export class Film {
  readonly #model: FilmModel;
  readonly #times: StageTimes;
  readonly #stream: CausalStream;
  readonly #fade: PromptFade;
  readonly #interpolator: Interpolator;
  readonly #frame: Uint8ClampedArray;
  #heard: string | null = null;
  #last: { number: number; version: number; seed: number } | null = null;
  #firstFrame = 0;

  constructor(model: FilmModel, times: StageTimes) {
    this.#model = model;
    this.#times = times;
    this.#stream = model.makeStream();
    this.#fade = model.makeFade();
    this.#interpolator = new Interpolator(model.width, model.height);
    this.#frame = new Uint8ClampedArray(4 * model.width * model.height);
  }

  /** Bytes of keys, values and latents: constant. */
  get memoryBytes(): number {
    return this.#stream.memory.bytes;
  }

  /** Stream time one chunk lasts. */
  get chunkUs(): number {
    return (1e6 * this.#model.chunk) / this.#model.fps;
  }

  /** Stream time up to which pictures were made; null before the first. */
  get madeUs(): number | null {
    return this.#last && pictureUs(this.#last.number);
  }

  /** Begins anew, from noise, with the first chunk that is not before `fromUs` [G9]. */
  begin(fromUs: number): void {
    this.#restart(Math.ceil(fromUs / this.chunkUs));
    this.#last = null;
  }

  /** Begins anew after a chunk that went wrong, without it, where the film was [G12]. */
  skipChunk(): void {
    this.#restart(this.#stream.chunk + 1);
  }

  /**
   * Makes the next chunk and gives out its pictures, each as soon as it is there.
   * @returns false when `onward` said no: then the film must begin anew.
   * @throws StudioError `engine.failed`; then `skipChunk` or `begin` must follow.
   */
  async advance(look: FilmLook, onward: Onward, give: (picture: FilmPicture) => void): Promise<boolean> {
    const rewrite = await this.#hear(look);
    const { hidden } = this.#fade;
    const firstFrame = this.#stream.chunk * this.#model.chunk;
    const latents = await this.#stream.advance(
      { hidden, seed: { low: look.seed, high: 0 }, rewrite, levels: look.levels },
      onward,
    );
    if (!latents) return false;
    for (let i = 0; i < this.#model.chunk; i++) {
      const start = this.#times.now();
      await this.#model.decode(latents, i, this.#frame);
      this.#times.since('decode', start);
      if (!(await onward())) return false;
      for (const picture of this.#pictures(firstFrame + i, look)) give(picture);
      if (!(await onward())) return false;
    }
    return true;
  }

  /** Takes the prompt into account; answers whether the memory is to be written anew. */
  async #hear({ ids, blendMs }: FilmLook): Promise<boolean> {
    const key = ids.join();
    if (key !== this.#heard) {
      const target = await this.#model.embed(ids);
      if (this.#heard === null) this.#fade.jump(target);
      else this.#fade.turnTo(target, (1000 * blendMs) / this.chunkUs);
      this.#heard = key;
    }
    return this.#fade.step();
  }

  #restart(chunk: number): void {
    this.#stream.begin(chunk);
    this.#interpolator.clear();
    this.#heard = null;
    this.#firstFrame = chunk * this.#model.chunk;
  }

  *#pictures(frame: number, { version, seed }: FilmLook): Generator<FilmPicture> {
    const { fps } = this.#model;
    const before = this.#last;
    const start = this.#times.now();
    this.#interpolator.push(this.#frame);
    const places: Between[] =
      frame === this.#firstFrame
        ? [{ number: firstPicture(frame, fps), share: 1 }]
        : picturesUpTo(frame, fps);
    const due = places.filter(({ number }) => before === null || number > before.number);
    for (const [i, { number, share }] of due.entries()) {
      const message = new ArrayBuffer(FRAME_HEADER_BYTES + this.#frame.length);
      this.#interpolator.between(share, new Uint8ClampedArray(message, FRAME_HEADER_BYTES));
      // A picture between two versions is of the one it is nearer to.
      const of = before !== null && share < 0.5 ? before : { version, seed };
      this.#last = { number, version, seed };
      yield {
        message,
        number,
        captureUs: pictureUs(number),
        version: of.version,
        seed: of.seed,
        isNew: i === 0,
      };
    }
    this.#times.since('interpolate', start);
  }
}
