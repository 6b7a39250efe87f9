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
});
export type AnimateContract = v.InferOutput<typeof AnimateContractSchema>;
