import { expect, test } from 'vitest';
import type { LiveState } from '../../contract/live';
import { emptyProject, FULL_FRAME, type Layer, type Strip } from '../../contract/project';
import { planSource } from './source-plan';

const film: Layer = {
  id: 'film',
  name: 'Film',
  source: { kind: 'film', mediaId: 'm1', loop: true },
  visible: true,
  locked: false,
  transform: FULL_FRAME,
  opacity: 1,
  blend: 'normal',
  engine: null,
};
const card: Layer = { ...film, id: 'card', source: { kind: 'test-card', beep: true } };
const strip = (source: Strip['source']): Strip => ({
  id: 's1',
  name: 'Strip',
  source,
  gainDb: 0,
  muted: false,
  syncOffsetMs: 0,
  binaural: null,
});

function stateWith(layer: Layer, change: { activeSceneId?: string; pausedAtUs?: number } = {}): LiveState {
  const project = {
    ...emptyProject(),
    scenes: [
      { id: 'scene-1', name: 'One', layers: [layer] },
      { id: 'scene-2', name: 'Two', layers: [] },
    ],
    activeSceneId: change.activeSceneId ?? 'scene-1',
    media: [{ id: 'm1', name: 'Rabbit', path: 'rabbit.mp4' }],
  };
  const live = { originUs: 3_000_000, pausedAtUs: change.pausedAtUs ?? null };
  return {
    project,
    layers: { [layer.id]: live },
    strips: { s1: { originUs: 4_000_000 } },
  } as unknown as LiveState;
}

const ofLayer = (layerId: string) => strip({ kind: 'layer', layerId });

test('a film sounds at its origin while its layer is visible on air', () => {
  expect(planSource(ofLayer('film'), stateWith(film), 1000)).toMatchObject({
    kind: 'media',
    mediaId: 'm1',
    position: { anchorUs: 1000, originUs: 3_000_000, loop: true },
  });
});

test.each([
  ['hidden', stateWith({ ...film, visible: false })],
  ['in another scene', stateWith(film, { activeSceneId: 'scene-2' })],
  ['paused', stateWith(film, { pausedAtUs: 0 })],
])('a film that is %s stays open and is silent', (_, state) => {
  const plan = planSource(ofLayer('film'), state, 1000);
  expect(plan).toMatchObject({ kind: 'media', position: null });
  expect(plan.key).toBe(planSource(ofLayer('film'), stateWith(film), 1000).key);
});

test('nothing that has a time plays before the anchor is known', () => {
  expect(planSource(ofLayer('film'), stateWith(film), null)).toMatchObject({ position: null });
  expect(planSource(ofLayer('card'), stateWith(card), null)).toMatchObject({ kind: 'beep', anchorUs: null });
  const file = strip({ kind: 'file', mediaId: 'm1', loop: false });
  expect(planSource(file, stateWith(card), null)).toMatchObject({ position: null });
});

test('a file plays from the strip’s own origin, whatever the scene', () => {
  const file = strip({ kind: 'file', mediaId: 'm1', loop: false });
  expect(planSource(file, stateWith(card), 5)).toMatchObject({
    position: { anchorUs: 5, originUs: 4_000_000, loop: false },
  });
});

test('the test card beeps only when asked to', () => {
  expect(planSource(ofLayer('card'), stateWith(card), 5)).toEqual({ kind: 'beep', key: 'beep', anchorUs: 5 });
  const mute: Layer = { ...card, source: { kind: 'test-card', beep: false } };
  expect(planSource(ofLayer('card'), stateWith(mute), 5).kind).toBe('none');
});

test('a strip of a layer or a medium that is gone has no source', () => {
  expect(planSource(ofLayer('gone'), stateWith(film), 5).kind).toBe('none');
  expect(planSource(strip({ kind: 'file', mediaId: 'gone', loop: true }), stateWith(film), 5).kind).toBe(
    'none',
  );
});
