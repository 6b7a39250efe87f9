/** Words of a prompt that stand in for each other. */
export type WordGroup = { name: string; words: string[] };

/** What the words of the shipped models speak of, in the order in which a picture is thought of. */
const GROUPS: readonly (readonly [string, string])[] = [
  ['Place', 'mountains sea city desert'],
  ['Time', 'dawn day dusk night'],
  ['Weather', 'clear rain snow fog'],
  ['Subject', 'balloon bird boat robot lantern'],
  ['Colour', 'red orange yellow green teal blue violet white'],
  ['Motion', 'still drifting bobbing circling fast'],
  ['Camera', 'steady left right zoom shake'],
  ['Style', 'flat sketch pixel neon'],
];

/** Sorts a model's words into groups; words that no group has come last, under `More`. */
export function groupWords(vocabulary: readonly string[]): WordGroup[] {
  const left = new Set(vocabulary);
  const groups = GROUPS.map(([name, words]) => ({
    name,
    words: words.split(' ').filter((word) => left.delete(word)),
  }));
  return [...groups, { name: 'More', words: [...left] }].filter(({ words }) => words.length > 0);
}

/**
 * The prompt with a word of a group: in the place of the group's word that it has, else at its
 * end; a word that it has already is taken out.
 */
export function playWord(prompt: string, word: string, group: readonly string[]): string {
  const tokens = prompt.split(/\s+/).filter((token) => token !== '');
  const bare = tokens.map((token) => token.toLowerCase().replace(/[^\p{L}\p{N}'’-]/gu, ''));
  const own = bare.indexOf(word);
  if (own >= 0) return tokens.toSpliced(own, 1).join(' ');
  const other = bare.findIndex((token) => group.includes(token));
  return (other >= 0 ? tokens.with(other, word) : [...tokens, word]).join(' ');
}
