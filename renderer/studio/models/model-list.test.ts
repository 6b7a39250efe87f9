import { describe, expect, test } from 'vitest';
import { firstChoice, groupModels, matches, placeAfter } from './model-list';
import { listing } from './testing/listing';

const all = { text: '', fits: false, here: false };
const wont = { verdict: 'wont', why: '', predictedFps: null, resultOf: null } as const;

describe('filter', () => {
  test('every word must be found somewhere in name, id, task, tier, licence or language', () => {
    const model = listing({ languages: ['en', 'de'], tier: '8gb' });
    for (const text of ['', '  ', 'LARGE', 'animate de', '8 gb mit', 'picture']) {
      expect(matches(model, { ...all, text })).toBe(true);
    }
    for (const text of ['large xyz', 'fr', '24 gb card']) {
      expect(matches(model, { ...all, text })).toBe(false);
    }
  });

  test('what is tight still fits, what is damaged is still on the disk', () => {
    expect(matches(listing({ fit: { ...wont, verdict: 'tight' } }), { ...all, fits: true })).toBe(true);
    expect(matches(listing({ fit: wont }), { ...all, fits: true })).toBe(false);
    expect(matches(listing({ state: 'damaged' }), { ...all, here: true })).toBe(true);
    expect(matches(listing({ state: 'paused' }), { ...all, here: true })).toBe(false);
  });
});

test('tasks of engines come first in the studio’s order, what no engine runs comes last', () => {
  const groups = groupModels([
    listing({ id: 'u', task: 'upscale', engine: null }),
    listing({ id: 'n', task: 'captions', engine: null }),
    listing({ id: 'c', task: 'captions', engine: 'captions' }),
    listing({ id: 'b', name: 'B' }),
    listing({ id: 'a', name: 'A' }),
  ]);
  expect(groups.map(({ title, later, models }) => [title, later, models.map(({ id }) => id)])).toEqual([
    ['Animate a picture', false, ['a', 'b']],
    ['Captions', false, ['c']],
    ['Captions', true, ['n']],
    ['Enlarge a picture', true, ['u']],
  ]);
});

test('keys move through the list and stop at its ends', () => {
  expect(placeAfter('ArrowDown', -1, 3, 8)).toBe(0);
  expect(placeAfter('ArrowDown', 2, 3, 8)).toBe(2);
  expect(placeAfter('ArrowUp', -1, 3, 8)).toBe(0);
  expect(placeAfter('PageDown', 0, 40, 8)).toBe(8);
  expect(placeAfter('PageUp', 3, 40, 8)).toBe(0);
  expect(placeAfter('End', 0, 40, 8)).toBe(39);
  expect(placeAfter('a', 0, 40, 8)).toBeNull();
  expect(placeAfter('ArrowDown', 0, 0, 8)).toBeNull();
});

describe('what is shown first', () => {
  const fine = listing({ id: 'fine', state: 'installed', inUse: true });
  const missing = listing({ id: 'missing', task: 'captions', engine: 'captions', inUse: true });
  const damaged = listing({ id: 'damaged', state: 'damaged' });

  test('the one asked for, even if others are in need', () => {
    expect(firstChoice([missing, fine], { modelId: 'fine' })).toBe('fine');
  });

  test('what the engine lacks, then what is damaged, then what it uses', () => {
    const other = listing({ id: 'other', task: 'captions', engine: 'captions' });
    expect(firstChoice([damaged, other, missing], { engine: 'captions' })).toBe('missing');
    expect(firstChoice([fine, damaged], { engine: 'animate' })).toBe('damaged');
    expect(firstChoice([listing(), fine], { engine: 'animate' })).toBe('fine');
  });

  test('the first where nothing is in need, nothing where there is none', () => {
    expect(firstChoice([listing({ id: 'one' }), fine], {})).toBe('one');
    expect(firstChoice([], { engine: 'animate' })).toBeNull();
  });
});
