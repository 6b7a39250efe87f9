import { animateControls } from '../../contract/animate';
import type { EngineStreamLive, LayerLive, StripLive } from '../../contract/live';
import type { AnimateSettings, Layer, Project, Source, Strip } from '../../contract/project';
import { allLayers } from './edit';

/** When and why a project changed. */
export type Change = { version: number; nowUs: number; inputUs: number };

type Lives = Readonly<Record<string, LayerLive>>;
type StripLives = Readonly<Record<string, StripLive>>;

/** The lowest number that no stream has had since the lives began; 0 is the mix. */
export function nextStreamId(layers: Lives, strips: StripLives): number {
  const used = [...Object.values(layers), ...Object.values(strips)].map((live) => live.streamId);
  return 1 + Math.max(0, ...used);
}

/**
 * Carries each layer's live values over to a new project: new layers start now, a change
 * of source, prompt or model is a cut and raises the epoch, and whatever the engine must
 * hear of raises the control version.
 * @param streamId the first free stream number.
 */
export function followLayers(
  before: Project,
  after: Project,
  lives: Lives,
  change: Change,
  streamId: number,
): Lives {
  if (before.scenes === after.scenes) return lives;
  const previous = new Map(allLayers(before).map((layer) => [layer.id, layer]));
  const next: Record<string, LayerLive> = {};
  for (const layer of allLayers(after)) {
    const live = lives[layer.id];
    const old = previous.get(layer.id);
    if (!live || !old) {
      next[layer.id] = startLayer(layer, streamId++, change);
    } else if (old === layer) {
      next[layer.id] = live;
    } else {
      next[layer.id] = followLayer(old, layer, live, change);
    }
  }
  return next;
}

/**
 * Carries strips over; a new strip, or one with a new source, starts now.
 * @param streamId the first free stream number.
 */
export function followStrips(
  before: Project,
  after: Project,
  lives: StripLives,
  change: Change,
  streamId: number,
): StripLives {
  if (before.strips === after.strips) return lives;
  const previous = new Map(before.strips.map((strip) => [strip.id, strip]));
  const next: Record<string, StripLive> = {};
  for (const strip of after.strips) {
    const live = lives[strip.id];
    const old = previous.get(strip.id);
    if (!live || !old) {
      const binaural = strip.binaural?.enabled ? startStream(change) : null;
      next[strip.id] = { originUs: change.nowUs, streamId: streamId++, binaural };
    } else if (old === strip) {
      next[strip.id] = live;
    } else {
      next[strip.id] = followStrip(old, strip, live, change);
    }
  }
  return next;
}

/** The stream of a layer's made picture begins anew, with its present prompt. */
export function resetGenerated(live: LayerLive, change: Change): LayerLive {
  if (!live.generated) return live;
  return { ...live, generated: toldStream(live.generated, true, change) };
}

function startStream(change: Change): EngineStreamLive {
  return { epoch: 1, controlVersion: change.version, controlInputUs: change.inputUs, unknownWords: [] };
}

/** What a stream becomes when its engine must hear of something; a cut raises the epoch. */
function toldStream(stream: EngineStreamLive, cut: boolean, change: Change): EngineStreamLive {
  return {
    ...stream,
    epoch: stream.epoch + (cut ? 1 : 0),
    controlVersion: change.version,
    controlInputUs: change.inputUs,
  };
}

function startLayer(layer: Layer, streamId: number, change: Change): LayerLive {
  return {
    ...startStream(change),
    streamId,
    generated: layer.source.kind === 'generate' ? startStream(change) : null,
    originUs: change.nowUs,
    pausedAtUs: null,
  };
}

function followLayer(old: Layer, layer: Layer, live: LayerLive, change: Change): LayerLive {
  const newSource = isNewSource(old.source, layer.source);
  const cut = newSource || isOtherLook(old.engine, layer.engine);
  const told = engineHears(old.engine) !== engineHears(layer.engine);
  const followed: LayerLive = {
    ...live,
    generated: followGenerated(old.source, layer.source, live.generated, change),
    ...(newSource && layer.source.kind === 'film' ? { originUs: change.nowUs, pausedAtUs: null } : {}),
  };
  return told || cut ? { ...followed, ...toldStream(live, cut, change) } : followed;
}

/** Another picture altogether; a made picture only changes into another one while its model stays. */
function isNewSource(old: Source, source: Source): boolean {
  if (old.kind === 'generate' && source.kind === 'generate') return old.model !== source.model;
  // Words come and go in it, but it is no other picture.
  if (old.kind === 'captions' && source.kind === 'captions') return false;
  return JSON.stringify(old) !== JSON.stringify(source);
}

function followGenerated(
  old: Source,
  source: Source,
  stream: EngineStreamLive | null,
  change: Change,
): EngineStreamLive | null {
  if (source.kind !== 'generate') return null;
  if (!stream || old.kind !== 'generate') return startStream(change);
  if (JSON.stringify(old) === JSON.stringify(source)) return stream;
  // A new prompt grows out of the old picture; only another model cannot.
  return toldStream(stream, old.model !== source.model, change);
}

function followStrip(old: Strip, strip: Strip, live: StripLive, change: Change): StripLive {
  const newSource = old.source !== strip.source;
  const originUs = newSource ? change.nowUs : live.originUs;
  return { ...live, originUs, binaural: followBinaural(old, strip, live.binaural, newSource, change) };
}

function followBinaural(
  old: Strip,
  strip: Strip,
  stream: EngineStreamLive | null,
  newSource: boolean,
  change: Change,
): EngineStreamLive | null {
  if (!strip.binaural?.enabled) return null;
  if (!stream || !old.binaural?.enabled) return startStream(change);
  const cut = newSource || old.binaural.model !== strip.binaural.model;
  const told = cut || old.binaural.seed !== strip.binaural.seed;
  return told ? toldStream(stream, cut, change) : stream;
}

/** Another prompt is a cut, unless it fades in; another model always is. */
function isOtherLook(old: AnimateSettings | null, engine: AnimateSettings | null): boolean {
  if (old?.model !== engine?.model) return true;
  if (old?.prompt === engine?.prompt) return false;
  return !engine || animateControls(engine).fade.ms === 0;
}

/** The settings the engine process acts on; mix and wipe are the stage's. */
function engineHears(engine: AnimateSettings | null): string {
  if (!engine?.enabled) return '';
  return JSON.stringify([engine.model, animateControls(engine)]);
}
