import { constants } from 'node:os';
import { animateControls } from '../../contract/animate';
import type { EngineControl, EngineName } from '../../contract/engine';
import type { EngineStreamLive, LiveState } from '../../contract/live';
import { DEFAULT_ANIMATE, DEFAULT_BINAURAL, DEFAULT_GENERATE, emptyProject } from '../../contract/project';
import { allLayers } from '../studio/edit';

/** A stream that an engine is to serve, and the model it was asked for with. */
export type WantedStream = { control: EngineControl; model: string };

/** How each engine is run. */
export const ENGINE_RUNS: Readonly<
  Record<EngineName, { defaultModel: string; threads: number; priority: number }>
> = {
  // Sound that is late is heard at once; a made picture that is late is only a slower one.
  binaural: { defaultModel: DEFAULT_BINAURAL.model, threads: 1, priority: 5 },
  captions: { defaultModel: emptyProject().captions.model, threads: 1, priority: 7 },
  animate: {
    defaultModel: DEFAULT_ANIMATE.model,
    threads: 2,
    priority: 15,
  },
  generate: { defaultModel: DEFAULT_GENERATE.model, threads: 2, priority: constants.priority.PRIORITY_LOW },
};

/** The streams that a snapshot wants of one engine. */
export function wantedStreams(engine: EngineName, state: LiveState): WantedStream[] {
  switch (engine) {
    case 'animate':
      return allLayers(state.project).flatMap(({ id, engine: settings }) => {
        const live = state.layers[id];
        if (!live || !settings?.enabled) return [];
        const { model } = settings;
        return [wanted(live.streamId, live, { kind: 'animate', ...animateControls(settings) }, model)];
      });
    case 'generate':
      return allLayers(state.project).flatMap(({ id, source }) => {
        const live = state.layers[id];
        if (!live?.generated || source.kind !== 'generate') return [];
        const { model, prompt, seed, blendMs } = source;
        return [wanted(live.streamId, live.generated, { kind: 'generate', prompt, seed, blendMs }, model)];
      });
    case 'captions': {
      const { streamId, epoch, controlVersion } = state.captions;
      if (streamId === null) return [];
      return [
        wanted(streamId, { epoch, controlVersion }, { kind: 'captions' }, state.project.captions.model),
      ];
    }
    case 'binaural':
      return state.project.strips.flatMap(({ id, binaural }) => {
        const live = state.strips[id];
        if (!live?.binaural || !binaural?.network) return [];
        return [
          wanted(live.streamId, live.binaural, { kind: 'binaural', seed: binaural.seed }, binaural.model),
        ];
      });
  }
}

function wanted(
  streamId: number,
  { epoch, controlVersion }: Pick<EngineStreamLive, 'epoch' | 'controlVersion'>,
  settings: EngineControl['settings'],
  model: string,
): WantedStream {
  return { control: { type: 'control', streamId, version: controlVersion, epoch, settings }, model };
}
