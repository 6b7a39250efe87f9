import type { LayerLive, LiveState } from '../../contract/live';
import { emptyProject, FULL_FRAME, type Layer, type Source } from '../../contract/project';

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

/** Live values of a layer. */
export function layerLive(streamId: number, patch: Partial<LayerLive> = {}): LayerLive {
  return {
    streamId,
    epoch: 0,
    controlVersion: 0,
    controlInputUs: 0,
    originUs: 0,
    pausedAtUs: null,
    unknownWords: [],
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
  return {
    version: 1,
    project,
    projectFile: '/project.json',
    canUndo: null,
    canRedo: null,
    layers: Object.fromEntries(layers.map((layer, index) => [layer.id, layerLive(index + 1)])),
    strips: {},
    engines: {
      animate: {
        state: 'stopped',
        url: null,
        provider: null,
        model: null,
        words: [],
        restarts: 0,
        error: null,
      },
    },
    recording: { state: 'idle', startedUs: null, durationUs: 0, bytes: 0, file: null, error: null },
    destinations: {},
    onAir: false,
    shell: { kind: 'browser', secretStore: 'session' },
    ffmpeg: true,
    notices: [],
    ...patch,
  };
}
