import type { Command } from '../../contract/commands';
import { StudioError } from '../../contract/errors';
import {
  PROJECT_LIMITS,
  type Cue,
  type Layer,
  type Project,
  type Scene,
  type Strip,
  type StripSource,
} from '../../contract/project';

/** Commands that change the project file. */
export type EditCommand = Exclude<
  Command,
  {
    type:
      | 'project.new'
      | 'recording.start'
      | 'recording.pause'
      | 'recording.resume'
      | 'recording.stop'
      | 'live.start'
      | 'live.stop'
      | 'history.undo'
      | 'history.redo'
      | 'engine.restart'
      | 'generate.reset'
      | 'cue.play'
      | 'cues.run'
      | 'cues.halt'
      | 'obs.start'
      | 'obs.stop'
      | 'camera.start'
      | 'camera.stop'
      | 'layer.seek'
      | 'layer.pause';
  }
>;

/**
 * Applies one edit and returns a new project that shares what did not change.
 * @throws StudioError `argument.invalid` when the edit refers to something that is not there.
 */
export function editProject(project: Project, command: EditCommand): Project {
  const edited = applyEdit(project, command);
  refuseOverfull(edited);
  return edited;
}

function applyEdit(project: Project, command: EditCommand): Project {
  switch (command.type) {
    case 'project.rename':
      return { ...project, name: command.name };
    case 'programme.update':
      return { ...project, programme: command.programme };
    case 'recording.configure':
      return { ...project, recording: { ...project.recording, ...command.recording } };
    case 'scene.add':
      refuseTaken(project.scenes, command.sceneId, 'Scene');
      return {
        ...project,
        scenes: [...project.scenes, { id: command.sceneId, name: command.name, layers: [] }],
      };
    case 'scene.rename':
      return withScene(project, command.sceneId, (scene) => ({ ...scene, name: command.name }));
    case 'scene.remove':
      return removeScene(project, command.sceneId);
    case 'scene.take':
      requireById(project.scenes, command.sceneId, 'Scene');
      return { ...project, activeSceneId: command.sceneId };
    case 'media.add':
      refuseTaken(project.media, command.media.id, 'Media');
      return { ...project, media: [...project.media, command.media] };
    case 'layer.add':
      return addLayer(project, command.sceneId, command.layer, command.index);
    case 'layer.update':
      return withLayer(project, command.layerId, (layer) => ({ ...layer, ...command.patch }));
    case 'layer.move':
      return moveLayer(project, command.layerId, command.index);
    case 'layer.remove':
      return removeLayer(project, command.layerId);
    case 'engine.set':
      return withLayer(project, command.layerId, (layer) => ({ ...layer, engine: command.engine }));
    case 'engine.update':
      return withLayer(project, command.layerId, (layer) => {
        if (!layer.engine) throw invalid(`Layer "${layer.name}" has no engine to update.`);
        return { ...layer, engine: { ...layer.engine, ...command.patch } };
      });
    case 'generate.update':
      return withLayer(project, command.layerId, (layer) => {
        if (layer.source.kind !== 'generate')
          throw invalid(`Layer "${layer.name}" has no made picture to change.`);
        return { ...layer, source: { ...layer.source, ...command.patch } };
      });
    case 'captions.update':
      if (command.patch.stripId) requireById(project.strips, command.patch.stripId, 'Strip');
      return { ...project, captions: { ...project.captions, ...command.patch } };
    case 'cue.set':
      return { ...project, cues: withCue(project.cues, command.cue) };
    case 'cue.remove':
      requireById(project.cues, command.cueId, 'Cue');
      return { ...project, cues: project.cues.filter((cue) => cue.id !== command.cueId) };
    case 'obs.configure':
      return { ...project, obs: { ...project.obs, ...command.patch } };
    case 'strip.add':
      refuseTaken(project.strips, command.strip.id, 'Strip');
      requireStripSource(project, command.strip.source);
      return { ...project, strips: [...project.strips, command.strip] };
    case 'strip.update':
      if (command.patch.source) requireStripSource(project, command.patch.source);
      return { ...project, strips: patchById(project.strips, command.stripId, command.patch, 'Strip') };
    case 'strip.remove':
      requireById(project.strips, command.stripId, 'Strip');
      return withoutStrips(project, (strip) => strip.id === command.stripId);
    case 'master.update':
      return { ...project, masterDb: command.gainDb };
    case 'destination.add':
      refuseTaken(project.destinations, command.destination.id, 'Destination');
      return { ...project, destinations: [...project.destinations, command.destination] };
    case 'destination.update':
      return {
        ...project,
        destinations: patchById(project.destinations, command.destinationId, command.patch, 'Destination'),
      };
    case 'destination.remove':
      requireById(project.destinations, command.destinationId, 'Destination');
      return {
        ...project,
        destinations: project.destinations.filter((d) => d.id !== command.destinationId),
      };
  }
}

