import * as v from 'valibot';
import { AnimateControls } from './animate';
import { fraction, promptText, u32 } from './values';

/** The version this build writes; older ones are migrated, newer ones refused. */
export const PROJECT_VERSION = 1;

const id = v.pipe(
  v.string(),
  v.minLength(1),
  v.maxLength(64),
  v.regex(/^[A-Za-z0-9_-]+$/),
  // Ids are keys of plain objects: a name that every object has would find something else.
  v.check((text) => !(text in {}) && text !== 'mix', 'This id is reserved.'),
);
const name = v.pipe(v.string(), v.minLength(1), v.maxLength(200));
/** Positions may leave the picture, but not the planet. */
const place = v.pipe(v.number(), v.minValue(-8), v.maxValue(8));
const extent = v.pipe(v.number(), v.minValue(0.005), v.maxValue(16));
const colour = v.pipe(v.string(), v.regex(/^#[0-9a-fA-F]{6}([0-9a-fA-F]{2})?$/));
/** Faders: −60 dB is silence, +12 dB the most. */
const levelDb = v.pipe(v.number(), v.minValue(-60), v.maxValue(12));

export const IdSchema = id;

/** The most of each kind a project holds. */
export const PROJECT_LIMITS = {
  scenes: 64,
  layersPerScene: 64,
  strips: 64,
  media: 1000,
  destinations: 16,
  cues: 64,
} as const;

/** A capture device, saved by id and label because ids change with the origin. */
const DeviceSchema = v.object({
  deviceId: v.pipe(v.string(), v.maxLength(256)),
  label: v.pipe(v.string(), v.maxLength(256)),
});

/** A picture that never ends, made by the generate engine from a prompt. */
export const GenerateSourceSchema = v.object({
  kind: v.literal('generate'),
  model: id,
  prompt: promptText,
  seed: u32,
  /** How long a new prompt takes to become the picture; 0 is a cut. */
  blendMs: v.pipe(v.number(), v.minValue(0), v.maxValue(10_000)),
});

export const SourceSchema = v.variant('kind', [
  v.object({ kind: v.literal('camera'), device: DeviceSchema }),
  v.object({ kind: v.literal('film'), mediaId: id, loop: v.boolean() }),
  v.object({ kind: v.literal('image'), mediaId: id }),
  v.object({
    kind: v.literal('text'),
    text: v.pipe(v.string(), v.maxLength(2000)),
    /** Letter height as a fraction of the programme height. */
    size: v.pipe(v.number(), v.minValue(0.01), v.maxValue(1)),
    colour,
    /** Panel behind the text; null for none. */
    background: v.nullable(colour),
    align: v.picklist(['left', 'centre', 'right']),
    weight: v.picklist([400, 600, 800]),
  }),
  /** Bars with running timecode, clock barcode, and a flash with a beep each second. */
  v.object({ kind: v.literal('test-card'), beep: v.boolean() }),
  GenerateSourceSchema,
  /** The words that are heard on the captioned strip. */
  v.object({
    kind: v.literal('captions'),
    /** Letter height as a fraction of the programme height. */
    size: v.pipe(v.number(), v.minValue(0.01), v.maxValue(0.5)),
    colour,
    /** Colour of words that may still change. */
    draftColour: colour,
    /** Panel behind the words; null for none. */
    background: v.nullable(colour),
    align: v.picklist(['left', 'centre', 'right']),
    lines: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(4)),
  }),
]);
export type Source = v.InferOutput<typeof SourceSchema>;
/** One kind of source. */
export type SourceOf<K extends Source['kind']> = Extract<Source, { kind: K }>;

/** Where a layer stands, in fractions of the programme; rotation about its centre, clockwise. */
export const TransformSchema = v.object({
  x: place,
  y: place,
  width: extent,
  height: extent,
  rotationDeg: v.pipe(v.number(), v.minValue(-360), v.maxValue(360)),
  /** Fractions cut from each side of the source. */
  crop: v.object({ left: fraction, top: fraction, right: fraction, bottom: fraction }),
});
export type Transform = v.InferOutput<typeof TransformSchema>;

/** What the animate engine does to a layer's picture. */
export const AnimateSchema = v.object({
  kind: v.literal('animate'),
  enabled: v.boolean(),
  model: id,
  ...AnimateControls,
  /** 0 shows the source, 1 the engine's picture. */
  mix: fraction,
  /** Before/after wipe: the part of the width, from the left, that shows the source; null for off. */
  wipe: v.nullable(fraction),
});
export type AnimateSettings = v.InferOutput<typeof AnimateSchema>;

export const BLEND_MODES = ['normal', 'add', 'screen', 'multiply', 'overlay', 'lighten', 'darken'] as const;
export type BlendMode = (typeof BLEND_MODES)[number];

export const LayerSchema = v.object({
  id,
  name,
  source: SourceSchema,
  visible: v.boolean(),
  locked: v.boolean(),
  transform: TransformSchema,
  opacity: fraction,
  blend: v.picklist(BLEND_MODES),
  engine: v.nullable(AnimateSchema),
});
export type Layer = v.InferOutput<typeof LayerSchema>;

export const SceneSchema = v.object({
  id,
  name,
  /** Bottom layer first. */
  layers: v.pipe(v.array(LayerSchema), v.maxLength(PROJECT_LIMITS.layersPerScene)),
});
export type Scene = v.InferOutput<typeof SceneSchema>;

export const StripSourceSchema = v.variant('kind', [
  v.object({ kind: v.literal('microphone'), device: DeviceSchema }),
  /** The sound of a layer: a film's track, the test card's beep. */
  v.object({ kind: v.literal('layer'), layerId: id }),
  v.object({ kind: v.literal('file'), mediaId: id, loop: v.boolean() }),
]);
export type StripSource = v.InferOutput<typeof StripSourceSchema>;

/** Where a strip stands around the listener, and who renders it. */
export const BinauralSchema = v.object({
  enabled: v.boolean(),
  /** Let the neural engine refine the parametric render; it stands in whenever that is late. */
  network: v.boolean(),
  model: id,
  /** Follow the place of a layer on the canvas instead of the azimuth and elevation below. */
  followLayerId: v.nullable(id),
  /** Counter-clockwise from the front: +90 is left. */
  azimuthDeg: v.pipe(v.number(), v.minValue(-180), v.maxValue(180)),
  elevationDeg: v.pipe(v.number(), v.minValue(-90), v.maxValue(90)),
  distanceM: v.pipe(v.number(), v.minValue(0.2), v.maxValue(20)),
  /** How much of the room is heard. */
  room: fraction,
  seed: u32,
});
export type BinauralSettings = v.InferOutput<typeof BinauralSchema>;

export const StripSchema = v.object({
  id,
  name,
  source: StripSourceSchema,
  gainDb: levelDb,
  muted: v.boolean(),
  /** Delay of this strip in the mix. */
  syncOffsetMs: v.pipe(v.number(), v.minValue(0), v.maxValue(2000)),
  /** Null: the strip is heard as it is. */
  binaural: v.optional(v.nullable(BinauralSchema), null),
});
export type Strip = v.InferOutput<typeof StripSchema>;

/** A file the project refers to; its bytes are served to the studio by id, never by path. */
export const MediaSchema = v.object({
  id,
  name,
  path: v.pipe(v.string(), v.minLength(1), v.maxLength(4096)),
});
export type Media = v.InferOutput<typeof MediaSchema>;

/** A server the programme goes to. The stream key is not here: it lives in the shell's secret store. */
export const DestinationSchema = v.object({
  id,
  name,
  protocol: v.picklist(['rtmp', 'srt']),
  /** `rtmp://`, `rtmps://` or `srt://` address without the key. */
  url: v.pipe(v.string(), v.maxLength(2048)),
  audioBitrateKbps: v.pipe(v.number(), v.integer(), v.minValue(32), v.maxValue(320)),
});
export type Destination = v.InferOutput<typeof DestinationSchema>;

/** What is captioned; the layers of kind `captions` show it, the files lie beside each recording. */
export const CaptionsSchema = v.object({
  enabled: v.boolean(),
  /** The strip that is listened to; null for the whole mix. */
  stripId: v.nullable(id),
  model: id,
  /** Write .srt and .vtt beside each recording. */
  files: v.boolean(),
});
export type CaptionsSettings = v.InferOutput<typeof CaptionsSchema>;

/** An OBS Studio that the programme is sent to; its password is in the shell's secret store. */
export const ObsSchema = v.object({
  /** Where obs-websocket listens. */
  host: v.pipe(v.string(), v.minLength(1), v.maxLength(253)),
  port: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(65_535)),
  /** Scene and source that are made, or mended, in OBS. */
  scene: name,
  source: name,
  /** UDP port on which OBS listens for the programme (SRT). */
  srtPort: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(65_535)),
});
export type ObsSettings = v.InferOutput<typeof ObsSchema>;

