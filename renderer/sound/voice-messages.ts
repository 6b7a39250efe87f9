/** Name under which the processor is registered. */
export const VOICE_PROCESSOR = 'fantascope-voice';

/** Window → voice worklet. It answers `ended` once, when it has faded out. */
export type WindowToVoice =
  /** Planar 48 kHz samples (transferred) to be played from sample `frame` of the sound clock on. */
  | { type: 'play'; frame: number; planes: Float32Array<ArrayBuffer>[] }
  /** Fade out over 5 ms and end. */
  | { type: 'end' };
