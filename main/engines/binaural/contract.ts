import * as v from 'valibot';
import { ContractSchema } from '../runtime/model-contract';

const whole = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(65_536));

/** `contracts/binaural.json`. */
export const BinauralContractSchema = v.object({
  ...ContractSchema.entries,
  sampleRate: v.literal(48_000),
  window: v.literal(512),
  hop: v.literal(128),
  bins: v.literal(257),
  /** c and s of x = s X |X|^(c − 1). */
  compression: v.pipe(v.number(), v.minValue(0.1), v.maxValue(1)),
  spectrumScale: v.pipe(v.number(), v.minValue(1e-6), v.maxValue(1e6)),
  /** Deviation of the flow's noise, and the solver time at which it begins. */
  sigma: v.pipe(v.number(), v.minValue(0), v.maxValue(10)),
  t0: v.pipe(v.number(), v.minValue(0), v.maxValue(0.99)),
  chunkFrames: v.pipe(whole, v.maxValue(256)),
  /** Values of a pose. */
  P: v.literal(4),
  noise: v.object({ stream: v.pipe(v.number(), v.integer(), v.minValue(0)), blocksPerFrame: v.literal(257) }),
  /** Shape of every cache. */
  caches: v.pipe(v.array(v.array(whole)), v.maxLength(256)),
});
export type BinauralContract = v.InferOutput<typeof BinauralContractSchema>;
