import {
  DEFAULT_ANIMATE,
  FULL_FRAME,
  type AnimateSettings,
  type Layer,
  type Source,
  type Strip,
  type StripSource,
} from '../../../contract/project';

/** A fresh id for anything in a project. */
export function newId(): string {
  return crypto.randomUUID();
}

/** A name not taken yet: `Camera`, `Camera 2`, `Camera 3` … */
export function freeName(wanted: string, taken: readonly string[]): string {
  if (!taken.includes(wanted)) return wanted;
  let number = 2;
  while (taken.includes(`${wanted} ${number}`)) number += 1;
  return `${wanted} ${number}`;
}

/** Where words stand at first: in the lower third. */
const LOWER_THIRD = { ...FULL_FRAME, x: 0.05, y: 0.78, width: 0.9, height: 0.16 };

/** A layer over the whole picture; text and captions stand in its lower third. */
export function newLayer(name: string, source: Source, engine: AnimateSettings | null = null): Layer {
  const transform = source.kind === 'text' || source.kind === 'captions' ? LOWER_THIRD : FULL_FRAME;
  return {
    id: newId(),
    name: name.slice(0, 200),
    source,
    visible: true,
    locked: false,
    transform,
    opacity: 1,
    blend: 'normal',
    engine,
  };
}

/** The words a new text layer says. */
export const FIRST_TEXT: Source = {
  kind: 'text',
  text: 'Good evening',
  size: 0.09,
  colour: '#ffffff',
  background: null,
  align: 'left',
  weight: 600,
};

/** A mixer strip at 0 dB. */
export function newStrip(name: string, source: StripSource): Strip {
  return {
    id: newId(),
    name: name.slice(0, 200),
    source,
    gainDb: 0,
    muted: false,
    syncOffsetMs: 0,
    binaural: null,
  };
}

/** A copy of a layer, moved a little so that it is seen. */
export function copyOf(layer: Layer, taken: readonly string[]): Layer {
  const nudge = layer.transform.width >= 1 && layer.transform.height >= 1 ? 0 : 0.02;
  const transform = { ...layer.transform, x: layer.transform.x + nudge, y: layer.transform.y + nudge };
  return { ...layer, id: newId(), name: freeName(layer.name, taken).slice(0, 200), transform, locked: false };
}

/** Engine settings of a layer that had none: the defaults with a seed of its own. */
export function newEngine(model: string | null): AnimateSettings {
  return { ...DEFAULT_ANIMATE, model: model ?? DEFAULT_ANIMATE.model };
}

/** A seed nobody chose. */
export function rollSeed(): number {
  return crypto.getRandomValues(new Uint32Array(1))[0] ?? 0;
}
