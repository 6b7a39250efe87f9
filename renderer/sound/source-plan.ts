import type { LiveState } from '../../contract/live';
import type { Layer, Strip } from '../../contract/project';
import type { Position } from './media-player';

/** What feeds a strip now. Plans with the same `key` are served by the same source. */
export type SourcePlan =
  | { kind: 'none'; key: 'none' }
  | { kind: 'microphone'; key: string; device: { deviceId: string; label: string } }
  /** `position` null: opened, but silent. */
  | { kind: 'media'; key: string; mediaId: string; mediaName: string; position: Position | null }
  | { kind: 'beep'; key: 'beep'; anchorUs: number | null };

const NONE: SourcePlan = { kind: 'none', key: 'none' };

/**
 * What a strip plays in this snapshot. The strip of a layer sounds exactly while its layer is
 * visible in the scene on air; a film that is hidden goes on in time. Nothing that has a time
 * plays before the anchor (programme time of sample 0, µs) is known.
 */
export function planSource(strip: Strip, state: LiveState, anchorUs: number | null): SourcePlan {
  const { source } = strip;
  if (source.kind === 'microphone') {
    const { deviceId, label } = source.device;
    return {
      kind: 'microphone',
      key: `microphone ${JSON.stringify([deviceId, label])}`,
      device: source.device,
    };
  }
  if (source.kind === 'file') {
    const originUs = state.strips[strip.id]?.originUs;
    const ready = anchorUs !== null && originUs !== undefined;
    return planMedia(source.mediaId, state, ready ? { anchorUs, originUs, loop: source.loop } : null);
  }
  const found = findLayer(state, source.layerId);
  return found ? planLayer(found.layer, found.onAir, state, anchorUs) : NONE;
}

function planLayer(layer: Layer, onAir: boolean, state: LiveState, anchorUs: number | null): SourcePlan {
  const { source } = layer;
  if (source.kind === 'test-card' && source.beep) {
    return { kind: 'beep', key: 'beep', anchorUs: onAir ? anchorUs : null };
  }
  if (source.kind !== 'film') return NONE;
  const live = state.layers[layer.id];
  const plays = onAir && anchorUs !== null && live && live.pausedAtUs === null;
  const position = plays ? { anchorUs, originUs: live.originUs, loop: source.loop } : null;
  return planMedia(source.mediaId, state, position);
}

function planMedia(mediaId: string, state: LiveState, position: Position | null): SourcePlan {
  const media = state.project.media.find((entry) => entry.id === mediaId);
  if (!media) return NONE;
  // The path belongs to the key: a file that was found again is opened again.
  const key = `media ${mediaId} ${media.path}`;
  return { kind: 'media', key, mediaId, mediaName: media.name, position };
}

function findLayer(state: LiveState, layerId: string): { layer: Layer; onAir: boolean } | null {
  for (const scene of state.project.scenes) {
    const layer = scene.layers.find((entry) => entry.id === layerId);
    if (layer) return { layer, onAir: layer.visible && scene.id === state.project.activeSceneId };
  }
  return null;
}
