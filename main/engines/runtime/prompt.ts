import * as v from 'valibot';

const tokenId = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(0xffff));

/** `vocabulary.json` of an animate model. */
export const VocabularySchema = v.object({
  /** Tokens of a prompt. */
  length: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(256)),
  /** Id of an empty place, and of a word the model does not know. */
  pad: tokenId,
  unknown: tokenId,
  words: v.record(v.string(), tokenId),
  /** Other words for those. */
  synonyms: v.record(v.string(), v.string()),
  groups: v.record(v.string(), v.array(v.string())),
});
export type Vocabulary = v.InferOutput<typeof VocabularySchema>;

/** A prompt as the model hears it. */
export type TokenizedPrompt = {
  /** `length` ids, padded. */
  ids: readonly number[];
  /** Words of the prompt that have no effect, each once, as written in lower case. */
  unheard: readonly string[];
};

/** At most so many unheard words are reported, each cut to so many letters. */
const MAX_REPORTED = 64;
const MAX_WORD_LETTERS = 40;

/**
 * Turns a prompt into token ids [A2]: lower-cased runs of the letters a–z, synonyms
 * replaced, other words as `unknown`. When there are more than `length`, unknown ones go
 * first, then the tail.
 */
export function tokenizePrompt(vocabulary: Vocabulary, prompt: string): TokenizedPrompt {
  const lower = prompt.normalize('NFC').toLowerCase();
  const words = lower.match(/[a-z]+/g) ?? [];
  const tokens = words.map((word) => ({ word, id: idOf(vocabulary, word) }));
  const fitting =
    tokens.length > vocabulary.length ? tokens.filter((token) => token.id !== vocabulary.unknown) : tokens;
  const kept = fitting.slice(0, vocabulary.length);
  const ids = kept.map((token) => token.id);
  while (ids.length < vocabulary.length) ids.push(vocabulary.pad);
  return { ids, unheard: findUnheard(vocabulary, lower, new Set(kept.map((token) => token.word))) };
}

/** The words a person may use, in the order of the vocabulary's groups. */
export function vocabularyWords(vocabulary: Vocabulary): string[] {
  return [...new Set([...Object.values(vocabulary.groups).flat(), ...Object.keys(vocabulary.words)])];
}

function idOf(vocabulary: Vocabulary, word: string): number {
  // Own properties only: "constructor" is a word, too.
  const meant = Object.hasOwn(vocabulary.synonyms, word) ? vocabulary.synonyms[word]! : word;
  return Object.hasOwn(vocabulary.words, meant) ? vocabulary.words[meant]! : vocabulary.unknown;
}

/** Whole written words, so that "naïve" is named and not its a–z pieces. */
function findUnheard(vocabulary: Vocabulary, lower: string, kept: ReadonlySet<string>): string[] {
  const unheard = new Set<string>();
  for (const [written] of lower.matchAll(/[\p{L}\p{M}]+/gu)) {
    const known = kept.has(written) && idOf(vocabulary, written) !== vocabulary.unknown;
    if (!known) unheard.add(written.slice(0, MAX_WORD_LETTERS));
    if (unheard.size >= MAX_REPORTED) break;
  }
  return [...unheard];
}
