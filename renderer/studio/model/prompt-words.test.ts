import fc from 'fast-check';
import { expect, test } from 'vitest';
import { insertWord, markPrompt, promptWords, suggestWords, wordAtCaret } from './prompt-words';

const VOCABULARY = ['watercolour', 'ink', 'neon', 'night', 'rain'];

test('the marked runs always join to the prompt that was typed', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (prompt) => {
      expect(
        markPrompt(prompt, ['a'])
          .map((token) => token.text)
          .join(''),
      ).toBe(prompt);
    }),
  );
});

test('unknown words are marked whatever their case and punctuation', () => {
  const marked = markPrompt('Ink, Flumph! été', ['flumph', 'ÉTÉ']);
  expect(marked.filter((token) => token.kind === 'unknown').map((token) => token.text)).toEqual([
    'Flumph',
    'été',
  ]);
  expect(promptWords('Neon  rain-soaked; INK')).toEqual(['neon', 'rain-soaked', 'ink']);
});

test('suggestions complete the word at the caret and leave out words already used', () => {
  expect(suggestWords('ink n', 5, VOCABULARY, 3)).toEqual(['neon', 'night', 'watercolour']);
  expect(suggestWords('ink neon', 8, VOCABULARY, 9)).toEqual(['watercolour', 'night', 'rain']);
  expect(wordAtCaret('ink ne', 6)).toEqual({ word: 'ne', start: 4 });
});

test('a suggestion completes a half-typed word and is otherwise added', () => {
  expect(insertWord('ink ne', 6, 'neon', VOCABULARY)).toEqual({ prompt: 'ink neon', caret: 8 });
  expect(insertWord('ink', 3, 'neon', VOCABULARY)).toEqual({ prompt: 'ink neon', caret: 8 });
  expect(insertWord('', 0, 'neon', VOCABULARY)).toEqual({ prompt: 'neon', caret: 4 });
  expect(insertWord('ink rain', 3, 'neon', VOCABULARY)).toEqual({ prompt: 'ink neon rain', caret: 8 });
});
