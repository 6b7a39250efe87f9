/** A stream of an engine, and where that engine listens; `url` null while it does not. */
export type LinkedStream = {
  url: string | null;
  streamId: number;
  epoch: number;
  controlVersion: number;
};

/** Window → sound link worker. */
export type WindowToLink =
  | { type: 'start'; token: string }
  /** Programme time of sample 0 of the sound clock, µs. */
  | { type: 'anchor'; anchorUs: number }
  /** A placed strip: the other end of its worklet's port (transferred). */
  | { type: 'voice'; stripId: string; port: MessagePort }
  /** The stream that refines a placed strip; null: none. */
  | { type: 'voice-stream'; stripId: string; stream: LinkedStream | null }
  | { type: 'voice-end'; stripId: string }
  /** The other end of the mix worklet's tap (transferred). */
  | { type: 'tap'; port: MessagePort }
  /** The stream that listens to the tap; null: none. */
  | { type: 'tap-stream'; stream: LinkedStream | null };

/** Samples of a piece of tapped sound (20 ms). */
export const TAP_FRAMES = 960;

/** Mix worklet → sound link worker. */
export type TapToLink = {
  type: 'tap';
  /** Sample of the sound clock to which the first sample belongs (delays taken off). */
  frame: number;
  /** Mono (transferred). */
  samples: Float32Array<ArrayBuffer>;
};

/** Sound link worker → mix worklet: a piece that was used up (transferred), to be filled again. */
export type LinkToTap = { type: 'recycle'; samples: Float32Array<ArrayBuffer> };
