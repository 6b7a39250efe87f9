import * as v from 'valibot';
import { AnimateControls } from './animate';
import { CaptionUpdateSchema } from './captions';
import { StudioErrorSchema } from './errors';

/**
 * Two doors of an engine process: `process` messages between main and the engine
 * (Electron's parentPort or Node's fork channel), and its own loopback WebSocket, where
 * stage and sound exchange `picture` and `pcm` frames with it, beside short JSON texts.
 */

/** Every engine, in the order in which they give way when a machine is short of time. */
export const ENGINES = ['binaural', 'captions', 'animate', 'generate'] as const;
export type EngineName = (typeof ENGINES)[number];

/** What a model can run on here: an execution provider of the runtime. */
export const PROVIDERS = ['cpu', 'cuda', 'dml', 'coreml', 'webgpu'] as const;
export type RunningProvider = (typeof PROVIDERS)[number];
/** `auto`: the fastest one that agrees with the processor on this machine. */
export const ProviderSchema = v.picklist(['auto', ...PROVIDERS]);
export type Provider = v.InferOutput<typeof ProviderSchema>;

/** Where a server of the Open Inference Protocol is: gRPC or REST, each with and without TLS. */
export const RemoteUrlSchema = v.pipe(
  v.string(),
  v.maxLength(2048),
  v.regex(
    /^(grpcs?|https?):\/\/[^\s/@?#]+(\/[^\s@?#]*)?$/,
    'An address such as grpcs://host:8001 or https://host/path, without name or password',
  ),
);

const DeviceSchema = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(15));

/** Place of a quality tier, the best first; null leaves the choice to the engine's governor. */
export const QualityPinSchema = v.nullable(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(15)));

/** How good an engine's pictures are at present, of what its tiers offer, and why. */
export const QualitySchema = v.object({
  tier: v.pipe(v.number(), v.integer(), v.minValue(0)),
  /** What the tiers are called, the best first. */
  labels: v.array(v.string()),
  /** Whether the user chose it; else the governor did, by the time there is. */
  pinned: v.boolean(),
  reason: v.string(),
});
export type Quality = v.InferOutput<typeof QualitySchema>;

/** What makes an engine's pictures ready for its model and back, and why that. */
export const ImagesSchema = v.object({ backend: v.picklist(['cpu', 'webgpu']), reason: v.string() });
export type Images = v.InferOutput<typeof ImagesSchema>;

/** What the user wants an engine to run on; belongs to the machine, not to a project. */
export const EngineRunSchema = v.object({
  provider: ProviderSchema,
  /** A model server; `caFile` holds the certificate of its authority, PEM, where the system has none. */
  remote: v.nullable(
    v.object({ url: RemoteUrlSchema, caFile: v.optional(v.pipe(v.string(), v.maxLength(4096))) }),
  ),
  /** Which of several graphics cards, numbered as its provider does; the first when left out. */
  device: v.optional(DeviceSchema),
  /** The quality tier to stay at; the engine's governor chooses when left out. */
  quality: v.optional(QualityPinSchema),
});
export type EngineRun = v.InferOutput<typeof EngineRunSchema>;
/** The same as main knows it: whether there is a token, and in words what trials of providers showed. */
export type KnownRun = EngineRun & { hasToken: boolean; trials: string[] };

/** What main hands to an engine at start. */
export const EngineInitSchema = v.object({
  type: v.literal('init'),
  engine: v.picklist(ENGINES),
  /** Checked on every socket, as a WebSocket subprotocol. */
  token: v.string(),
  /** The only Origin that may connect. */
  origin: v.string(),
  /** Absolute folder of native-models. */
  modelsDir: v.string(),
  /** Absolute folder of what the user fetched or took in. */
  userModelsDir: v.optional(v.string()),
  model: v.string(),
  threads: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(64)),
  /** What the model runs on; the processor when left out. */
  provider: v.optional(v.picklist(PROVIDERS)),
  /** Which of several graphics cards; the first when left out. */
  device: v.optional(DeviceSchema),
  /** Why it is not the provider that the user named. */
  standIn: v.optional(StudioErrorSchema),
  /** Load the model, hold the provider against the processor, say `tried`, and end. */
  trial: v.optional(v.boolean()),
  /** The quality tier to stay at; the governor chooses when left out. */
  quality: v.optional(QualityPinSchema),
  /** Other engines run on the same graphics card: ask for a turn before each run of a graph. */
  turns: v.optional(v.boolean()),
  /** A server that runs the model's graphs; this machine stands in for it while it is away. */
  remote: v.optional(
    v.object({
      url: RemoteUrlSchema,
      token: v.optional(v.string()),
      /** Certificate of the authority that the server is known by, PEM; the system's when left out. */
      ca: v.optional(v.string()),
    }),
  ),
});
export type EngineInit = v.InferOutput<typeof EngineInitSchema>;

const seed = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(0xffffffff));
const prompt = v.string();

