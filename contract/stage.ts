import * as v from 'valibot';
import { StudioErrorSchema } from './errors';
import type { CaptionUpdate } from './captions';
import type { LiveState } from './live';

/**
 * Messages on the stage's own socket (`/stage`), JSON text beside binary frames.
 * Binary from the stage: `video`, `pcm` and `slate` frames (see frame.ts).
 */

// JSON has no Infinity, but 1e999 parses to it; in a clock it would become NaN for good.
const us = v.pipe(v.number(), v.finite(), v.minValue(0), v.maxValue(1e15));
const count = v.pipe(v.number(), v.finite(), v.minValue(0), v.maxValue(1e15));
/** Width or height of the programme, pixels. */
const side = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(8192));
const decibel = v.pipe(v.number(), v.finite(), v.minValue(-1000), v.maxValue(1000));
const shortText = v.pipe(v.string(), v.maxLength(200));

export const COMPOSITOR_BACKENDS = ['canvas2d', 'webgl2', 'webgpu'] as const;
export type CompositorBackend = (typeof COMPOSITOR_BACKENDS)[number];

/** Percentiles of a duration over the last seconds, in milliseconds. */
const SpreadSchema = v.object({ p50: count, p95: count, n: count });
export type Spread = v.InferOutput<typeof SpreadSchema>;

/** What the stage measured of one engine-driven layer in the last second. */
const EngineStatsSchema = v.object({
  layerId: shortText,
  /** Distinct new engine pictures per second. */
  fps: count,
  /** Pictures sent but never answered in time, or superseded. */
  dropped: count,
  /** Control input to programme frame; null until something was changed. */
  knobToPixelMs: v.nullable(SpreadSchema),
  /** Capture to engine picture on stage. */
  ageMs: v.nullable(SpreadSchema),
  /** Stage name → mean milliseconds, as the engine reports them. */
  stagesMs: v.record(shortText, count),
  appliedVersion: count,
  /** Share of the last second's pictures that the engine left out as nearly the ones before; null without any. */
  filteredShare: v.optional(v.nullable(count)),
  /** Which engine made the pictures. */
  engine: v.optional(v.picklist(['animate', 'generate']), 'animate'),
});
export type EngineStats = v.InferOutput<typeof EngineStatsSchema>;

/** How a placed strip is rendered. */
const BinauralStatsSchema = v.object({
  stripId: shortText,
  /** Share of the last second's blocks that the network rendered, 0 to 1; the rest is parametric. */
  networkShare: count,
  /** Blocks for which the network was late, since start. */
  missed: count,
  /** Delay that placing adds to this strip; the mixer makes up for it. */
  delayMs: count,
});
export type BinauralStats = v.InferOutput<typeof BinauralStatsSchema>;

export const StageStatsSchema = v.object({
  atUs: us,
  backend: v.picklist(COMPOSITOR_BACKENDS),
  fps: count,
  /** Ticks drawn more than half a frame late, and ticks left out, since start. */
  lateTicks: count,
  skippedTicks: count,
  ticks: count,
  compositeMs: SpreadSchema,
  encodeMs: SpreadSchema,
  encodeQueue: count,
  encoder: v.nullable(shortText),
  engines: v.array(EngineStatsSchema),
  /** Peak of each strip and of the mix in the last period, dBFS; −120 is silence. */
  levelsDb: v.record(shortText, decibel),
  /** Programme samples that were sent, and how often the sound clock jumped. */
  soundFrames: count,
  soundJumps: count,
  /** VideoFrames the stage holds: a constant small number while none leaks. */
  openFrames: v.optional(count),
  /** Programme pictures that were not encoded because encoder or socket was full, since start. */
  encodeSkipped: v.optional(count),
  binaural: v.optional(v.array(BinauralStatsSchema)),
});
export type StageStats = v.InferOutput<typeof StageStatsSchema>;

export const LAYER_CONDITIONS = ['ok', 'waiting', 'lost', 'error'] as const;
export const LayerConditionSchema = v.object({
  layerId: shortText,
  condition: v.picklist(LAYER_CONDITIONS),
  error: v.nullable(StudioErrorSchema),
});
export type LayerCondition = v.InferOutput<typeof LayerConditionSchema>;

export const FromStageSchema = v.variant('type', [
  v.object({ type: v.literal('hello'), backend: v.picklist(COMPOSITOR_BACKENDS), h264: v.boolean() }),
  v.object({ type: v.literal('ping'), id: count, sentMs: count }),
  /** Sent before the first packet and whenever the encoder is configured anew. */
  v.object({
    type: v.literal('video-config'),
    codec: shortText,
    /** avcC, base64. */
    description: v.pipe(v.string(), v.maxLength(4096)),
    width: side,
    height: side,
    // A slate is played at this rate: an absurd one would keep main busy for hours.
    fps: v.pipe(v.number(), v.finite(), v.minValue(1), v.maxValue(120)),
  }),
  /** The sound clock: sample `frame` was mixed at programme time `programmeUs`. */
  v.object({ type: v.literal('sound-clock'), frame: count, programmeUs: us }),
  v.object({ type: v.literal('stats'), stats: StageStatsSchema }),
  v.object({ type: v.literal('layer'), layer: LayerConditionSchema }),
  v.object({ type: v.literal('error'), error: StudioErrorSchema }),
  /** While asked for: a tiny picture of the programme, 32 × 18 luma bytes in base64. */
  v.object({
    type: v.literal('fingerprint'),
    timestampUs: us,
    luma: v.pipe(v.string(), v.length(768)),
  }),
]);
export type FromStage = v.InferOutput<typeof FromStageSchema>;

/** Main to stage; main is trusted, so this is a type and not a schema. */
export type ToStage =
  | { type: 'state'; state: LiveState }
  | { type: 'pong'; id: number; sentMs: number; mainUs: number }
  /** Ask for a key frame now. */
  | { type: 'key-frame' }
  /** Encode packets and send sound (true) or only draw (false). */
  | { type: 'on-air'; onAir: boolean }
  /** Send a fingerprint of every programme picture, or no longer. */
  | { type: 'fingerprints'; on: boolean }
  /** Words that were heard. */
  | { type: 'captions'; update: CaptionUpdate };
