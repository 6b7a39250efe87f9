/** How many strips the mix worklet can meter; the contract allows no more strips. */
export const METER_INPUTS = 64;
/** Name under which the processor is registered. */
export const MIX_PROCESSOR = 'fantascope-mix';

/** Window → mix worklet. */
export type WindowToMix =
  /** The port to the stage (transferred). */
  | { type: 'stage'; port: MessagePort }
  /** Names a meter input after its strip; null stops metering it. */
  | { type: 'meter'; slot: number; stripId: string | null };

/** Mix worklet → window. */
export type MixToWindow = { type: 'levels'; peaks: Record<string, number> };
