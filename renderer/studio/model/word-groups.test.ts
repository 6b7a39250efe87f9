import { expect, test } from 'vitest';
import { groupWords, playWord } from './word-groups';

const TIMES = ['dawn', 'day', 'dusk', 'night'];

test('a model’s words are grouped, and none that no group knows is lost', () => {
  expect(groupWords(['sea', 'flumph', 'night', 'dawn'])).toEqual([
    { name: 'Place', words: ['sea'] },
    { name: 'Time', words: ['dawn', 'night'] },
    { name: 'More', words: ['flumph'] },
  ]);
  expect(groupWords([])).toEqual([]);
});

test('a word takes the place of its group’s other word, joins where there is none, and goes when played again', () => {
  expect(playWord('mountains Dusk, boat', 'night', TIMES)).toBe('mountains night boat');
  expect(playWord('mountains', 'night', TIMES)).toBe('mountains night');
  expect(playWord('mountains night', 'night', TIMES)).toBe('mountains');
  expect(playWord('', 'dawn', TIMES)).toBe('dawn');
});
