import * as v from 'valibot';
import { ContractSchema } from '../runtime/model-contract';

/** `contracts/animate.json`. */
export const AnimateContractSchema = v.object({
  ...ContractSchema.entries,
  /** Width and height of a picture must be multiples of this. */
  spatialMultiple: v.pipe(v.number(), v.integer(), v.minValue(8)),
  latentChannels: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(64)),
  /** Pixels per latent cell, along one side. */
  codecFactor: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(64)),
  /** Noise levels σ of a picture in as many steps as there are, falling from 1; fewer steps take the first ones. */
  sigmas: v.pipe(
    v.array(v.pipe(v.number(), v.gtValue(0), v.maxValue(1))),
    v.minLength(1),
    v.maxLength(16),
    v.check(
      (sigmas) => sigmas.every((sigma, i) => i === 0 || sigma < sigmas[i - 1]!),
      'Noise levels must fall',
    ),
  ),
});
export type AnimateContract = v.InferOutput<typeof AnimateContractSchema>;
