import type { EngineLive, LayerLive, LiveState, StripLive } from '../live';
import { emptyProject } from '../project';

/** An engine that was never started. */
export const STOPPED_ENGINE: EngineLive = {
  state: 'stopped',
  url: null,
  provider: null,
  model: null,
  loading: null,
  words: [],
  restarts: 0,
  quality: null,
  images: null,
  error: null,
};

/** Live values of a layer. */
export function layerLive(streamId: number, patch: Partial<LayerLive> = {}): LayerLive {
  return {
    streamId,
    epoch: 0,
    controlVersion: 0,
    controlInputUs: 0,
    generated: null,
    originUs: 0,
    pausedAtUs: null,
    unknownWords: [],
    ...patch,
  };
}

/** Live values of a strip. */
export function stripLive(streamId: number, patch: Partial<StripLive> = {}): StripLive {
  return { streamId, originUs: 0, binaural: null, ...patch };
}

/** A studio in which nothing happens yet. */
export function idleState(patch: Partial<LiveState> = {}): LiveState {
  return {
    version: 1,
    project: emptyProject(),
    projectFile: '/project.json',
    canUndo: null,
    canRedo: null,
    layers: {},
    strips: {},
    engines: {
      animate: STOPPED_ENGINE,
      generate: STOPPED_ENGINE,
      captions: STOPPED_ENGINE,
      binaural: STOPPED_ENGINE,
    },
    captions: { streamId: null, epoch: 1, controlVersion: 1, words: [], latencyMs: null },
    cues: { startedUs: null, played: [] },
    obs: { state: 'idle', latencyMs: null, obsVersion: null, hasPassword: false, error: null },
    virtualCamera: { state: 'off', backend: null, capabilities: [], error: null },
    recording: { state: 'idle', startedUs: null, durationUs: 0, bytes: 0, file: null, error: null },
    destinations: {},
    onAir: false,
    shell: { kind: 'browser', secretStore: 'session' },
    ffmpeg: true,
    notices: [],
    ...patch,
  };
}
