import { expect, test } from 'vitest';
import type { LiveState } from '../../../contract/live';
import { DEFAULT_ANIMATE, DEFAULT_GENERATE, type Layer } from '../../../contract/project';
import { layerLive } from '../../../contract/testing/idle-state';
import { newLayer } from '../model/new-items';
import { chooseTarget, promptTargets, streamOf } from './prompt-target';

const plain = newLayer('Title', { kind: 'test-card', beep: false });
const made = newLayer('Backdrop', { ...DEFAULT_GENERATE, prompt: 'sea fog' });
const painted: Layer = { ...plain, id: 'cam', name: 'Camera', engine: { ...DEFAULT_ANIMATE, prompt: 'ink' } };
const both: Layer = { ...made, id: 'both', engine: { ...DEFAULT_ANIMATE, prompt: 'neon' } };

test('a layer is played by what makes it and by what repaints it', () => {
  expect(promptTargets(plain)).toEqual([]);
  expect(promptTargets(both).map(({ engine, prompt }) => [engine, prompt])).toEqual([
    ['generate', 'sea fog'],
    ['animate', 'neon'],
  ]);
});

test('the deck plays the selected layer, else the topmost that takes words', () => {
  expect(chooseTarget([made, painted, plain], null, null)?.layerId).toBe('cam');
  expect(chooseTarget([made, painted, plain], plain, null)?.layerId).toBe('cam');
  expect(chooseTarget([made, painted, plain], made, null)?.layerId).toBe(made.id);
  expect(chooseTarget([plain], plain, 'animate')).toBeNull();
});

test('of a layer with both kinds the wanted one is played, where it is there', () => {
  expect(chooseTarget([both], both, null)?.engine).toBe('generate');
  expect(chooseTarget([both], both, 'animate')?.engine).toBe('animate');
  expect(chooseTarget([painted], painted, 'generate')?.engine).toBe('animate');
});

test('each kind has a stream of its own', () => {
  const generated = { epoch: 1, controlVersion: 7, controlInputUs: 0, unknownWords: ['flumph'] };
  const state = { layers: { both: layerLive(1, { controlVersion: 3, generated }) } } as unknown as LiveState;
  const versions = promptTargets(both).map((target) => streamOf(state, target)?.controlVersion);
  expect(versions).toEqual([7, 3]);
});
