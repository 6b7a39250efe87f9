import type { LiveState } from '../../contract/live';
import { emptyProject, FULL_FRAME, type Layer, type Source } from '../../contract/project';
import { idleState, layerLive } from '../../contract/testing/idle-state';

export { layerLive };

/** A full-frame layer with this source. */
export function layerOf(id: string, source: Source, patch: Partial<Layer> = {}): Layer {
  return {
    id,
    name: id,
    source,
    visible: true,
    locked: false,
    transform: FULL_FRAME,
    opacity: 1,
    blend: 'normal',
    engine: null,
    ...patch,
  };
}

/** A snapshot with these layers in the scene on air. */
export function liveState(layers: readonly Layer[], patch: Partial<LiveState> = {}): LiveState {
  const project = emptyProject();
  project.scenes = [{ id: 'scene-1', name: 'Scene 1', layers: [...layers] }];
  project.media = [
    ...new Set(layers.flatMap(({ source }) => ('mediaId' in source ? [source.mediaId] : []))),
  ].map((id) => ({ id, name: id, path: `/${id}` }));
  const live = Object.fromEntries(layers.map((layer, index) => [layer.id, layerLive(index + 1)]));
  return idleState({ project, layers: live, ...patch });
}
