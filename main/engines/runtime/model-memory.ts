/**
 * What a process takes for a model, over the bytes of its files: weights as the runtime lays them out,
 * beside those of the file, and what a run needs. Measured on networks of 30 to 500 MB: 1.6 to 2.6.
 */
export const MODEL_BYTES_TIMES = 2.6;
/** What the program of an engine takes beside its model. */
export const PROGRAM_BYTES = 100e6;
/** Left for the programme, the window and the system. */
export const MODEL_RESERVE_BYTES = 384e6;
