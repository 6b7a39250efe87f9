/** A word in the time of the file that it is written to. */
export type TimedWord = { text: string; startUs: number; endUs: number; begins: boolean };

/** One caption of a file: at most two lines, shown from `startUs` to `endUs`. */
export type Cue = { startUs: number; endUs: number; lines: readonly string[] };

/** Common practice of broadcasters: what can be read at a glance. */
const MAX_CHARS = 42;
const SHORTEST_US = 1_000_000;
const LONGEST_US = 7_000_000;
const US_PER_CHAR = 1_000_000 / 20;
/** After so much silence the next word `begins` a caption. */
const PAUSE_US = 1_200_000;

/**
 * Makes cues of confirmed words as they come. A cue is given once it is complete, with its
 * final times, and never again: at most 42 characters on each of two lines, at most 7 s from its
 * first word to its last, at least 1 s and 50 ms a character on screen as far as the next cue
 * leaves room.
 */
export class CueMaker {
  #words: TimedWord[] = [];

  /** Takes words in their order; @returns the cues that they completed. */
  push(words: readonly TimedWord[]): Cue[] {
    return words.flatMap((word) => {
      const cue = this.#words.length > 0 && !this.#fits(word) ? this.#finish(word.startUs) : null;
      this.#words.push(word);
      return cue ? [cue] : [];
    });
  }

  /** Nothing was said up to `heardUs`: a cue that a pause follows is complete. */
  settle(heardUs: number): Cue[] {
    const last = this.#words.at(-1);
    if (!last || heardUs < last.endUs + PAUSE_US || heardUs < this.#wantedEndUs()) return [];
    return [this.#finish(Infinity)];
  }

  /** The words are over. */
  close(): Cue[] {
    return this.#words.length > 0 ? [this.#finish(Infinity)] : [];
  }

  #fits(word: TimedWord): boolean {
    const first = this.#words[0]!;
    if (word.begins || word.startUs < this.#words.at(-1)!.startUs) return false;
    return word.endUs - first.startUs <= LONGEST_US && balance([...this.#words, word]) !== null;
  }

  #wantedEndUs(): number {
    const { startUs } = this.#words[0]!;
    const chars = this.#words.reduce((sum, word) => sum + word.text.length + 1, -1);
    const readUs = Math.min(LONGEST_US, Math.max(SHORTEST_US, chars * US_PER_CHAR));
    return Math.max(this.#words.at(-1)!.endUs, startUs + readUs);
  }

  #finish(nextUs: number): Cue {
    const { startUs } = this.#words[0]!;
    const latestUs = nextUs > startUs ? nextUs : Infinity;
    const cue = {
      startUs,
      endUs: Math.min(this.#wantedEndUs(), latestUs),
      lines: balance(this.#words) ?? [this.#words.map((word) => word.text).join(' ')],
    };
    this.#words = [];
    return cue;
  }
}

/** The words on one line, or on two as equal as can be; null when they do not fit. */
function balance(words: readonly TimedWord[]): string[] | null {
  const texts = words.map((word) => word.text);
  const whole = texts.join(' ');
  if (whole.length <= MAX_CHARS) return [whole];
  let best: [string, string] | null = null;
  for (let at = 1; at < texts.length; at++) {
    const lines: [string, string] = [texts.slice(0, at).join(' '), texts.slice(at).join(' ')];
    const longest = Math.max(...lines.map((line) => line.length));
    if (longest <= MAX_CHARS && (!best || longest < Math.max(best[0].length, best[1].length))) best = lines;
  }
  return best;
}
