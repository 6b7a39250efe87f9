import type { CaptionWord } from './captions';

/** A word as it is drawn. */
export type LineWord = { text: string; draft: boolean };

/** One line of captions, its words to be drawn with single spaces between them. */
export type CaptionLine = {
  /** Programme time at which its first word starts; what the line is known by. */
  startUs: number;
  /** Programme time at which its last word ends. */
  endUs: number;
  words: readonly LineWord[];
};

export type CaptionLineOptions = {
  /** The most lines that are given, the newest. */
  lines: number;
  /** The most characters of a line, spaces between words counted. A longer word is alone on its line. */
  maxChars: number;
  /**
   * What this function gave for the words before these: its lines begin where they began, so
   * that nothing that was drawn moves, though the oldest words are no longer among `words`.
   */
  previous?: readonly CaptionLine[];
};

/**
 * Lays words into lines that roll up: a line is filled word by word, the next begins when it
 * is full or when a word `begins` after a pause, and what was drawn stays on its line. Only the
 * last word can go to a new line once, when it is a draft and outgrows its own.
 * @throws RangeError when `lines` or `maxChars` is not a whole number of at least 1.
 */
export function formatCaptionLines(
  words: readonly CaptionWord[],
  options: CaptionLineOptions,
): CaptionLine[] {
  const { lines, maxChars, previous = [] } = options;
  if (!isCount(lines) || !isCount(maxChars)) {
    throw new RangeError(`Captions must have at least 1 line of 1 character, got ${lines} of ${maxChars}.`);
  }
  const starts = new Set(previous.map((line) => line.startUs));
  const first = previous[0]?.startUs;
  // Words before the oldest line drawn have rolled out of sight, unless there is a new order of things.
  const from = first === undefined ? -1 : words.findIndex((word) => word.startUs === first);
  const laid: CaptionLine[] = [];
  let room = 0;
  for (const word of from < 0 ? words : words.slice(from)) {
    const line = laid.at(-1);
    const breaks = word.begins || starts.has(word.startUs) || word.text.length + 1 > room;
    const piece: LineWord = { text: word.text, draft: word.state === 'draft' };
    if (line === undefined || breaks) {
      laid.push({ startUs: word.startUs, endUs: word.endUs, words: [piece] });
      room = maxChars - word.text.length;
    } else {
      laid[laid.length - 1] = { ...line, endUs: word.endUs, words: [...line.words, piece] };
      room -= word.text.length + 1;
    }
  }
  return laid.slice(-lines);
}

function isCount(value: number): boolean {
  return Number.isInteger(value) && value >= 1;
}
