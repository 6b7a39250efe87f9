import type { CaptionUpdate, CaptionWord } from '../../../contract/captions';
import type { Token } from './ctc';

/** A word after a pause this long `begins` a caption. */
const PAUSE_US = 1_200_000;
/** A word that was followed by this much without a token is whole. */
const WHOLE_AFTER_US = 480_000;
/** A word sounds on this long after the frame that told its last piece, unless the next begins. */
const LINGER_US = 80_000;
/** Below this margin a word's last token keeps it a draft for one chunk more. */
const SURE_MARGIN = 0.3;
/** A word without an end in sight is cut here. */
const LONGEST_WORD = 64;
/** How SentencePiece writes the space before a word. */
const WORD_START = '\u2581';
/** `<unk>`, `<en-US>`: not speech. */
const TAG = /^<[^>]*>$/;

type Draft = {
  text: string;
  startUs: number;
  endUs: number;
  probabilities: number;
  tokens: number;
  begins: boolean;
  /** The chunk and the margin of its last token. */
  chunk: number;
  margin: number;
};

/**
 * Makes words of tokens and keeps the account of what was told [C8]: the words of an epoch are
 * numbered, those that may still grow are drafts, and a confirmed word never changes. Holds no
 * more than the drafts.
 */
export class CaptionLedger {
  readonly #pieces: readonly string[];
  #confirmed = 0;
  #drafts: Draft[] = [];
  /** The drafts' text as it was last told, from word `#confirmed` on. */
  #told: CaptionWord[] = [];
  /** Whether the last draft may still grow. */
  #open = false;
  #lastStartUs = -Infinity;
  #lastEndUs: number | null = null;
  /** Whether the pause after the last word was told. */
  #paused = true;
  #chunk = 0;

  constructor(pieces: readonly string[]) {
    this.#pieces = pieces;
  }

  /**
   * Takes what one chunk brought.
   * @param tokens those that never change.
   * @param heardUs programme time up to which it was decoded.
   * @param open what follows them as it looks now: another guess may come with the next chunk.
   * @returns what changed; null when nothing did. Once in a pause, a change of nothing tells
   * that it has become one.
   */
  take(
    tokens: readonly Token[],
    heardUs: number,
    open: readonly Token[] = [],
  ): Pick<CaptionUpdate, 'from' | 'words'> | null {
    this.#chunk++;
    for (const token of tokens) this.#add(token);
    if (open.length > 0) return this.#tellGuess(open);
    const quietUs = this.#lastEndUs === null ? 0 : heardUs - this.#lastEndUs;
    if (quietUs >= WHOLE_AFTER_US) this.#endWord();
    const change = this.#tell(this.#wholeWords());
    if (this.#paused || quietUs < PAUSE_US || this.#drafts.length > 0) return change;
    this.#paused = true;
    return change ?? { from: this.#confirmed, words: [] };
  }

  /** The sound is over, with these tokens as its last: every word is as whole as it will be. */
  close(tokens: readonly Token[] = []): Pick<CaptionUpdate, 'from' | 'words'> | null {
    for (const token of tokens) this.#add(token);
    this.#endWord();
    return this.#tell(this.#drafts.length);
  }

  /** Tells the words with a guess at their end, which is then forgotten. */
  #tellGuess(guess: readonly Token[]): Pick<CaptionUpdate, 'from' | 'words'> | null {
    const settled = this.#drafts.map((draft) => ({ ...draft }));
    const [isOpen, lastStartUs, lastEndUs, paused] = [
      this.#open,
      this.#lastStartUs,
      this.#lastEndUs,
      this.#paused,
    ];
    for (const token of guess) this.#add(token);
    // What the guess begins with may still belong to the last settled word.
    const whole = Math.min(this.#wholeWords(), Math.max(0, settled.length - 1));
    const change = this.#tell(whole);
    this.#drafts = settled.slice(whole);
    this.#open = isOpen;
    this.#lastStartUs = lastStartUs;
    this.#lastEndUs = lastEndUs;
    this.#paused = paused;
    return change;
  }

  #add(token: Token): void {
    const piece = this.#pieces[token.id];
    if (piece === undefined || TAG.test(piece)) return;
    const text = piece.replaceAll(WORD_START, ' ').trim();
    const last = this.#drafts.at(-1);
    const quiet = this.#lastEndUs === null ? Infinity : token.startUs - this.#lastEndUs;
    const goesOn =
      last !== undefined &&
      this.#open &&
      !piece.startsWith(WORD_START) &&
      // A time that jumped either way lies between two words.
      quiet < WHOLE_AFTER_US &&
      token.startUs >= last.startUs &&
      last.text.length + text.length <= LONGEST_WORD;
    if (goesOn) {
      last.text += text;
      last.endUs = token.endUs;
      last.probabilities += token.probability;
      last.tokens++;
      last.chunk = this.#chunk;
      last.margin = token.margin;
    } else {
      // A space that no letter followed is no word.
      if (last?.text === '') this.#drafts.pop();
      const begins =
        quiet >= PAUSE_US || token.startUs < this.#lastStartUs || (last?.text === '' && last.begins);
      this.#drafts.push({
        text: text.slice(0, LONGEST_WORD),
        startUs: token.startUs,
        endUs: token.endUs,
        probabilities: token.probability,
        tokens: 1,
        begins,
        chunk: this.#chunk,
        margin: token.margin,
      });
    }
    this.#open = true;
    this.#paused = false;
    this.#lastStartUs = token.startUs;
    this.#lastEndUs = token.endUs;
  }

  /** The last word grows no more; a space that no letter followed is none. */
  #endWord(): void {
    this.#open = false;
    if (this.#drafts.at(-1)?.text === '') this.#drafts.pop();
  }

  /** How many of the drafts, from the first on, have become whole. */
  #wholeWords(): number {
    let whole = 0;
    while (whole < this.#drafts.length && this.#isWhole(whole)) whole++;
    return whole;
  }

  #tell(whole: number): Pick<CaptionUpdate, 'from' | 'words'> | null {
    const words = this.#drafts
      .filter((draft) => draft.text !== '')
      .map((draft, i, drafts) => wordOf(draft, drafts[i + 1], i < whole ? 'confirmed' : 'draft'));
    let same = 0;
    while (same < words.length && same < this.#told.length && sameWord(words[same]!, this.#told[same]!))
      same++;
    const changed = same < words.length || same < this.#told.length;
    const update = changed ? { from: this.#confirmed + same, words: words.slice(same) } : null;
    this.#confirmed += whole;
    this.#drafts.splice(0, whole);
    this.#told = words.slice(whole);
    return update;
  }

  #isWhole(index: number): boolean {
    const draft = this.#drafts[index]!;
    const last = index === this.#drafts.length - 1;
    if (last && this.#open) return false;
    return draft.margin >= SURE_MARGIN || this.#chunk > draft.chunk;
  }
}

function wordOf(draft: Draft, next: Draft | undefined, state: CaptionWord['state']): CaptionWord {
  const { text, startUs, probabilities, tokens, begins } = draft;
  const endUs = Math.max(draft.endUs, Math.min(draft.endUs + LINGER_US, next?.startUs ?? Infinity));
  const confidence = Math.min(1, Math.max(0, probabilities / tokens));
  return { text, startUs, endUs: Math.max(startUs, endUs), confidence, state, begins };
}

function sameWord(a: CaptionWord, b: CaptionWord): boolean {
  return a.text === b.text && a.state === b.state && a.endUs === b.endUs;
}