/** A prompt that is kept ready, and the time at which it plays by itself. */
export const CueSchema = v.object({
  id,
  prompt: promptText,
  /** The layer it plays on; null for the one that the deck plays. */
  layerId: v.nullable(id),
  /** Null keeps the seed. */
  seed: v.nullable(u32),
  /** Null keeps the layer's own; only for made pictures. */
  blendMs: v.nullable(v.pipe(v.number(), v.minValue(0), v.maxValue(10_000))),
  /** When it plays once the cues run, ms after their start; null: only by hand. */
  atMs: v.nullable(v.pipe(v.number(), v.minValue(0), v.maxValue(86_400_000))),
});
export type Cue = v.InferOutput<typeof CueSchema>;

export const ProgrammeSchema = v.pipe(
  v.object({
    width: v.picklist([1280, 1920]),
    height: v.picklist([720, 1080]),
    fps: v.literal(30),
    videoBitrateKbps: v.pipe(v.number(), v.integer(), v.minValue(300), v.maxValue(51_000)),
  }),
  v.check((p) => p.height * 16 === p.width * 9, 'The programme must be 1280×720 or 1920×1080.'),
);
export type Programme = v.InferOutput<typeof ProgrammeSchema>;

const DEFAULT_CAPTIONS: CaptionsSettings = {
  enabled: false,
  stripId: null,
  model: 'captions-mini',
  files: true,
};
const DEFAULT_OBS: ObsSettings = {
  host: '127.0.0.1',
  port: 4455,
  scene: 'Fantascope',
  source: 'Fantascope programme',
  srtPort: 9710,
};

