import type { LiveState } from '../../contract/live';
import { emptyProject, FULL_FRAME, type Layer, type Source, type Strip } from '../../contract/project';
import { idleState, layerLive, stripLive } from '../../contract/testing/idle-state';

export type StateParts = {
  layers?: Layer[];
  strips?: Strip[];
  /** Media ids, which are file names of the harness. */
  media?: string[];
  layerOrigins?: Record<string, { originUs: number; pausedAtUs: number | null }>;
  stripOrigins?: Record<string, number>;
  masterDb?: number;
};

/** A visible full-frame layer. */
export function layerOf(id: string, source: Source, visible = true): Layer {
  return {
    id,
    name: id,
    source,
    visible,
    locked: false,
    transform: FULL_FRAME,
    opacity: 1,
    blend: 'normal',
    engine: null,
  };
}

/** A strip at 0 dB without delay. */
export function stripOf(id: string, source: Strip['source'], change: Partial<Strip> = {}): Strip {
  return { id, name: id, source, gainDb: 0, muted: false, syncOffsetMs: 0, binaural: null, ...change };
}

/** A snapshot with one scene on air. */
export function stateOf(parts: StateParts): LiveState {
  const layers = Object.entries(parts.layerOrigins ?? {}).map(([id, live], index) => [
    id,
    layerLive(index + 1, live),
  ]);
  const strips = Object.entries(parts.stripOrigins ?? {}).map(([id, originUs]) => [
    id,
    stripLive(100, { originUs }),
  ]);
  return idleState({
    project: {
      ...emptyProject(),
      scenes: [{ id: 'scene-1', name: 'Scene', layers: parts.layers ?? [] }],
      strips: parts.strips ?? [],
      media: (parts.media ?? []).map((id) => ({ id, name: id, path: id })),
      masterDb: parts.masterDb ?? 0,
    },
    layers: Object.fromEntries(layers),
    strips: Object.fromEntries(strips),
  });
}