/** What one stream of an engine is told to do, by engine. */
export const EngineSettingsSchema = v.variant('kind', [
  /** A layer whose picture is changed. */
  v.object({ kind: v.literal('animate'), ...AnimateControls }),
  /** A layer whose picture is made; a new prompt takes over within `blendMs` (0: a cut at the next chunk). */
  v.object({ kind: v.literal('generate'), prompt, seed, blendMs: v.pipe(v.number(), v.minValue(0)) }),
  /** A strip, or the mix, whose speech becomes words. */
  v.object({ kind: v.literal('captions') }),
  /** A strip that is placed around the listener; its poses come with the sound. */
  v.object({ kind: v.literal('binaural'), seed }),
]);
export type EngineSettings = v.InferOutput<typeof EngineSettingsSchema>;
/** The settings of one engine. */
export type SettingsOf<K extends EngineName> = Extract<EngineSettings, { kind: K }>;

/** The live settings of one stream; the newest version wins. */
export const EngineControlSchema = v.object({
  type: v.literal('control'),
  streamId: v.number(),
  version: v.number(),
  /** Rises at a cut: what belongs to an older one is of no use to anyone. */
  epoch: v.number(),
  settings: EngineSettingsSchema,
});
export type EngineControl = v.InferOutput<typeof EngineControlSchema>;

const turnId = v.pipe(v.number(), v.integer(), v.minValue(0));

export const ToEngineSchema = v.variant('type', [
  EngineInitSchema,
  EngineControlSchema,
  v.object({ type: v.literal('forget'), streamId: v.number() }),
  /** Stay at a quality tier, or choose again. */
  v.object({ type: v.literal('quality'), tier: QualityPinSchema }),
  /** Prompts that may be asked for any moment, such as those of cues: what they are to the network is to be at hand. */
  v.object({ type: v.literal('expect'), prompts: v.array(prompt) }),
  /** The turn on the graphics card that was asked for by this number. */
  v.object({ type: v.literal('turn'), id: turnId }),
  v.object({ type: v.literal('stop') }),
]);
export type ToEngine = v.InferOutput<typeof ToEngineSchema>;

export const FromEngineSchema = v.variant('type', [
  v.object({
    type: v.literal('ready'),
    port: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(65535)),
    provider: v.string(),
    model: v.string(),
    /** Words of the model's vocabulary; empty when it takes no prompt. */
    words: v.array(v.string()),
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
    /** Pictures left out because they were nearly the last one; left out by engines without that filter. */
    filtered: v.optional(v.number()),
    /** Stage name → mean milliseconds over the last second. */
    stagesMs: v.record(v.string(), v.number()),
    /** What runs the model at this moment. */
    provider: v.string(),
    /** Why it is not what was asked for; null when it is. */
    standIn: v.nullable(StudioErrorSchema),
    /** Where pictures are made ready for the model and back, and why; left out by engines without any. */
    images: v.optional(ImagesSchema),
    /** Left out by engines with one way of doing things. */
    quality: v.optional(QualitySchema),
  }),
  /** The provider on trial agrees with the processor: how long all graphs take on each. */
  v.object({ type: v.literal('tried'), providerMs: v.number(), cpuMs: v.number() }),
  /** A graph is to be run that is likely to take so long; numbered upwards by the engine. */
  v.object({ type: v.literal('turn'), id: turnId, lengthMs: v.pipe(v.number(), v.finite(), v.minValue(0)) }),
  /** That run is over. */
  v.object({ type: v.literal('turn-end'), id: turnId }),
  /** Words heard (captions engine). */
  v.object({ type: v.literal('caption'), update: CaptionUpdateSchema }),
  v.object({ type: v.literal('failed'), error: StudioErrorSchema, fatal: v.boolean() }),
]);
export type FromEngine = v.InferOutput<typeof FromEngineSchema>;

/** JSON text an engine sends on its socket, beside frames. */
export const EngineSocketTextSchema = v.variant('type', [
  v.object({ type: v.literal('timing'), stagesMs: v.record(v.string(), v.number()), dropped: v.number() }),
  v.object({ type: v.literal('failed'), streamId: v.number(), error: StudioErrorSchema }),
]);
export type EngineSocketText = v.InferOutput<typeof EngineSocketTextSchema>;

const us = v.pipe(v.number(), v.finite(), v.minValue(0), v.maxValue(1e15));

/** JSON text that a stage sends to an engine, beside frames. */
export const ToEngineSocketTextSchema = v.variant('type', [
  /**
   * The sender wants the pictures of a stream that nobody feeds (generate), until it says
   * otherwise or goes away. They come ahead of time: `shownUs` is the stream time of the last
   * picture that was shown (0 before any), sent several times a second; an engine works at most
   * `aheadUs` beyond it.
   */
  v.object({
    type: v.literal('watch'),
    streamId: v.number(),
    watching: v.boolean(),
    epoch: v.number(),
    shownUs: us,
    aheadUs: us,
  }),
]);
export type ToEngineSocketText = v.InferOutput<typeof ToEngineSocketTextSchema>;

/** Side of the square picture that the animate engine exchanges with the stage, in pixels. */
export const ENGINE_PICTURE_SIZE = 256;
