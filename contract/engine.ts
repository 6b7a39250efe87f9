import * as v from 'valibot';
import { StudioErrorSchema } from './errors';

/**
 * Two doors of an engine process: `process` messages between main and the engine
 * (Electron's parentPort or Node's fork channel), and its own loopback WebSocket, where
 * the stage sends `picture` frames and receives `picture` frames back.
 */

/** What main hands to an engine at start. */
export const EngineInitSchema = v.object({
  type: v.literal('init'),
  engine: v.picklist(['animate']),
  /** Checked on every socket, as a WebSocket subprotocol. */
  token: v.string(),
  /** The only Origin that may connect. */
  origin: v.string(),
  /** Absolute folder of native-models. */
  modelsDir: v.string(),
  model: v.string(),
  threads: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(64)),
});
export type EngineInit = v.InferOutput<typeof EngineInitSchema>;

/** The live settings of one layer; the newest version wins. */
export const EngineControlSchema = v.object({
  type: v.literal('control'),
  streamId: v.number(),
  version: v.number(),
  epoch: v.number(),
  prompt: v.string(),
  strength: v.number(),
  seed: v.number(),
});
export type EngineControl = v.InferOutput<typeof EngineControlSchema>;

export const ToEngineSchema = v.variant('type', [
  EngineInitSchema,
  EngineControlSchema,
  v.object({ type: v.literal('forget'), streamId: v.number() }),
  v.object({ type: v.literal('stop') }),
]);
export type ToEngine = v.InferOutput<typeof ToEngineSchema>;

export const FromEngineSchema = v.variant('type', [
  v.object({
    type: v.literal('ready'),
    port: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(65535)),
    provider: v.string(),
    model: v.string(),
    words: v.array(v.string()),
    /** Picture size the engine works at. */
    width: v.number(),
    height: v.number(),
  }),
  /** A control message was taken; the words of the prompt that the model does not know. */
  v.object({
    type: v.literal('applied'),
    streamId: v.number(),
    version: v.number(),
    unknownWords: v.array(v.string()),
  }),
  v.object({
    type: v.literal('health'),
    processed: v.number(),
    dropped: v.number(),
    rssBytes: v.number(),
    /** Stage name → mean milliseconds over the last second. */
    stagesMs: v.record(v.string(), v.number()),
  }),
  v.object({ type: v.literal('failed'), error: StudioErrorSchema, fatal: v.boolean() }),
]);
export type FromEngine = v.InferOutput<typeof FromEngineSchema>;

/** JSON text an engine sends on the stage's socket, beside pictures. */
export const EngineSocketTextSchema = v.variant('type', [
  v.object({ type: v.literal('timing'), stagesMs: v.record(v.string(), v.number()), dropped: v.number() }),
  v.object({ type: v.literal('failed'), streamId: v.number(), error: StudioErrorSchema }),
]);
export type EngineSocketText = v.InferOutput<typeof EngineSocketTextSchema>;

/** Side of the square picture that engines exchange with the stage, in pixels. */
export const ENGINE_PICTURE_SIZE = 256;
