import { readFile } from 'node:fs/promises';
import { StudioError } from '../../../contract/errors';

const MAGIC = 'FSNGRAM1';
const HEAD_BYTES = 20;
const LONGEST_ORDER = 8;
const MOST_GRAMS = 20_000_000;
/** Natural logarithms are whole numbers of this in the file. */
const STEP = 1 / 512;
/** Of a piece that the model has never seen. */
const UNSEEN = -16;
/** The context of a text's beginning: the empty one alone. */
export const NO_HISTORY: History = [];

/**
 * What was said before, as places in the model: the node of each of its endings that the model
 * has as a context, the longest first. The empty ending is left out.
 */
export type History = readonly NgramNode[];
/** A gram's length, from 1 on, and its place among those of that length. */
export type NgramNode = { readonly length: number; readonly at: number };

/** The grams of one length, those of one context side by side in the order of their last pieces. */
type Level = {
  pieces: Uint16Array;
  logProbability: Int16Array;
  /** What a context gives to the next shorter one; absent on the last level. */
  backOff: Int16Array | null;
  /** Where the longer grams that begin with each gram begin, and where the last end. */
  children: Uint32Array | null;
};

/**
 * A back-off n-gram model over pieces (Katz 1987, weights of Chen and Goodman 1998), as
 * `native-models/train/captions/language.py` writes it; read only.
 */
export class Ngram {
  /** How much its natural logarithm counts beside the network's, and what each piece is given. */
  readonly weight: number;
  readonly bonus: number;
  readonly #levels: readonly Level[];

  private constructor(weight: number, bonus: number, levels: readonly Level[]) {
    this.weight = weight;
    this.bonus = bonus;
    this.#levels = levels;
  }

  /**
   * Reads a model's file.
   * @param vocabulary pieces must be below it.
   * @throws StudioError `model.corrupt`.
   */
  static async read(path: string, vocabulary: number): Promise<Ngram> {
    return Ngram.parse(await readFile(path), vocabulary, path);
  }

  /** The same for bytes; `path` is for messages only. */
  static parse(bytes: Uint8Array, vocabulary: number, path: string): Ngram {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const magic = new TextDecoder().decode(bytes.subarray(0, MAGIC.length));
    if (bytes.length < HEAD_BYTES || magic !== MAGIC) throw corrupt(path, 'another beginning');
    const order = view.getUint32(8, true);
    const weight = view.getFloat32(12, true);
    const bonus = view.getFloat32(16, true);
    if (order < 1 || order > LONGEST_ORDER) throw corrupt(path, `the order ${order}`);
    if (!(weight >= 0 && weight <= 10 && Math.abs(bonus) <= 10)) throw corrupt(path, 'absurd weights');
    const counts = Array.from({ length: order }, (_, n) =>
      HEAD_BYTES + 4 * (n + 1) <= bytes.length ? view.getUint32(HEAD_BYTES + 4 * n, true) : 0,
    );
    const reader = new Reader(bytes, HEAD_BYTES + 4 * order);
    const expected = counts.reduce((sum, count, n) => sum + count * (n + 1 < order ? 8 : 4), reader.at);
    if (counts.some((count) => count < 1 || count > MOST_GRAMS) || expected !== bytes.length) {
      throw corrupt(path, `${bytes.length} bytes where its counts tell ${expected}`);
    }
    const levels = counts.map((count, n) => reader.level(count, n + 1 < order));
    levels.forEach(({ pieces, children }, n) => {
      if (pieces.some((piece) => piece >= vocabulary)) throw corrupt(path, `a piece beyond ${vocabulary}`);
      if (children && children.at(-1) !== counts[n + 1]) throw corrupt(path, 'grams without their beginning');
    });
    return new Ngram(weight, bonus, levels);
  }

  /** Natural logarithm of the probability of a piece after a history. */
  logProbability(history: History, piece: number): number {
    let given = 0;
    for (const { length, at } of history) {
      const child = this.#find(length, at, piece);
      if (child >= 0) return given + this.#levels[length]!.logProbability[child]! * STEP;
      given += this.#levels[length - 1]!.backOff![at]! * STEP;
    }
    const single = this.#find(0, 0, piece);
    return given + (single >= 0 ? this.#levels[0]!.logProbability[single]! * STEP : UNSEEN);
  }

  /** The history with one more piece said. */
  after(history: History, piece: number): History {
    const next: NgramNode[] = [];
    for (const { length, at } of history) {
      if (length + 1 >= this.#levels.length) continue;
      const child = this.#find(length, at, piece);
      if (child >= 0) next.push({ length: length + 1, at: child });
    }
    const single = this.#levels.length > 1 ? this.#find(0, 0, piece) : -1;
    if (single >= 0) next.push({ length: 1, at: single });
    return next;
  }

  /** The gram of a context, itself `length` pieces long, and one piece more; −1 when there is none. */
  #find(length: number, at: number, piece: number): number {
    const { pieces } = this.#levels[length]!;
    const children = length === 0 ? null : this.#levels[length - 1]!.children!;
    let low = children ? children[at]! : 0;
    let high = children ? children[at + 1]! : pieces.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (pieces[middle]! < piece) low = middle + 1;
      else high = middle;
    }
    const end = children ? children[at + 1]! : pieces.length;
    return low < end && pieces[low] === piece ? low : -1;
  }
}

/** Columns of little-endian numbers, one after the other. */
class Reader {
  at: number;
  readonly #bytes: Uint8Array;

  constructor(bytes: Uint8Array, at: number) {
    this.#bytes = bytes;
    this.at = at;
  }

  level(count: number, hasLonger: boolean): Level {
    const pieces = new Uint16Array(this.#take(2 * count));
    const logProbability = new Int16Array(this.#take(2 * count));
    if (!hasLonger) return { pieces, logProbability, backOff: null, children: null };
    const backOff = new Int16Array(this.#take(2 * count));
    const counts = new Uint16Array(this.#take(2 * count));
    const children = new Uint32Array(count + 1);
    for (let i = 0; i < count; i++) children[i + 1] = children[i]! + counts[i]!;
    return { pieces, logProbability, backOff, children };
  }

  #take(bytes: number): ArrayBuffer {
    // A copy, for columns must begin at multiples of their size; a Buffer's own slice is none.
    const { buffer } = new Uint8Array(this.#bytes.subarray(this.at, this.at + bytes));
    this.at += bytes;
    return buffer;
  }
}

function corrupt(path: string, found: string): StudioError {
  const message = `The language file of a captions model must be an n-gram model over its pieces; found ${found} in ${path}. Install the model again.`;
  return new StudioError('engine', 'model.corrupt', message);
}
