import type { CtcDecoder, ScoredFrame, Token } from './ctc';
import { NO_HISTORY, type History, type Ngram } from './ngram';

/** Hypotheses that are kept from frame to frame. */
const WIDTH = 8;
/** One so much less likely than the best, as a logarithm, is given up. */
const GIVEN_UP = 12;
/** Pieces of a frame that may lengthen a hypothesis: the likeliest, and none below this logarithm. */
const MOST_PIECES = 12;
const LEAST_SCORE = -8;
/** A token so many frames old is settled, whatever other hypotheses say. */
const SETTLED_AFTER_FRAMES = 12;

/** One way to read what was heard and is not settled. Scores are natural logarithms. */
type Hypothesis = {
  /** Its tokens' ids, joined: two ways that come to the same are one. */
  key: string;
  tokens: readonly HeardToken[];
  /** Of the alignments that end in the blank, and in the last token. */
  blank: number;
  sounding: number;
  /** What the language model adds. */
  language: number;
  history: History;
  /** The last piece, settled or not; −1 before the first. */
  last: number;
};
/** `frame` is counted from the first of the stream; a mean where alignments differ. */
type HeardToken = Token & { frame: number };

/**
 * CTC prefix beam search of a stream with an n-gram model (Hannun et al., arXiv 1408.2873)
 * [C6]: hypotheses are texts, each the sum of its alignments; a piece that lengthens one adds
 * weight · log p(piece | those before) + bonus. A token is settled when every hypothesis begins
 * with it, or when it is `SETTLED_AFTER_FRAMES` old: then those without it go.
 */
export class BeamCtc implements CtcDecoder {
  readonly #blank: number;
  readonly #language: Ngram;
  #beam: Hypothesis[] = [begin(NO_HISTORY, -1)];
  #frame = 0;

  /** @param blank id of the blank, the last of `blank + 1` scores. */
  constructor(blank: number, language: Ngram) {
    this.#blank = blank;
    this.#language = language;
  }

  /** As the best hypothesis has it. */
  get open(): readonly Token[] {
    return this.#beam[0]!.tokens;
  }

  decode(logProbabilities: Float32Array, frames: readonly ScoredFrame[]): Token[] | null {
    if (logProbabilities.some(Number.isNaN)) return null;
    const width = this.#blank + 1;
    for (const [row, frame] of frames.entries()) {
      const scores = logProbabilities.subarray(row * width, (row + 1) * width);
      this.#beam = frame.audible ? this.#advance(scores, frame) : this.#rest();
      this.#frame++;
    }
    return this.#settle();
  }

  flush(): Token[] {
    const { tokens, history } = this.#beam[0]!;
    this.#beam = [begin(history, -1)];
    return [...tokens];
  }

