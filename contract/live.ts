import type { CaptionWord } from './captions';
import type { EngineName, Images, Quality } from './engine';
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
  /** The model that is being loaded beside it and takes over when it is ready; null else. */
  loading: string | null;
  /** Words of the model's vocabulary, for the prompt box; empty when any word goes. */
  words: readonly string[];
  restarts: number;
  /** How good its pictures are at present, and why; null for an engine with one way of doing things. */
  quality: Quality | null;
  /** Where its pictures are packed and scaled; null for an engine without any. */
  images: Images | null;
  error: StudioErrorShape | null;
};

/** What a stream of an engine was last told, and what came of it. */
export type EngineStreamLive = {
  /** Rises at every cut: source or model change, reset, and what else the engine takes for one. */
  epoch: number;
  /** Studio version in which the engine's settings last changed. */
  controlVersion: number;
  /** Programme time of the input event behind that change; 0 when there was none. */
  controlInputUs: number;
  /** Words of the prompt that the model does not know. */
  unknownWords: readonly string[];
};

/**
 * One layer's live values that are not part of the project. Its own stream values are those of
 * the animate engine.
 */
export type LayerLive = EngineStreamLive & {
  /** Number on the wire; stable for the life of the layer, and no strip has the same. */
  streamId: number;
  /** Stream of the generate engine, while the source is made by it. */
  generated: EngineStreamLive | null;
  /** Film time = programme time − originUs while playing. */
  originUs: number;
  /** Film time at which the film stands still; null while it plays. */
  pausedAtUs: number | null;
};

/** One strip's live values that are not part of the project. */
export type StripLive = {
  /** Sound time of a file strip = programme time − originUs. */
  originUs: number;
  /** Number on the wire; stable for the life of the strip, and no layer has the same. */
  streamId: number;
  /** Stream of the binaural engine, while the strip is placed by it. */
  binaural: EngineStreamLive | null;
};

/** The stream number of the whole mix. */
export const MIX_STREAM_ID = 0;

/** What is being heard. */
export type CaptionsLive = {
  /** Stream that is captioned: a strip's, or `MIX_STREAM_ID`; null while captions are off. */
  streamId: number | null;
  epoch: number;
  controlVersion: number;
  /** The newest words, at most 40. */
  words: readonly CaptionWord[];
  /** From the end of a word to its first appearance; null before any. */
  latencyMs: { p50: number; p95: number; n: number } | null;
};

/** A running list of cues. */
export type CuesLive = {
  /** Programme time at which they were started; null while they stand. */
  startedUs: number | null;
  /** Cues that have played since then. */
  played: readonly string[];
};

/** The link to OBS. */
export type ObsLive = {
  state: 'idle' | 'connecting' | 'live' | 'reconnecting';
  /** Programme picture to OBS's own picture, measured by what is in them; null when nothing moves. */
  latencyMs: { p50: number; p95: number; n: number } | null;
  obsVersion: string | null;
  /** Whether a password is stored; it never leaves main. */
  hasPassword: boolean;
  error: StudioErrorShape | null;
};

export const CAMERA_BACKENDS = ['v4l2loopback', 'pipewire', 'obs'] as const;
export type CameraBackend = (typeof CAMERA_BACKENDS)[number];

/** One way to appear as a camera, and whether it works on this machine. */
export type CameraCapability = {
  backend: CameraBackend;
  available: boolean;
  /** Where other programs find it, or why it is not there and what to do. */
  explanation: string;
};

export type VirtualCameraLive = {
  state: 'off' | 'starting' | 'on';
  backend: CameraBackend | null;
  capabilities: readonly CameraCapability[];
  error: StudioErrorShape | null;
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
  engines: Readonly<Record<EngineName, EngineLive>>;
  captions: CaptionsLive;
  cues: CuesLive;
  obs: ObsLive;
  virtualCamera: VirtualCameraLive;
  recording: RecordingLive;
  destinations: Readonly<Record<string, DestinationLive>>;
  /** Whether any output needs encoded packets. */
  onAir: boolean;
  shell: { kind: 'electron' | 'browser'; secretStore: 'os' | 'session' };
  ffmpeg: boolean;
  notices: readonly Notice[];
};
