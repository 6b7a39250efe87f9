import * as v from 'valibot';
import { ContractSchema, contractError } from '../runtime/model-contract';

const count = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(1024));

/** `contracts/captions.json`. */
export const CaptionsContractSchema = v.object({
  ...ContractSchema.entries,
  boundByPosition: v.literal(true),
  subsamplingFactor: v.literal(8),
  /** Feature frames of 0 before the first of a stream. */
  leadFrames: v.literal(8),
  /** Feature frames a window has beyond `subsamplingFactor` for each output. */
  leadingContextFrames: count,
  /** What a model's metadata must tell. */
  metadata: v.array(v.string()),
  features: v.object({
    sampleRate: v.literal(16_000),
    preemphasis: v.literal(0.97),
    hop: v.literal(160),
    window: v.literal(400),
    fft: v.literal(512),
    bands: v.literal(80),
    lowHz: v.literal(0),
    highHz: v.literal(8000),
    scale: v.literal('slaney'),
    logFloor: v.literal(2 ** -24),
  }),
});
export type CaptionsContract = v.InferOutput<typeof CaptionsContractSchema>;

/** How one captions model cuts time, and the sizes of its tensors. */
export type Geometry = {
  /** Output frames that the network looks ahead (R). */
  lookAhead: number;
  /** Feature frames of one run, and from one run to the next. */
  window: number;
  shift: number;
  /** Output frames of one run (T' = R + 1). */
  chunk: number;
  /** Tokens, the blank not counted (V). */
  vocabulary: number;
  /** How much later than spoken its words start and end, as was measured; 0 when it does not say. */
  startDelayUs: number;
  endDelayUs: number;
  /** Sizes by the contract's symbols. */
  sizes: Readonly<Record<string, number>>;
};

/**
 * A model's geometry from its metadata [C5].
 * @param subject begins each message.
 * @throws StudioError `model.contract`: what was expected, what was found, what to do.
 */
export function readGeometry(
  metadata: ReadonlyMap<string, string>,
  contract: CaptionsContract,
  subject: string,
): Geometry {
  const missing = contract.metadata.filter((key) => !metadata.has(key));
  if (missing.length > 0) {
    throw contractError(subject, `the metadata ${contract.metadata.join(', ')}`, `no ${missing.join(', ')}`);
  }
  const number = (key: string) => {
    const text = metadata.get(key) ?? '';
    const value = /^\d{1,6}$/.test(text) ? Number(text) : 0;
    if (value < 1)
      throw contractError(subject, `a count of at least 1 as its ${key}`, `"${text.slice(0, 80)}"`);
    return value;
  };
  const exactly = (key: string, expected: string | number) => {
    const found = metadata.get(key)!;
    if (found === String(expected)) return;
    throw contractError(subject, `${expected === '' ? 'no' : expected} ${key}`, `"${found.slice(0, 80)}"`);
  };
  const delayUs = (key: string) => {
    const text = metadata.get(key) ?? '0';
    if (/^-?\d{1,4}$/.test(text)) return Number(text) * 1000;
    throw contractError(subject, `milliseconds as its ${key}`, `"${text.slice(0, 80)}"`);
  };
  exactly('subsampling_factor', contract.subsamplingFactor);
  exactly('feat_dim', contract.features.bands);
  if (metadata.get('normalize_type') !== 'NA') exactly('normalize_type', '');
  const shift = number('chunk_shift');
  const window = number('window_size');
  const chunk = shift / contract.subsamplingFactor;
  const expected = contract.leadingContextFrames + shift;
  if (!Number.isInteger(chunk) || window !== expected) {
    const rule = `windows of ${contract.leadingContextFrames} feature frames and 8 for each of its results`;
    throw contractError(subject, rule, `a window of ${window} and a shift of ${shift}`);
  }
  const vocabulary = number('vocab_size');
  const sizes = {
    B: 1,
    T: window,
    R: chunk - 1,
    V: vocabulary,
    L: number('cache_last_channel_dim1'),
    D: number('cache_last_channel_dim3'),
    Ct: number('cache_last_time_dim3'),
  };
  const [startDelayUs, endDelayUs] = [delayUs('word_start_delay_ms'), delayUs('word_end_delay_ms')];
  return { lookAhead: chunk - 1, window, shift, chunk, vocabulary, startDelayUs, endDelayUs, sizes };
}
