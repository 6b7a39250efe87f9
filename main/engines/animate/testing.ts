import type { Guidance } from '../../../contract/animate';
import type { TokenizedPrompt } from '../runtime/prompt';
import { SeedNoise } from './noise/seed-noise';
import type { AnimatePipeline, Look, Size, SourcePicture } from './pipeline';

/** A look with its prompts in words and its noise by seed; what is left out is one step without guidance. */
export type PlainLook = {
  prompt: TokenizedPrompt;
  strength: number;
  seed: number;
  steps?: number;
  guidance?: Guidance;
  negative?: TokenizedPrompt;
};

const noises = new SeedNoise();
const NONE: Guidance = { mode: 'none', scale: 1, delta: 1 };

/** The look that the network is given. */
export async function lookOf(pipeline: AnimatePipeline, plain: PlainLook, size: Size): Promise<Look> {
  const { prompt, negative, strength, seed, steps = 1, guidance = NONE } = plain;
  const { channels, rows, columns } = pipeline.latentShape(size);
  return {
    hidden: await pipeline.hear(prompt),
    against: negative ? await pipeline.hear(negative) : null,
    strength,
    steps,
    guidance,
    noise: noises.of(seed, channels * Math.max(0, Math.round(rows * columns))),
  };
}

/** One picture through all of its levels, with nothing else under way. */
export async function renderOne(
  pipeline: AnimatePipeline,
  source: SourcePicture,
  size: Size,
  plain: PlainLook,
): Promise<Uint8ClampedArray> {
  const out = new Uint8ClampedArray(size.width * size.height * 4);
  await pipeline.enter(null, source, size, await lookOf(pipeline, plain, size));
  while (pipeline.underWay > 0) {
    const [made] = await pipeline.step(() => out);
    if (made?.broken) throw made.broken;
  }
  return out;
}
