import type { ModelFit, ModelTier } from '../../contract/models';
import { MODEL_BYTES_TIMES, MODEL_RESERVE_BYTES } from '../engines/runtime/model-memory';
import { megabytes } from './sizes';

/** A machine as far as it decides what can be run. */
export type ModelMachine = {
  /** Memory there is, and memory that is free. */
  totalBytes: number;
  availableBytes: number;
  /** Whether a provider other than the processor could be had. */
  hasGraphics: boolean;
};

/** Floating-point operations of one picture of animate-mini at 256²: 2 × multiply-adds of its three networks. */
export const REFERENCE_GFLOPS = 2.71;

/** What one result costs, and what one is, in words. */
export type ResultCost = { gflops: number; of: string };

/** What must be known of a model to say whether it fits. */
export type Fittable = { bytes: number | null; tier: ModelTier; cost: ResultCost | null };

/** Fewer results a second than this are tight. */
const TIGHT_FPS = 4;
/** Above this share of the memory that is free a model is tight. */
const TIGHT_SHARE = 0.7;

/**
 * Says before a model is fetched or loaded whether this machine can run it. What is measured is the
 * processor: of a model for a graphics card no speed is foreseen where there is such a card.
 * @param referenceMs what one picture of the reference network takes here; null when not measured.
 */
export function fitOf(model: Fittable, machine: ModelMachine, referenceMs: number | null): ModelFit {
  const cost = model.tier !== 'cpu' && machine.hasGraphics ? null : model.cost;
  const predictedFps =
    cost !== null && referenceMs !== null ? (1000 * REFERENCE_GFLOPS) / (referenceMs * cost.gflops) : null;
  const resultOf = cost?.of ?? null;
  const say = (verdict: ModelFit['verdict'], why: string): ModelFit => ({
    verdict,
    why,
    predictedFps,
    resultOf,
  });
  const slow = predictedFps !== null && predictedFps < TIGHT_FPS;
  const needs = model.bytes === null ? null : MODEL_BYTES_TIMES * model.bytes + MODEL_RESERVE_BYTES;
  const needed = needs === null ? 'Its size is not known' : `It takes about ${megabytes(needs)} of memory`;
  if (needs !== null && needs > machine.totalBytes)
    return say('wont', `${needed}; this machine has ${megabytes(machine.totalBytes)}.`);
  if (model.tier !== 'cpu' && !machine.hasGraphics) {
    const card = `made for a graphics card with ${Number.parseInt(model.tier)} GB`;
    if (slow) return say('wont', `It is ${card}; the processor would make ${words(predictedFps)}.`);
    return say('tight', `${needed} and it is ${card}; here the processor would have to do.`);
  }
  if (needs === null)
    return say(
      'tight',
      `${needed} before it is fetched${slow ? `, and it would make ${words(predictedFps)} here` : ''}.`,
    );
  if (needs > TIGHT_SHARE * machine.availableBytes)
    return say('tight', `${needed}; ${megabytes(machine.availableBytes)} are free now.`);
  if (slow) return say('tight', `It would make ${words(predictedFps)} here.`);
  return say('fits', `${needed}; ${megabytes(machine.availableBytes)} are free.`);
}

function words(fps: number): string {
  return fps < 1
    ? `one result in ${Number((1 / fps).toPrecision(2))} s`
    : `${fps.toPrecision(2)} results a second`;
}
