import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { tokenizePrompt, vocabularyWords, type Vocabulary } from './prompt';

const vocabulary: Vocabulary = {
  length: 4,
  pad: 0,
  unknown: 1,
  words: { ink: 2, neon: 3, snow: 4, golden: 5, dark: 6 },
  synonyms: { snowy: 'snow', gold: 'golden', lost: 'nowhere' },
  groups: { look: ['ink', 'neon'], weather: ['snow'] },
};
const tokens = (prompt: string) => tokenizePrompt(vocabulary, prompt);

describe('tokenizePrompt', () => {
  it.each<[string, number[], string[]]>([
    ['', [0, 0, 0, 0], []],
    ['  Ink, SNOWY!\n', [2, 4, 0, 0], []],
    ['gold-ink', [5, 2, 0, 0], []],
    ['a zebra in ink', [1, 1, 1, 2], ['a', 'zebra', 'in']],
    ['zebra zebra', [1, 1, 0, 0], ['zebra']],
    ['lost', [1, 0, 0, 0], ['lost']],
    ['constructor __proto__ toString', [1, 1, 1, 0], ['constructor', 'proto', 'tostring']],
    ['neon 3000 снег', [3, 0, 0, 0], ['снег']],
    ['naïve', [1, 1, 0, 0], ['naïve']],
  ])('[A2] %j → %j, unheard %j', (prompt, ids, unheard) => {
    expect(tokens(prompt)).toEqual({ ids, unheard });
  });

  it('[A2] with more words than places unknown ones go first, then the tail; all are named', () => {
    expect(tokens('the ink of a neon snow').ids).toEqual([2, 3, 4, 0]);
    expect(tokens('ink neon snow golden dark')).toEqual({ ids: [2, 3, 4, 5], unheard: ['dark'] });
  });

  it('[A2] any text gives exactly `length` ids of the vocabulary and a bounded report', () => {
    const known = new Set([0, 1, ...Object.values(vocabulary.words)]);
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 2000 }), (prompt) => {
        const { ids, unheard } = tokens(prompt);
        expect(ids).toHaveLength(4);
        expect(ids.every((id) => known.has(id))).toBe(true);
        expect(unheard.length).toBeLessThanOrEqual(64);
        expect(unheard.every((word) => word.length <= 40)).toBe(true);
      }),
    );
  });
});

it('vocabularyWords names the grouped words first, each once', () => {
  expect(vocabularyWords(vocabulary)).toEqual(['ink', 'neon', 'snow', 'golden', 'dark']);
});
