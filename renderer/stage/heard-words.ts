import type { CaptionUpdate, CaptionWord } from '../../contract/captions';

/** More words than any caption shows at once. */
const KEPT_WORDS = 80;

/** The newest words that were heard, as main passes them on. */
export class HeardWords {
  #words: CaptionWord[] = [];
  #first = 0;
  #stream = '';

  /** The newest words, oldest first; another array after each change. */
  get words(): readonly CaptionWord[] {
    return this.#words;
  }

  /** Takes an update; one that begins a new stream or epoch forgets the words before. */
  take({ streamId, epoch, from, words }: CaptionUpdate): void {
    const stream = `${streamId}.${epoch}`;
    if (stream !== this.#stream || from < this.#first || from > this.#first + this.#words.length) {
      this.#stream = stream;
      this.#words = [];
      this.#first = from;
    }
    const all = [...this.#words.slice(0, from - this.#first), ...words];
    const surplus = Math.max(0, all.length - KEPT_WORDS);
    this.#words = all.slice(surplus);
    this.#first += surplus;
  }

  clear(): void {
    this.#words = [];
    this.#first = 0;
    this.#stream = '';
  }
}
