import { expect, test } from 'vitest';
import { StudioError } from '../../../contract/errors';
import type { EngineLive } from '../../../contract/live';
import { emptyProject } from '../../../contract/project';
import { STOPPED_ENGINE, idleState } from '../../../contract/testing/idle-state';
import { captionWords } from './caption-words';
import { newStrip } from './new-items';

function state(engine: Partial<EngineLive>, enabled = true, stripId: string | null = null) {
  const made = idleState();
  const microphone = { ...newStrip('Guest', { kind: 'layer', layerId: 'x' }), id: 'guest', muted: true };
  const project = { ...emptyProject(), strips: [microphone] };
  project.captions = { ...project.captions, enabled, stripId };
  return { ...made, project, engines: { ...made.engines, captions: { ...STOPPED_ENGINE, ...engine } } };
}

test('an empty list of words always has its reason', () => {
  const missing = new StudioError('engine', 'model.missing', 'No model.').toShape();
  expect(captionWords(state({ state: 'ready' }, false))).toContain('off');
  expect(captionWords(state({ state: 'failed', error: missing }))).toContain('captions-mini');
  expect(captionWords(state({ state: 'failed' }))).toContain('failed');
  expect(captionWords(state({ state: 'starting' }))).toContain('starts');
  expect(captionWords(state({ state: 'ready' }))).toContain('the whole mix');
});

test('a strip that is listened to is named, and that it is muted is told', () => {
  const words = captionWords(state({ state: 'ready' }, true, 'guest'));
  expect(words).toContain('“Guest”');
  expect(words).toContain('muted');
});

test('words that are there speak for themselves', () => {
  const made = state({ state: 'ready' });
  const word = { text: 'hello', startUs: 0, endUs: 1, confidence: 1, state: 'draft', begins: true } as const;
  expect(captionWords({ ...made, captions: { ...made.captions, words: [word] } })).toBe('');
});
