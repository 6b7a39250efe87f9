import type { AnimateControlValues } from '../../../contract/animate';
import type { TokenizedPrompt } from '../runtime/prompt';
import { MovingNoise, canMove, type LatentShape, type Warp } from './noise/moving-noise';
import { SeedNoise, towardsSeed, type SeedShare } from './noise/seed-noise';
import type { Look, Size, SourcePicture } from './pipeline';
import { eased, lerp, mixPrompts } from './prompt-mix';

/** What looks are made of by a model. */
export type LookModel = {
  hear(prompt: TokenizedPrompt): Promise<Float32Array>;
  latentShape(size: Size): LatentShape;
  readonly warp: Warp;
};

/** Settings whose prompts are told in the model's words. */
export type Wish = {
  settings: Required<AnimateControlValues>;
  prompt: TokenizedPrompt;
  /** The other prompts of a blend. */
  others: readonly TokenizedPrompt[];
  /** Null where no guidance hears it. */
  negative: TokenizedPrompt | null;
};

type Heard = { hidden: Float32Array; against: Float32Array | null; seeds: readonly SeedShare[] };

/**
 * What the pictures of one stream are made with, one after the other: a new wish holds at once or
 * fades in, from wherever the last picture was [S8], [S9]; its noise stands still or moves [S10].
 */
export class StreamLook {
  readonly #model: LookModel;
  readonly #noises = new SeedNoise();
  readonly #moving: MovingNoise;
  #wish: Wish | null = null;
  #from: Heard | null = null;
  #sinceMs = 0;
  #last: Heard | null = null;

  constructor(model: LookModel) {
    this.#model = model;
    this.#moving = new MovingNoise(model.warp);
  }

  /** Wants something else from now on; `isCut`: without a way there. */
  turnTo(wish: Wish, nowMs: number, isCut: boolean): void {
    const before = this.#wish;
    this.#wish = wish;
    if (isCut || wish.settings.fade.ms === 0) this.#from = null;
    else if (!before || isOther(before, wish)) {
      this.#from = this.#last;
      this.#sinceMs = nowMs;
    }
  }

  /**
   * What the next picture is made with.
   * @param size what the source is worked on in.
   * @throws what the model's text encoder throws.
   */
  async at(source: SourcePicture, size: Size, nowMs: number): Promise<Look> {
    const { settings } = this.#wish!;
    const heard = await this.#heard(nowMs);
    this.#last = heard;
    const shape = this.#model.latentShape(size);
    const { strength, steps, guidance, seed, noise } = settings;
    const isMoving = noise.kind === 'moving' && canMove(source);
    return {
      hidden: heard.hidden,
      against: heard.against,
      strength,
      steps,
      guidance,
      noise: isMoving
        ? await this.#moving.next(source, size, shape, seed, noise.renewal)
        : this.#noises.mixed(heard.seeds, shape.channels * shape.rows * shape.columns),
    };
  }

  async #heard(nowMs: number): Promise<Heard> {
    const { settings, prompt, others, negative } = this.#wish!;
    const { blend, fade, seed } = settings;
    const own = { hidden: await this.#model.hear(prompt), weight: blend?.weight ?? 1 };
    const parts = [own];
    for (const [i, other] of others.entries()) {
      parts.push({ hidden: await this.#model.hear(other), weight: blend!.others[i]!.weight });
    }
    const hidden = mixPrompts(blend?.kind ?? 'linear', parts);
    const against = negative ? await this.#model.hear(negative) : null;
    const from = this.#from;
    const weight = from ? eased(fade.easing, (nowMs - this.#sinceMs) / fade.ms) : 1;
    if (!from || weight === 1) {
      this.#from = null;
      return { hidden, against, seeds: [{ seed, amount: 1 }] };
    }
    return {
      hidden: lerp(from.hidden, hidden, weight),
      against: against && from.against ? lerp(from.against, against, weight) : against,
      seeds: towardsSeed(from.seeds, seed, weight),
    };
  }
}

/** Whether anything that fades is another. */
function isOther(before: Wish, wish: Wish): boolean {
  const told = ({ settings: { prompt, blend, negative, seed } }: Wish) =>
    JSON.stringify([prompt, blend, negative, seed]);
  return told(before) !== told(wish);
}
