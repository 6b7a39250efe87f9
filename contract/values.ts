import * as v from 'valibot';

/** Values that several schemas have in common. */

/** From 0 to 1. */
export const fraction = v.pipe(v.number(), v.minValue(0), v.maxValue(1));
/** A whole number of 32 bits without a sign. */
export const u32 = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(0xffffffff));
/** What a prompt box takes. */
export const promptText = v.pipe(v.string(), v.maxLength(10_000));
