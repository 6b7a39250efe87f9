import * as v from 'valibot';
import { ENGINES } from './engine';
import { CAMERA_BACKENDS } from './live';
import {
  AnimateSchema,
  CueSchema,
  DestinationSchema,
  GenerateSourceSchema,
  IdSchema,
  LayerSchema,
  MediaSchema,
  ProgrammeSchema,
  ProjectSchema,
  StripSchema,
} from './project';

const layerPatch = v.partial(v.omit(LayerSchema, ['id', 'engine']));
const enginePatch = v.partial(v.omit(AnimateSchema, ['kind']));
const generatePatch = v.partial(v.omit(GenerateSourceSchema, ['kind']));
const index = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(64));
const name = v.pipe(v.string(), v.minLength(1), v.maxLength(200));

/**
 * Every way in which the studio's state can change. The interface, the show player and
 * the tests all speak this one language; each command is written to the session log.
 */
export const CommandSchema = v.variant('type', [
  /** Begins an empty project in a file of its own; the one before stays in its file. */
  v.object({ type: v.literal('project.new'), name }),
  v.object({ type: v.literal('project.rename'), name }),
  v.object({ type: v.literal('programme.update'), programme: ProgrammeSchema }),
  v.object({ type: v.literal('recording.configure'), recording: v.partial(ProjectSchema.entries.recording) }),

  v.object({ type: v.literal('scene.add'), sceneId: IdSchema, name }),
  v.object({ type: v.literal('scene.rename'), sceneId: IdSchema, name }),
  v.object({ type: v.literal('scene.remove'), sceneId: IdSchema }),
  /** Puts a scene on air. */
  v.object({ type: v.literal('scene.take'), sceneId: IdSchema }),

  v.object({ type: v.literal('media.add'), media: MediaSchema }),

  v.object({ type: v.literal('layer.add'), sceneId: IdSchema, layer: LayerSchema, index: v.optional(index) }),
  v.object({ type: v.literal('layer.update'), layerId: IdSchema, patch: layerPatch }),
  v.object({ type: v.literal('layer.move'), layerId: IdSchema, index }),
  v.object({ type: v.literal('layer.remove'), layerId: IdSchema }),
  /** Restarts a film at a media time. */
  v.object({
    type: v.literal('layer.seek'),
    layerId: IdSchema,
    positionUs: v.pipe(v.number(), v.minValue(0), v.maxValue(1e12)),
  }),
  v.object({ type: v.literal('layer.pause'), layerId: IdSchema, paused: v.boolean() }),

  v.object({ type: v.literal('engine.set'), layerId: IdSchema, engine: v.nullable(AnimateSchema) }),
  v.object({ type: v.literal('engine.update'), layerId: IdSchema, patch: enginePatch }),
  /** Ends an engine's process and starts it anew. */
  v.object({ type: v.literal('engine.restart'), engine: v.optional(v.picklist(ENGINES), 'animate') }),

  v.object({ type: v.literal('generate.update'), layerId: IdSchema, patch: generatePatch }),
  /** Begins the made picture anew, from noise, with its present prompt. */
  v.object({ type: v.literal('generate.reset'), layerId: IdSchema }),

  v.object({ type: v.literal('captions.update'), patch: v.partial(ProjectSchema.entries.captions.wrapped) }),

  v.object({ type: v.literal('cue.set'), cue: CueSchema }),
  v.object({ type: v.literal('cue.remove'), cueId: IdSchema }),
  /** Plays a cue now; `layerId` stands in where the cue names none. */
  v.object({ type: v.literal('cue.play'), cueId: IdSchema, layerId: v.optional(IdSchema) }),
  /** Starts the cues' clock: those with a time play by themselves. */
  v.object({ type: v.literal('cues.run') }),
  v.object({ type: v.literal('cues.halt') }),

  v.object({ type: v.literal('strip.add'), strip: StripSchema }),
  v.object({
    type: v.literal('strip.update'),
    stripId: IdSchema,
    patch: v.partial(v.omit(StripSchema, ['id'])),
  }),
  v.object({ type: v.literal('strip.remove'), stripId: IdSchema }),
  v.object({ type: v.literal('master.update'), gainDb: ProjectSchema.entries.masterDb }),

  v.object({ type: v.literal('destination.add'), destination: DestinationSchema }),
  v.object({
    type: v.literal('destination.update'),
    destinationId: IdSchema,
    patch: v.partial(v.omit(DestinationSchema, ['id'])),
  }),
  v.object({ type: v.literal('destination.remove'), destinationId: IdSchema }),

  v.object({ type: v.literal('obs.configure'), patch: v.partial(ProjectSchema.entries.obs.wrapped) }),
  v.object({ type: v.literal('obs.start') }),
  v.object({ type: v.literal('obs.stop') }),
  v.object({ type: v.literal('camera.start'), backend: v.picklist(CAMERA_BACKENDS) }),
  v.object({ type: v.literal('camera.stop') }),

  v.object({ type: v.literal('recording.start') }),
  v.object({ type: v.literal('recording.pause') }),
  v.object({ type: v.literal('recording.resume') }),
  v.object({ type: v.literal('recording.stop') }),
  v.object({ type: v.literal('live.start'), destinationId: IdSchema }),
  v.object({ type: v.literal('live.stop'), destinationId: IdSchema }),

  v.object({ type: v.literal('history.undo') }),
  v.object({ type: v.literal('history.redo') }),
]);
export type Command = v.InferOutput<typeof CommandSchema>;

/** A command with the programme time of the input event that caused it (0: none). */
export const CommandEnvelopeSchema = v.object({
  command: CommandSchema,
  inputUs: v.optional(v.pipe(v.number(), v.minValue(0)), 0),
});
export type CommandEnvelope = v.InferOutput<typeof CommandEnvelopeSchema>;
