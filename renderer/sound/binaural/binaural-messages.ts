import type { Pose } from './parametric-render';

/** Name under which the processor is registered. */
export const BINAURAL_PROCESSOR = 'fantascope-binaural';

/**
 * Delay of a strip that the network renders, samples (128 ms) [B17]: 2 048 to gather a piece,
 * 384 of the short-time transform, and 3 712 (77 ms) for two sockets, the network's turn and a
 * busy machine. It is the same for every such strip, so that the mix stays in step.
 */
export const NETWORK_DELAY_FRAMES = 6144;
/** Blocks of 128 in a piece that is sent to the network. */
export const CHUNK_BLOCKS = 16;

/** Window → binaural worklet. */
export type WindowToBinaural =
  | { type: 'pose'; pose: Pose }
  /** The port to the link worker (transferred); it speaks `LinkToBinaural` and hears `BinauralToLink`. */
  | { type: 'link'; port: MessagePort }
  /** From sample `frame` of the sound clock on, what is heard is this many samples old. */
  | { type: 'delay'; frame: number; delayFrames: number }
  /** The strip is gone: render no more. */
  | { type: 'end' };

/** Binaural worklet → window, once a second. */
export type BinauralToWindow = { type: 'stats'; networkShare: number; missed: number; delayFrames: number };

/** Binaural worklet → link worker. */
export type BinauralToLink = {
  type: 'placed';
  /** The run that the piece belongs to, and the number of its first block in it. */
  run: number;
  block: number;
  /** Sample of the sound clock at which the piece begins. */
  frame: number;
  /** A whole message (transferred): room for a frame header, then `FrameFormat.placed`. */
  message: ArrayBuffer;
};

/** Link worker → binaural worklet. */
export type LinkToBinaural =
  /** Send pieces, numbered from 0; what was sent before is void. */
  | { type: 'run'; run: number }
  /** Send no more. */
  | { type: 'rest' }
  /** What the network made of blocks from number `block` of a run on: interleaved stereo. */
  | { type: 'refined'; run: number; block: number; samples: Float32Array<ArrayBuffer> }
  /** A message that was used up (transferred), to be filled again. */
  | { type: 'recycle'; message: ArrayBuffer };
