import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ngramBytes, type Gram } from '../testing/ngram-bytes';
import { NO_HISTORY, Ngram, type History } from './ngram';

const GRAMS: Gram[] = [
  { pieces: [0], log: -1, backOff: -0.5 },
  { pieces: [1], log: -2, backOff: -0.25 },
  { pieces: [2], log: -3, backOff: 0 },
  { pieces: [0, 1], log: -0.5, backOff: -0.125 },
  { pieces: [1, 0], log: -0.75, backOff: -1 },
  { pieces: [0, 1, 2], log: -0.25 },
];

const parse = (bytes: Uint8Array, vocabulary = 4) => Ngram.parse(bytes, vocabulary, 'language.ngram');
const said = (model: Ngram, pieces: readonly number[]) =>
  pieces.reduce<History>((history, piece) => model.after(history, piece), NO_HISTORY);

/** Katz' definition over a plain list of grams. */
function expected(history: readonly number[], piece: number): number {
  const has = (pieces: readonly number[]) => GRAMS.find((gram) => gram.pieces.join() === pieces.join());
  const gram = has([...history.slice(-2), piece]);
  if (gram) return gram.log;
  if (history.length === 0) return -16;
  return (has(history.slice(-2))?.backOff ?? 0) + expected(history.slice(-2).slice(1), piece);
}

describe('Ngram', () => {
  it('[C14] takes the longest gram it has, else backs off with the weight of each context it knows', () => {
    const model = parse(ngramBytes(GRAMS));
    expect(model.logProbability(said(model, [0, 1]), 2)).toBeCloseTo(-0.25, 5);
    expect(model.logProbability(said(model, [0, 1]), 0)).toBeCloseTo(-0.125 - 0.75, 5);
    expect(model.logProbability(said(model, [1, 0]), 2)).toBeCloseTo(-1 - 0.5 - 3, 5);
    expect(model.logProbability(said(model, [2]), 1)).toBeCloseTo(-2, 5);
    expect(model.logProbability(NO_HISTORY, 3)).toBe(-16);
  });

  it('[C14] agrees with the definition after any history', () => {
    const model = parse(ngramBytes(GRAMS));
    const piece = fc.integer({ min: 0, max: 3 });
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 8 }), piece, (history, next) => {
        expect(model.logProbability(said(model, history), next)).toBeCloseTo(expected(history, next), 4);
      }),
    );
  });

  it.each<[string, (bytes: Uint8Array) => Uint8Array]>([
    ['that is empty', () => new Uint8Array()],
    ['of another kind', (bytes) => bytes.with(0, 0x50)],
    ['that was cut off', (bytes) => bytes.subarray(0, bytes.length - 1)],
    ['with something behind it', (bytes) => Buffer.concat([bytes, Buffer.of(0)])],
    ['of an absurd order', (bytes) => bytes.with(8, 99)],
    ['that counts more grams than it has', (bytes) => bytes.with(23, 0x7f)],
    ['with weights that are not numbers', (bytes) => bytes.with(14, 0xc0).with(15, 0x7f)],
    ['whose grams have no beginning', (bytes) => bytes.with(20 + 12 + 18, 7)],
  ])('refuses a file %s', (_, spoil) => {
    expect(() => parse(spoil(ngramBytes(GRAMS)))).toThrow(/language file.*language\.ngram/);
  });

  it('refuses pieces that the network does not have', () => {
    expect(() => parse(ngramBytes(GRAMS), 2)).toThrow(/beyond 2/);
  });
});