/** A project that could not be read back must not come about. */
function refuseOverfull(project: Project): void {
  const fullest = project.scenes.reduce((most, scene) => Math.max(most, scene.layers.length), 0);
  const counts: [number, number, string][] = [
    [project.scenes.length, PROJECT_LIMITS.scenes, 'scenes'],
    [fullest, PROJECT_LIMITS.layersPerScene, 'layers in a scene'],
    [project.strips.length, PROJECT_LIMITS.strips, 'strips'],
    [project.media.length, PROJECT_LIMITS.media, 'media files'],
    [project.destinations.length, PROJECT_LIMITS.destinations, 'destinations'],
    [project.cues.length, PROJECT_LIMITS.cues, 'cues'],
  ];
  for (const [count, most, what] of counts) {
    if (count > most) throw invalid(`A project holds at most ${most} ${what}. Remove one first.`);
  }
}

/** All layers of all scenes. */
export function allLayers(project: Project): Layer[] {
  return project.scenes.flatMap((scene) => scene.layers);
}

function addLayer(project: Project, sceneId: string, layer: Layer, index?: number): Project {
  refuseTaken(allLayers(project), layer.id, 'Layer');
  requireMedia(project, layer);
  return withScene(project, sceneId, (scene) => ({
    ...scene,
    layers: scene.layers.toSpliced(index ?? scene.layers.length, 0, layer),
  }));
}

function requireMedia(project: Project, layer: Layer): void {
  if (layer.source.kind === 'film' || layer.source.kind === 'image') {
    requireById(project.media, layer.source.mediaId, 'Media');
  }
}

function requireStripSource(project: Project, source: StripSource): void {
  if (source.kind === 'layer') requireById(allLayers(project), source.layerId, 'Layer');
  if (source.kind === 'file') requireById(project.media, source.mediaId, 'Media');
}

function moveLayer(project: Project, layerId: string, index: number): Project {
  const scene = project.scenes.find((s) => s.layers.some((l) => l.id === layerId));
  if (!scene) throw missing('Layer', layerId);
  const from = scene.layers.findIndex((l) => l.id === layerId);
  const layers = scene.layers.toSpliced(from, 1);
  layers.splice(Math.min(index, layers.length), 0, scene.layers[from]!);
  return withScene(project, scene.id, (s) => ({ ...s, layers }));
}

function removeLayer(project: Project, layerId: string): Project {
  requireById(allLayers(project), layerId, 'Layer');
  const without = {
    ...project,
    scenes: project.scenes.map((scene) =>
      scene.layers.some((l) => l.id === layerId)
        ? { ...scene, layers: scene.layers.filter((l) => l.id !== layerId) }
        : scene,
    ),
  };
  return withoutStrips(without, (s) => s.source.kind === 'layer' && s.source.layerId === layerId);
}

function removeScene(project: Project, sceneId: string): Project {
  requireById(project.scenes, sceneId, 'Scene');
  if (project.scenes.length === 1) throw invalid('The last scene cannot be removed.');
  const gone = new Set(project.scenes.find((s) => s.id === sceneId)!.layers.map((l) => l.id));
  const scenes = project.scenes.filter((s) => s.id !== sceneId);
  const activeSceneId = project.activeSceneId === sceneId ? scenes[0]!.id : project.activeSceneId;
  const without = { ...project, scenes, activeSceneId };
  return withoutStrips(without, (s) => s.source.kind === 'layer' && gone.has(s.source.layerId));
}

/** Removes strips; captions of one that is gone go on with the whole mix. */
function withoutStrips(project: Project, gone: (strip: Strip) => boolean): Project {
  const strips = project.strips.filter((strip) => !gone(strip));
  const { captions } = project;
  const heard = captions.stripId === null || strips.some((strip) => strip.id === captions.stripId);
  return { ...project, strips, captions: heard ? captions : { ...captions, stripId: null } };
}

function withCue(cues: Cue[], cue: Cue): Cue[] {
  const known = cues.some((other) => other.id === cue.id);
  return known ? cues.map((other) => (other.id === cue.id ? cue : other)) : [...cues, cue];
}

function withScene(project: Project, sceneId: string, change: (scene: Scene) => Scene): Project {
  requireById(project.scenes, sceneId, 'Scene');
  return { ...project, scenes: project.scenes.map((s) => (s.id === sceneId ? change(s) : s)) };
}

function withLayer(project: Project, layerId: string, change: (layer: Layer) => Layer): Project {
  const scene = project.scenes.find((s) => s.layers.some((l) => l.id === layerId));
  if (!scene) throw missing('Layer', layerId);
  const next = withScene(project, scene.id, (s) => ({
    ...s,
    layers: s.layers.map((l) => (l.id === layerId ? change(l) : l)),
  }));
  const layer = allLayers(next).find((l) => l.id === layerId)!;
  requireMedia(next, layer);
  return next;
}

function patchById<T extends { id: string }>(items: T[], id: string, patch: Partial<T>, kind: string): T[] {
  requireById(items, id, kind);
  return items.map((item) => (item.id === id ? { ...item, ...patch } : item));
}

function requireById(items: readonly { id: string }[], id: string, kind: string): void {
  if (!items.some((item) => item.id === id)) throw missing(kind, id);
}

function refuseTaken(items: readonly { id: string }[], id: string, kind: string): void {
  if (items.some((item) => item.id === id)) throw invalid(`${kind} id "${id}" is already in use.`);
}

function missing(kind: string, id: string): StudioError {
  return invalid(`${kind} "${id}" is not in this project.`);
}

function invalid(message: string): StudioError {
  return new StudioError('studio', 'argument.invalid', message);
}
