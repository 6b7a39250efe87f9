/** One run of a prompt: a word, or what lies between words. */
export type PromptToken = { text: string; kind: 'known' | 'unknown' | 'between' };

/** Splits a prompt so that the runs joined give the prompt back; `unknown` is matched without case. */
export function markPrompt(prompt: string, unknown: readonly string[]): PromptToken[] {
  const strange = new Set(unknown.map((word) => word.toLowerCase()));
  return prompt
    .split(/([\p{L}\p{N}][\p{L}\p{N}'’-]*)/u)
    .map((text, place): PromptToken => {
      if (place % 2 === 0) return { text, kind: 'between' };
      return { text, kind: strange.has(text.toLowerCase()) ? 'unknown' : 'known' };
    })
    .filter((token) => token.text !== '');
}

/** The words of a prompt, lower case, in order. */
export function promptWords(prompt: string): string[] {
  return markPrompt(prompt, [])
    .filter((token) => token.kind === 'known')
    .map((token) => token.text.toLowerCase());
}

/** The word that is being typed at the caret, and where it begins. */
export function wordAtCaret(prompt: string, caret: number): { word: string; start: number } {
  const before = prompt.slice(0, caret);
  const word = /[\p{L}\p{N}][\p{L}\p{N}'’-]*$/u.exec(before)?.[0] ?? '';
  return { word, start: caret - word.length };
}

/**
 * Vocabulary to offer: completions of the word at the caret first, then the rest in the
 * model's order; never a word that the prompt already has.
 */
export function suggestWords(
  prompt: string,
  caret: number,
  vocabulary: readonly string[],
  limit: number,
): string[] {
  const { word } = wordAtCaret(prompt, caret);
  const typed = word.toLowerCase();
  const whole = vocabulary.includes(typed);
  const used = new Set(promptWords(prompt));
  const free = vocabulary.filter((candidate) => !used.has(candidate.toLowerCase()));
  if (typed === '' || whole) return free.slice(0, limit);
  const starts = free.filter((candidate) => candidate.toLowerCase().startsWith(typed));
  const rest = free.filter((candidate) => !candidate.toLowerCase().startsWith(typed));
  return [...starts, ...rest].slice(0, limit);
}

/** Puts a suggested word in: completes a half-typed word at the caret, else adds it after a space. */
export function insertWord(
  prompt: string,
  caret: number,
  word: string,
  vocabulary: readonly string[],
): { prompt: string; caret: number } {
  const typed = wordAtCaret(prompt, caret);
  const completes =
    typed.word !== '' &&
    !vocabulary.includes(typed.word.toLowerCase()) &&
    word.toLowerCase().startsWith(typed.word.toLowerCase());
  const head = completes ? prompt.slice(0, typed.start) : prompt.slice(0, caret);
  const tail = prompt.slice(caret);
  const gap = head === '' || /\s$/.test(head) ? '' : ' ';
  const after = tail === '' || /^[\s,.;]/.test(tail) ? '' : ' ';
  const joined = `${head}${gap}${word}`;
  return { prompt: `${joined}${after}${tail}`, caret: joined.length };
}
