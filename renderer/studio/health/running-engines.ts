import { ENGINES, type EngineName } from '../../../contract/engine';
import type { LiveState } from '../../../contract/live';
import type { StageStats } from '../../../contract/stage';
import { ENGINE_NAMES, ENGINE_WORDS } from '../model/words';

/** How one engine does in one figure: `11.4 fps`, `420 ms`, `98 %`; or its state while it does not run. */
export type EngineFigure = { engine: EngineName; figure: string; means: string; trouble: boolean };

/** A figure for each engine that something asks for. */
export function runningEngines(state: LiveState, stats: StageStats | null): EngineFigure[] {
  return ENGINES.filter((engine) => state.engines[engine].state !== 'stopped').map((engine) => {
    const live = state.engines[engine];
    const name = ENGINE_NAMES[engine];
    if (live.state !== 'ready') {
      const words = ENGINE_WORDS[live.state];
      return { engine, figure: words, means: `${name}: ${words.toLowerCase()}`, trouble: true };
    }
    return { engine, trouble: false, ...readyFigure(engine, name, state, stats) };
  });
}

function readyFigure(
  engine: EngineName,
  name: string,
  state: LiveState,
  stats: StageStats | null,
): Pick<EngineFigure, 'figure' | 'means'> {
  if (engine === 'captions') {
    const latency = state.captions.latencyMs;
    return {
      figure: latency ? `${Math.round(latency.p50)} ms` : '–',
      means: `${name}: from the end of a word to its first appearance, median`,
    };
  }
  if (engine === 'binaural') {
    // A strip that is placed without the network has no share of it.
    const refined = new Set(state.project.strips.filter((one) => one.binaural?.network).map(({ id }) => id));
    const shares = (stats?.binaural ?? [])
      .filter(({ stripId }) => refined.has(stripId))
      .map(({ networkShare }) => networkShare);
    return {
      figure: shares.length > 0 ? `${Math.round(100 * Math.min(...shares))} %` : '–',
      means: `${name}: share of the last second that the neural engine made in time`,
    };
  }
  const rates = stats?.engines.filter((one) => one.engine === engine).map((one) => one.fps) ?? [];
  return {
    figure: rates.length > 0 ? `${Math.min(...rates).toFixed(1)} fps` : '–',
    means: `${name}: new pictures of the engine in the last second; of several layers the slowest`,
  };
}
