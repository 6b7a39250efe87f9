import * as v from 'valibot';

const us = v.pipe(v.number(), v.finite(), v.minValue(0), v.maxValue(1e15));

/** One word that was heard; times are programme microseconds. */
export const CaptionWordSchema = v.object({
  text: v.pipe(v.string(), v.minLength(1), v.maxLength(200)),
  startUs: us,
  endUs: us,
  /** Mean probability of the word's tokens, 0 to 1. */
  confidence: v.pipe(v.number(), v.minValue(0), v.maxValue(1)),
  /** A draft may still change or vanish; a confirmed word never does. */
  state: v.picklist(['draft', 'confirmed']),
  /** A pause ended before this word: captions begin a new one here. */
  begins: v.boolean(),
});
export type CaptionWord = v.InferOutput<typeof CaptionWordSchema>;

/**
 * A change of one stream's words: those from index `from` on are replaced by `words`. Indices
 * count from the start of the epoch and never reach below the first draft.
 */
export const CaptionUpdateSchema = v.object({
  streamId: v.number(),
  epoch: v.number(),
  from: v.pipe(v.number(), v.integer(), v.minValue(0)),
  words: v.pipe(v.array(CaptionWordSchema), v.maxLength(1000)),
  /** Programme time up to which sound was heard. */
  heardUs: us,
});
export type CaptionUpdate = v.InferOutput<typeof CaptionUpdateSchema>;
