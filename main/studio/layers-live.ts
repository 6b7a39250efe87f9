import type { LayerLive, StripLive } from '../../contract/live';
import type { AnimateSettings, Layer, Project } from '../../contract/project';
import { allLayers } from './edit';

/** When and why a project changed. */
export type Change = { version: number; nowUs: number; inputUs: number };

type Lives = Readonly<Record<string, LayerLive>>;

/**
 * Carries each layer's live values over to a new project: new layers start now, a change
 * of source, prompt or model is a cut and raises the epoch, and whatever the engine must
 * hear of raises the control version.
 */
export function followLayers(before: Project, after: Project, lives: Lives, change: Change): Lives {
  if (before.scenes === after.scenes) return lives;
  const previous = new Map(allLayers(before).map((layer) => [layer.id, layer]));
  let nextStreamId = 1 + Math.max(0, ...Object.values(lives).map((live) => live.streamId));
  const next: Record<string, LayerLive> = {};
  for (const layer of allLayers(after)) {
    const live = lives[layer.id];
    const old = previous.get(layer.id);
    if (!live || !old) {
      next[layer.id] = startLayer(nextStreamId++, change);
    } else if (old === layer) {
      next[layer.id] = live;
    } else {
      next[layer.id] = followLayer(old, layer, live, change);
    }
  }
  return next;
}

/** Carries strips over; a new strip, or one with a new source, starts now. */
export function followStrips(
  before: Project,
  after: Project,
  lives: Readonly<Record<string, StripLive>>,
  nowUs: number,
): Readonly<Record<string, StripLive>> {
  if (before.strips === after.strips) return lives;
  const previous = new Map(before.strips.map((strip) => [strip.id, strip]));
  return Object.fromEntries(
    after.strips.map((strip) => {
      const same = previous.get(strip.id)?.source === strip.source;
      return [strip.id, (same && lives[strip.id]) || { originUs: nowUs }];
    }),
  );
}

function startLayer(streamId: number, change: Change): LayerLive {
  return {
    streamId,
    epoch: 1,
    controlVersion: change.version,
    controlInputUs: change.inputUs,
    originUs: change.nowUs,
    pausedAtUs: null,
    unknownWords: [],
  };
}

function followLayer(old: Layer, layer: Layer, live: LayerLive, change: Change): LayerLive {
  const newSource = JSON.stringify(old.source) !== JSON.stringify(layer.source);
  const cut =
    newSource || old.engine?.prompt !== layer.engine?.prompt || old.engine?.model !== layer.engine?.model;
  const told = engineHears(old.engine) !== engineHears(layer.engine);
  return {
    ...live,
    ...(cut ? { epoch: live.epoch + 1 } : {}),
    ...(newSource && layer.source.kind === 'film' ? { originUs: change.nowUs, pausedAtUs: null } : {}),
    ...(told || cut ? { controlVersion: change.version, controlInputUs: change.inputUs } : {}),
  };
}

/** The settings the engine process acts on; mix and wipe are the stage's. */
function engineHears(engine: AnimateSettings | null): string {
  if (!engine?.enabled) return '';
  return JSON.stringify([engine.model, engine.prompt, engine.strength, engine.seed]);
}
