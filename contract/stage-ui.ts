import type { BinauralStats, LayerCondition, StageStats } from './stage';

/** Window → stage worker, by postMessage; objects marked "transferred" change owner. */
export type WindowToStage =
  | { type: 'start'; url: string; token: string }
  /** The canvas that shows the programme (transferred); size in device pixels. */
  | { type: 'canvas'; canvas: OffscreenCanvas }
  | { type: 'resize'; width: number; height: number }
  /** Frames of a camera layer (transferred); replaces an earlier stream of that layer. */
  | { type: 'camera'; layerId: string; frames: ReadableStream<VideoFrame> }
  | { type: 'camera-lost'; layerId: string; condition: LayerCondition }
  /** The other end of the mix worklet's port (transferred). */
  | { type: 'sound'; port: MessagePort }
  /** How the placed strips were rendered in the last second. */
  | { type: 'placed'; strips: BinauralStats[] }
  /** After `replaced`: connect again and take the stage over from the other window. */
  | { type: 'take-back' };

/** Stage worker → window. */
export type StageToWindow =
  /** programmeUs = (performance.timeOrigin + performance.now()) × 1000 + offsetUs */
  | { type: 'clock'; offsetUs: number }
  /** Programme time of sample 0 of the sound clock; again after every jump. */
  | { type: 'sound-anchor'; anchorUs: number }
  | { type: 'stats'; stats: StageStats }
  | { type: 'layer'; layer: LayerCondition }
  /** `replaced`: another window's stage took over; this one rests until `take-back`. */
  | { type: 'connection'; connected: boolean; replaced: boolean };

/** Mix worklet → stage worker, on the sound port. */
export type SoundToStage =
  /**
   * 10 ms of the mix: interleaved stereo f32 (transferred), numbered by its first sample, and how
   * many samples ago it was heard by the sources (placing strips takes time; 0 if not given).
   */
  | { type: 'pcm'; frame: number; samples: Float32Array<ArrayBuffer>; delayFrames?: number }
  /** Peaks since the last message, linear, by strip id; `mix` is the programme. */
  | { type: 'levels'; peaks: Record<string, number> };

/** Stage worker → mix worklet, on the same port: a block that was used up (transferred), to be filled again. */
export type StageToSound = { type: 'recycle'; samples: Float32Array<ArrayBuffer> };