  /** A frame in which nothing can be told. */
  #rest(): Hypothesis[] {
    return this.#beam.map((one) => ({ ...one, blank: total(one), sounding: -Infinity }));
  }

  #advance(scores: Float32Array, frame: ScoredFrame): Hypothesis[] {
    const next = new Map<string, Hypothesis>();
    const pieces = likeliest(scores, this.#blank);
    const best = pieces.length > 0 ? scores[pieces[0]!]! : -Infinity;
    for (const one of this.#beam) {
      const blank = total(one) + scores[this.#blank]!;
      const sounding = one.last < 0 ? -Infinity : one.sounding + scores[one.last]!;
      next.set(one.key, { ...one, blank, sounding });
    }
    for (const one of this.#beam) {
      const sum = total(one);
      for (const piece of pieces) {
        // The same piece once more needs a blank between.
        const score = (piece === one.last ? one.blank : sum) + scores[piece]!;
        if (score === -Infinity) continue;
        const key = `${one.key} ${piece}`;
        const known = next.get(key);
        const rival = piece === pieces[0] ? (scores[pieces[1] ?? this.#blank] ?? -Infinity) : best;
        const token = this.#token(piece, scores[piece]!, rival, frame);
        if (!known) next.set(key, this.#lengthened(one, key, token, score));
        else {
          const all = logAdd(total(known), score);
          known.tokens = [
            ...known.tokens.slice(0, -1),
            between(known.tokens.at(-1)!, token, Math.exp(score - all)),
          ];
          known.sounding = logAdd(known.sounding, score);
        }
      }
    }
    const ranked = [...next.values()].sort((a, b) => worth(b) - worth(a)).slice(0, WIDTH);
    const least = worth(ranked[0]!) - GIVEN_UP;
    const top = total(ranked[0]!);
    // Scores are only compared: taking the best one off keeps them small for ever.
    return ranked
      .filter((one) => worth(one) >= least)
      .map((one) => ({ ...one, blank: one.blank - top, sounding: one.sounding - top }));
  }

  #token(id: number, score: number, rival: number, { startUs, endUs }: ScoredFrame): HeardToken {
    const probability = Math.min(1, Math.exp(score));
    const margin = Math.max(0, probability - Math.exp(rival));
    return { id, startUs, endUs, probability, margin, frame: this.#frame };
  }

  #lengthened(one: Hypothesis, key: string, token: HeardToken, score: number): Hypothesis {
    const { weight, bonus } = this.#language;
    const { id } = token;
    return {
      key,
      tokens: [...one.tokens, token],
      blank: -Infinity,
      sounding: score,
      language: one.language + weight * this.#language.logProbability(one.history, id) + bonus,
      history: this.#language.after(one.history, id),
      last: id,
    };
  }

  /** Takes the settled tokens out of every hypothesis. */
  #settle(): Token[] {
    const best = this.#beam[0]!;
    const old = best.tokens.findLastIndex(({ frame }) => frame <= this.#frame - SETTLED_AFTER_FRAMES) + 1;
    const begins = (one: Hypothesis, count: number) =>
      one.tokens.length >= count &&
      best.tokens.slice(0, count).every(({ id }, i) => one.tokens[i]!.id === id);
    this.#beam = this.#beam.filter((one) => begins(one, old));
    let count = old;
    while (count < best.tokens.length && this.#beam.every((one) => begins(one, count + 1))) count++;
    if (count === 0) return [];
    const { language } = best;
    const last = best.tokens[count - 1]!;
    this.#beam = this.#beam.map((one) => {
      const tokens = one.tokens.slice(count).map((token) => notBefore(token, last));
      return { ...one, tokens, key: keyOf(tokens), language: one.language - language };
    });
    // They are certain now, whatever their frame said.
    return best.tokens.slice(0, count).map((token) => ({ ...token, margin: 1 }));
  }
}

function begin(history: History, last: number): Hypothesis {
  return { key: '', tokens: [], blank: 0, sounding: -Infinity, language: 0, history, last };
}

/** A token that two alignments tell in different frames is told at the mean of both, by their likelihood. */
function between(earlier: HeardToken, later: HeardToken, share: number): HeardToken {
  const mean = (a: number, b: number) => a + share * (b - a);
  return {
    ...(share > 0.5 ? later : earlier),
    frame: mean(earlier.frame, later.frame),
    startUs: Math.round(mean(earlier.startUs, later.startUs)),
    endUs: Math.round(mean(earlier.endUs, later.endUs)),
  };
}

/** Hypotheses may have heard what is settled at other times: words still come in order. */
function notBefore(token: HeardToken, last: HeardToken): HeardToken {
  if (token.frame >= last.frame) return token;
  const { frame, startUs, endUs } = last;
  return { ...token, frame, startUs, endUs };
}

function keyOf(tokens: readonly Token[]): string {
  return tokens.map(({ id }) => ` ${id}`).join('');
}

function total({ blank, sounding }: Hypothesis): number {
  return logAdd(blank, sounding);
}

function worth(one: Hypothesis): number {
  return total(one) + one.language;
}

/** The pieces worth trying in a frame, the likeliest first. */
function likeliest(scores: Float32Array, blank: number): number[] {
  const pieces: number[] = [];
  for (let id = 0; id < blank; id++) {
    const score = scores[id]!;
    if (score <= LEAST_SCORE) continue;
    let place = pieces.length;
    while (place > 0 && scores[pieces[place - 1]!]! < score) place--;
    if (place < MOST_PIECES) pieces.splice(place, 0, id);
    if (pieces.length > MOST_PIECES) pieces.pop();
  }
  return pieces;
}

/** ln(eᵃ + eᵇ). */
function logAdd(a: number, b: number): number {
  const high = Math.max(a, b);
  return high === -Infinity ? high : high + Math.log1p(Math.exp(Math.min(a, b) - high));
}
