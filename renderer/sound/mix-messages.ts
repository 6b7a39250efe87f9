/** How many strips the mix worklet can meter; the contract allows no more strips. */
export const METER_INPUTS = 64;
/** Name under which the processor is registered. */
export const MIX_PROCESSOR = 'fantascope-mix';

/** Window → mix worklet. */
export type WindowToMix =
  /** The port to the stage (transferred). */
  | { type: 'stage'; port: MessagePort }
  /** The port to the sound link worker (transferred), which takes what is tapped. */
  | { type: 'tap-port'; port: MessagePort }
  /** Taps the strip of a meter input, or (0) the mix; null: nothing. */
  | { type: 'tap'; slot: number | null }
  /** From sample `frame` on, what is mixed is this many samples old. */
  | { type: 'delay'; frame: number; delayFrames: number }
  /** Names a meter input after its strip; null stops metering it. */
  | { type: 'meter'; slot: number; stripId: string | null };

/** Mix worklet → window. */
export type MixToWindow = { type: 'levels'; peaks: Record<string, number> };
