/** One symbol that was heard. */
export type Token = {
  id: number;
  /** Programme time of the frame it was heard in. */
  startUs: number;
  endUs: number;
  probability: number;
  /** By how much it was likelier than the second choice, 0 to 1. */
  margin: number;
};

/** What makes tokens of scores, frame after frame. */
export type CtcDecoder = {
  /**
   * @param logProbabilities `frames.length` rows of a score for each piece and the blank.
   * @returns the tokens that have become settled and never change; null when a score is not a number.
   */
  decode(logProbabilities: Float32Array, frames: readonly ScoredFrame[]): Token[] | null;
  /** What follows the settled tokens as it looks now. */
  readonly open: readonly Token[];
  /** Settles what is open and begins anew: the next frame follows on nothing. */
  flush(): Token[];
};

/** The frame of scores, 80 ms of sound. */
export type ScoredFrame = { startUs: number; endUs: number; audible: boolean };

/**
 * Greedy CTC decoding (Graves et al. 2006) of a stream: the likeliest symbol of each frame is
 * a token unless it is the blank or that of the frame before, also where one chunk ends and
 * the next begins [C6]. A frame that is not audible is blank [C9].
 */
export class GreedyCtc implements CtcDecoder {
  readonly #blank: number;
  #previous: number;

  /** @param blank id of the blank, the last of `blank + 1` scores. */
  constructor(blank: number) {
    this.#blank = blank;
    this.#previous = blank;
  }

  /**
   * @param logProbabilities `frames.length` rows of `blank + 1` values.
   * @returns the tokens of these frames; null when a score is not a number.
   */
  decode(logProbabilities: Float32Array, frames: readonly ScoredFrame[]): Token[] | null {
    const width = this.#blank + 1;
    const tokens: Token[] = [];
    for (const [row, { startUs, endUs, audible }] of frames.entries()) {
      const scores = logProbabilities.subarray(row * width, (row + 1) * width);
      const best = twoBest(scores);
      if (best === null) return null;
      const id = audible ? best.id : this.#blank;
      if (id !== this.#blank && id !== this.#previous) {
        const probability = Math.min(1, Math.exp(best.first));
        tokens.push({ id, startUs, endUs, probability, margin: probability - Math.exp(best.second) });
      }
      this.#previous = id;
    }
    return tokens;
  }

  /** Every token is settled at once. */
  get open(): readonly Token[] {
    return [];
  }

  /** The next frame follows on nothing. */
  flush(): Token[] {
    this.#previous = this.#blank;
    return [];
  }
}

function twoBest(scores: Float32Array): { id: number; first: number; second: number } | null {
  let id = -1;
  let first = -Infinity;
  let second = -Infinity;
  for (let i = 0; i < scores.length; i++) {
    const score = scores[i]!;
    if (Number.isNaN(score)) return null;
    if (score > first) {
      second = first;
      first = score;
      id = i;
    } else if (score > second) second = score;
  }
  return id < 0 ? null : { id, first, second };
}
