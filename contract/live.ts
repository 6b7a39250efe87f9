import type { StudioErrorShape } from './errors';
import type { Project } from './project';

/** An engine process as the studio sees it. */
export type EngineLive = {
  state: 'stopped' | 'starting' | 'ready' | 'restarting' | 'failed';
  /** Where the stage connects, `ws://127.0.0.1:port`; null unless ready. */
  url: string | null;
  /** ONNX execution provider that runs the model. */
  provider: string | null;
  model: string | null;
  /** Words of the model's vocabulary, for the prompt box; empty when any word goes. */
  words: readonly string[];
  restarts: number;
  error: StudioErrorShape | null;
};

/** One layer's live values that are not part of the project. */
export type LayerLive = {
  /** Number on the wire; stable for the life of the layer. */
  streamId: number;
  /** Rises at every cut: prompt, model or source change, reset. */
  epoch: number;
  /** Studio version in which the engine's settings last changed. */
  controlVersion: number;
  /** Programme time of the input event behind that change; 0 when there was none. */
  controlInputUs: number;
  /** Film time = programme time − originUs while playing. */
  originUs: number;
  /** Film time at which the film stands still; null while it plays. */
  pausedAtUs: number | null;
  /** Words of the prompt that the model does not know. */
  unknownWords: readonly string[];
};

/** One strip's live values that are not part of the project. */
export type StripLive = {
  /** Sound time of a file strip = programme time − originUs. */
  originUs: number;
};

export type RecordingLive = {
  state: 'idle' | 'recording' | 'paused' | 'finishing';
  /** Programme time at which it began. */
  startedUs: number | null;
  /** Recorded length without pauses. */
  durationUs: number;
  bytes: number;
  /** The last finished or current file. */
  file: string | null;
  error: StudioErrorShape | null;
};

export type DestinationState = 'idle' | 'connecting' | 'live' | 'reconnecting' | 'stopped';

export type DestinationLive = {
  state: DestinationState;
  attempt: number;
  /** Programme time of the next try while reconnecting. */
  retryUs: number | null;
  bitrateKbps: number;
  sentFrames: number;
  droppedFrames: number;
  /** Programme time since which it has been live without a break. */
  sinceUs: number | null;
  /** Whether a key is stored; the key itself never leaves main. */
  hasKey: boolean;
  error: StudioErrorShape | null;
};

/** Something the user should know; shown until dismissed or replaced by the same key. */
export type Notice = { key: string; error: StudioErrorShape; atUs: number };

/** The one immutable snapshot of the studio; a new object with a higher version at each change. */
export type LiveState = {
  version: number;
  project: Project;
  /** Path of the project file. */
  projectFile: string;
  canUndo: string | null;
  canRedo: string | null;
  layers: Readonly<Record<string, LayerLive>>;
  strips: Readonly<Record<string, StripLive>>;
  engines: { readonly animate: EngineLive };
  recording: RecordingLive;
  destinations: Readonly<Record<string, DestinationLive>>;
  /** Whether any output needs encoded packets. */
  onAir: boolean;
  shell: { kind: 'electron' | 'browser'; secretStore: 'os' | 'session' };
  ffmpeg: boolean;
  notices: readonly Notice[];
};
