import * as v from 'valibot';
import { fraction, promptText, u32 } from './values';

/** Prompts that can be heard at once, the first one included. */
export const MAX_BLENDED = 8;
/** Steps that a picture can take through the network. */
export const MAX_STEPS = 4;

/** What a picture is led away from (RCFG, StreamDiffusion §3.3). */
export const GUIDANCE_MODES = ['none', 'full', 'self', 'onetime'] as const;
export const GuidanceSchema = v.object({
  mode: v.picklist(GUIDANCE_MODES),
  /** γ: 1 leads nowhere, more exaggerates. */
  scale: v.pipe(v.number(), v.minValue(0), v.maxValue(4)),
  /** δ: how much of the virtual noise counts, with `self` and `onetime`. */
  delta: v.pipe(v.number(), v.minValue(0), v.maxValue(2)),
});
export type Guidance = v.InferOutput<typeof GuidanceSchema>;

/** Several prompts heard at once: each in its share of the sum of all weights. */
export const BlendSchema = v.object({
  kind: v.picklist(['linear', 'slerp']),
  /** Weight of the layer's own prompt. */
  weight: fraction,
  others: v.pipe(v.array(v.object({ prompt: promptText, weight: fraction })), v.maxLength(MAX_BLENDED - 1)),
});
export type Blend = v.InferOutput<typeof BlendSchema>;

/** Leaves out pictures that are nearly the last one that was made (StreamDiffusion §3.6). */
export const FilterSchema = v.object({
  /** η: similarity from which on pictures are left out, the more the nearer it comes to 1. */
  threshold: v.pipe(v.number(), v.minValue(0), v.maxValue(0.9999)),
  /** A picture is made after so many were left out. */
  maxSkip: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(300)),
});
export type Filter = v.InferOutput<typeof FilterSchema>;

/** How the noise that a picture grows from behaves while the source moves. */
export const NoiseSchema = v.object({
  /** `fixed` stands still; `moving` goes with what moves (Go-with-the-Flow). */
  kind: v.picklist(['fixed', 'moving']),
  /** γ: how much of it is new with each picture; 0 keeps it. */
  renewal: fraction,
});
export type Noise = v.InferOutput<typeof NoiseSchema>;

export const EASINGS = ['linear', 'smooth', 'in', 'out'] as const;
/** How a new prompt or seed takes over: at once with 0 ms, which is a cut. */
export const FadeSchema = v.object({
  ms: v.pipe(v.number(), v.minValue(0), v.maxValue(60_000)),
  easing: v.picklist(EASINGS),
});
export type Fade = v.InferOutput<typeof FadeSchema>;

/** What the animate engine is told of one layer. What is left out has the value of `ANIMATE_DEFAULTS`. */
export const AnimateControls = {
  prompt: promptText,
  /** How far a picture may go from its source. */
  strength: fraction,
  seed: u32,
  blend: v.optional(v.nullable(BlendSchema)),
  /** What is not to be seen; heard with the guidance `full` or `onetime`. */
  negative: v.optional(promptText),
  guidance: v.optional(GuidanceSchema),
  steps: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(MAX_STEPS))),
  filter: v.optional(v.nullable(FilterSchema)),
  noise: v.optional(NoiseSchema),
  fade: v.optional(FadeSchema),
};
export type AnimateControlValues = v.InferOutput<v.ObjectSchema<typeof AnimateControls, undefined>>;

/** What settings mean that are left out. */
export const ANIMATE_DEFAULTS = {
  blend: null,
  negative: '',
  /** As StreamDiffusion's own: what it costs is nothing, and looks are told far better by it. */
  guidance: { mode: 'self', scale: 1.2, delta: 1 },
  steps: 1,
  filter: null,
  noise: { kind: 'fixed', renewal: 0 },
  fade: { ms: 0, easing: 'smooth' },
} satisfies Partial<AnimateControlValues>;

/** Settings with nothing left out. */
export function animateControls(settings: AnimateControlValues): Required<AnimateControlValues> {
  const { blend, negative, guidance, steps, filter, noise, fade } = settings;
  return {
    prompt: settings.prompt,
    strength: settings.strength,
    seed: settings.seed,
    blend: blend ?? ANIMATE_DEFAULTS.blend,
    negative: negative ?? ANIMATE_DEFAULTS.negative,
    guidance: guidance ?? ANIMATE_DEFAULTS.guidance,
    steps: steps ?? ANIMATE_DEFAULTS.steps,
    filter: filter ?? ANIMATE_DEFAULTS.filter,
    noise: noise ?? ANIMATE_DEFAULTS.noise,
    fade: fade ?? ANIMATE_DEFAULTS.fade,
  };
}