export const ProjectSchema = v.object({
  version: v.literal(PROJECT_VERSION),
  name,
  programme: ProgrammeSchema,
  scenes: v.pipe(v.array(SceneSchema), v.minLength(1), v.maxLength(PROJECT_LIMITS.scenes)),
  activeSceneId: id,
  strips: v.pipe(v.array(StripSchema), v.maxLength(PROJECT_LIMITS.strips)),
  masterDb: levelDb,
  media: v.pipe(v.array(MediaSchema), v.maxLength(PROJECT_LIMITS.media)),
  destinations: v.pipe(v.array(DestinationSchema), v.maxLength(PROJECT_LIMITS.destinations)),
  captions: v.optional(CaptionsSchema, () => ({ ...DEFAULT_CAPTIONS })),
  obs: v.optional(ObsSchema, () => ({ ...DEFAULT_OBS })),
  cues: v.optional(v.pipe(v.array(CueSchema), v.maxLength(PROJECT_LIMITS.cues)), () => []),
  recording: v.object({
    /** Null: the user's videos folder. */
    folder: v.nullable(v.pipe(v.string(), v.maxLength(4096))),
    container: v.picklist(['mp4', 'mkv']),
  }),
});
export type Project = v.InferOutput<typeof ProjectSchema>;

export const FULL_FRAME: Transform = {
  x: 0,
  y: 0,
  width: 1,
  height: 1,
  rotationDeg: 0,
  crop: { left: 0, top: 0, right: 0, bottom: 0 },
};

/** The engine settings a layer starts with. */
export const DEFAULT_ANIMATE: AnimateSettings = {
  kind: 'animate',
  enabled: true,
  model: 'animate-mini',
  prompt: 'synthwave dusk',
  strength: 0.8,
  seed: 2,
  mix: 1,
  wipe: null,
};

/** The made picture a layer starts with. */
export const DEFAULT_GENERATE: SourceOf<'generate'> = {
  kind: 'generate',
  model: 'scenes',
  prompt: 'mountains dusk',
  seed: 1,
  blendMs: 1000,
};

/** The captions a layer starts with. */
export const DEFAULT_CAPTION_LAYER: SourceOf<'captions'> = {
  kind: 'captions',
  size: 0.055,
  colour: '#ffffff',
  draftColour: '#ffffffa6',
  background: '#14110fcc',
  align: 'centre',
  lines: 2,
};

/** The place a strip starts at: in front, at arm's length and a half. */
export const DEFAULT_BINAURAL: BinauralSettings = {
  enabled: true,
  network: true,
  model: 'binaural-mini',
  followLayerId: null,
  azimuthDeg: 0,
  elevationDeg: 0,
  distanceM: 1.5,
  room: 0.5,
  seed: 1,
};

/** A project with one empty scene. */
export function emptyProject(projectName = 'Untitled'): Project {
  return {
    version: PROJECT_VERSION,
    name: projectName,
    programme: { width: 1280, height: 720, fps: 30, videoBitrateKbps: 4500 },
    scenes: [{ id: 'scene-1', name: 'Scene 1', layers: [] }],
    activeSceneId: 'scene-1',
    strips: [],
    masterDb: 0,
    media: [],
    destinations: [],
    captions: { ...DEFAULT_CAPTIONS },
    obs: { ...DEFAULT_OBS },
    cues: [],
    recording: { folder: null, container: 'mp4' },
  };
}

const STEM_HEAD = 44;
const STEM_TAIL = 15;

/**
 * A project's name as the name of its file, without the ending: small letters, digits and
 * dashes. Of a long name the end stays, for there copies differ.
 */
export function projectFileStem(projectName: string): string {
  const stem = projectName
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, '-')
    .replace(/^-+|-+$/g, '');
  if (stem.length > STEM_HEAD + STEM_TAIL + 1) return `${stem.slice(0, STEM_HEAD)}-${stem.slice(-STEM_TAIL)}`;
  return stem || 'project';
}
