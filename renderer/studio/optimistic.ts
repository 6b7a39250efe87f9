import type { Command } from '../../contract/commands';
import type { Layer, Project } from '../../contract/project';

/**
 * The project as it will be once a command has been applied, for commands whose effect the
 * interface may show at once; any other command leaves the project as it is.
 */
export function foresee(project: Project, command: Command): Project {
  switch (command.type) {
    case 'project.rename':
      return { ...project, name: command.name };
    case 'programme.update':
      return { ...project, programme: command.programme };
    case 'recording.configure':
      return { ...project, recording: { ...project.recording, ...command.recording } };
    case 'scene.rename':
      return {
        ...project,
        scenes: replace(project.scenes, command.sceneId, (scene) => ({ ...scene, name: command.name })),
      };
    case 'layer.update':
      return withLayer(project, command.layerId, (layer) => ({ ...layer, ...command.patch }));
    case 'engine.update':
      return withLayer(project, command.layerId, (layer) =>
        layer.engine ? { ...layer, engine: { ...layer.engine, ...command.patch } } : layer,
      );
    case 'generate.update':
      return withLayer(project, command.layerId, (layer) =>
        layer.source.kind === 'generate'
          ? { ...layer, source: { ...layer.source, ...command.patch } }
          : layer,
      );
    case 'captions.update':
      return { ...project, captions: { ...project.captions, ...command.patch } };
    case 'obs.configure':
      return { ...project, obs: { ...project.obs, ...command.patch } };
    case 'cue.set': {
      const known = project.cues.some((cue) => cue.id === command.cue.id);
      const cues = known
        ? replace(project.cues, command.cue.id, () => command.cue)
        : [...project.cues, command.cue];
      return { ...project, cues };
    }
    case 'strip.update':
      return {
        ...project,
        strips: replace(project.strips, command.stripId, (strip) => ({ ...strip, ...command.patch })),
      };
    case 'master.update':
      return { ...project, masterDb: command.gainDb };
    case 'destination.update':
      return {
        ...project,
        destinations: replace(project.destinations, command.destinationId, (destination) => ({
          ...destination,
          ...command.patch,
        })),
      };
    default:
      return project;
  }
}

function withLayer(project: Project, layerId: string, change: (layer: Layer) => Layer): Project {
  const scenes = project.scenes.map((scene) =>
    scene.layers.some((layer) => layer.id === layerId)
      ? { ...scene, layers: replace(scene.layers, layerId, change) }
      : scene,
  );
  return { ...project, scenes };
}

function replace<T extends { id: string }>(items: readonly T[], id: string, change: (item: T) => T): T[] {
  return items.map((item) => (item.id === id ? change(item) : item));
}
