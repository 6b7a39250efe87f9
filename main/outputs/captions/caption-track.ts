import type { CaptionUpdate, CaptionWord } from '../../../contract/captions';

/**
 * The words of one programme as an output sees them: takes every update, across epochs, other
 * streams and engines that were started again, and gives each confirmed word once, in order.
 */
export class CaptionTrack {
  #epoch = -1;
  #drafts: CaptionWord[] = [];
  /** Confirmed words so far, of every epoch. */
  #confirmed = 0;
  /** Place, among all words, of the word that the epoch calls 0. */
  #base: number | null = null;

  /** Words that may still change, the newest last. */
  get drafts(): readonly CaptionWord[] {
    return this.#drafts;
  }

  /**
   * Takes an update; one of an older epoch is of no use.
   * @returns the words that are confirmed now and were not before.
   */
  apply({ epoch, from, words }: CaptionUpdate): CaptionWord[] {
    if (epoch < this.#epoch) return [];
    const place = this.#base === null ? null : this.#base + from;
    const end = this.#confirmed + this.#drafts.length;
    if (epoch > this.#epoch || place === null || place < this.#confirmed) {
      // Below the first draft nothing changes: whoever counts from there has begun anew.
      this.#epoch = epoch;
      this.#drafts = [];
      this.#base = this.#confirmed - from;
    } else if (place > end) this.#base = end - from;
    this.#drafts.splice(this.#base! + from - this.#confirmed, Infinity, ...words);
    const draft = this.#drafts.findIndex((word) => word.state === 'draft');
    const confirmed = this.#drafts.splice(0, draft < 0 ? this.#drafts.length : draft);
    this.#confirmed += confirmed.length;
    return confirmed;
  }
}
