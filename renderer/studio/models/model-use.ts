import type { Command } from '../../../contract/commands';
import type { EngineName } from '../../../contract/engine';
import type { Project } from '../../../contract/project';

/** A place in the project that names a model. */
export type ModelPlace =
  | { engine: 'animate'; layerId: string }
  | { engine: 'generate'; layerId: string }
  | { engine: 'captions' }
  | { engine: 'binaural'; stripId: string };

/** The model that a place names, and what the place is called; null when the place is gone. */
export function modelAt(project: Project, place: ModelPlace): { modelId: string; name: string } | null {
  const layers = project.scenes.flatMap((scene) => scene.layers);
  switch (place.engine) {
    case 'animate': {
      const layer = layers.find((one) => one.id === place.layerId);
      return layer?.engine ? { modelId: layer.engine.model, name: layer.name } : null;
    }
    case 'generate': {
      const layer = layers.find((one) => one.id === place.layerId);
      return layer?.source.kind === 'generate' ? { modelId: layer.source.model, name: layer.name } : null;
    }
    case 'captions':
      return { modelId: project.captions.model, name: 'the captions' };
    case 'binaural': {
      const strip = project.strips.find((one) => one.id === place.stripId);
      return strip?.binaural ? { modelId: strip.binaural.model, name: strip.name } : null;
    }
  }
}

/** The command that makes a place use another model; null when the place is gone. */
export function useModel(project: Project, place: ModelPlace, modelId: string): Command | null {
  if (!modelAt(project, place)) return null;
  switch (place.engine) {
    case 'animate':
      return { type: 'engine.update', layerId: place.layerId, patch: { model: modelId } };
    case 'generate':
      return { type: 'generate.update', layerId: place.layerId, patch: { model: modelId } };
    case 'captions':
      return { type: 'captions.update', patch: { model: modelId } };
    case 'binaural': {
      const binaural = project.strips.find((one) => one.id === place.stripId)?.binaural;
      if (!binaural) return null;
      const patch = { binaural: { ...binaural, model: modelId } };
      return { type: 'strip.update', stripId: place.stripId, patch };
    }
  }
}

/** Whether a model could be used at a place: it must be whole, and of the same engine. */
export function canUse(
  model: { engine: EngineName | null; state: string },
  place: ModelPlace | null,
): place is ModelPlace {
  return place !== null && model.engine === place.engine && model.state === 'installed';
}
