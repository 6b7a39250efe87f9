import type { EngineStreamLive, LiveState } from '../../../contract/live';
import type { Layer } from '../../../contract/project';

/** The engines that are played by words. */
export type PromptEngine = 'animate' | 'generate';

/** Something that is played by words: what an engine does to a layer, or the picture it makes. */
export type PromptTarget = {
  layerId: string;
  layerName: string;
  prompt: string;
  seed: number;
  /** Whether the words reach a picture at present. */
  enabled: boolean;
} & ({ engine: 'animate'; strength: number } | { engine: 'generate'; blendMs: number });

/** What of a layer is played by words; a made picture that is animated, too, has both. */
export function promptTargets({ id, name, engine, source }: Layer): PromptTarget[] {
  const targets: PromptTarget[] = [];
  const layer = { layerId: id, layerName: name };
  if (source.kind === 'generate') {
    const { prompt, seed, blendMs } = source;
    targets.push({ ...layer, engine: 'generate', enabled: true, prompt, seed, blendMs });
  }
  if (engine) {
    const { prompt, seed, strength, enabled } = engine;
    targets.push({ ...layer, engine: 'animate', enabled, prompt, seed, strength });
  }
  return targets;
}

/**
 * What the deck plays: the selected layer, else the topmost that takes words. Of a layer with
 * both kinds the wanted one, else what the layer is made of.
 */
export function chooseTarget(
  layers: readonly Layer[],
  selected: Layer | null,
  wanted: PromptEngine | null,
): PromptTarget | null {
  const own = selected ? promptTargets(selected) : [];
  const targets = own.length > 0 ? own : layers.map(promptTargets).findLast((some) => some.length > 0);
  return targets?.find((target) => target.engine === wanted) ?? targets?.[0] ?? null;
}

/** What the target's stream was last told; undefined before its first snapshot. */
export function streamOf(state: LiveState | null, target: PromptTarget): EngineStreamLive | undefined {
  const live = state?.layers[target.layerId];
  return target.engine === 'generate' ? (live?.generated ?? undefined) : live;
}
