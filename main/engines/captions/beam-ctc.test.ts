import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ngramBytes, type Gram } from '../testing/ngram-bytes';
import { BeamCtc } from './beam-ctc';
import type { ScoredFrame, Token } from './ctc';
import { Ngram } from './ngram';

const PIECES = 3;
const BLANK = PIECES;
const FRAME_US = 80_000;

/** A model that prefers 1 after 0, by so much. */
function language(logOfOne = -0.05, weight = 1, bonus = Math.log(3)): Ngram {
  const single: Gram[] = [0, 1, 2].map((piece) => ({ pieces: [piece], log: Math.log(1 / 3) }));
  const grams = [...single, { pieces: [0, 1], log: logOfOne }, { pieces: [0, 2], log: -4 }];
  return Ngram.parse(ngramBytes(grams, weight, bonus), PIECES, 'test');
}
const EVEN = () =>
  Ngram.parse(
    ngramBytes(
      [0, 1, 2].map((piece) => ({ pieces: [piece], log: 0 })),
      0,
    ),
    PIECES,
    'test',
  );

function frames(count: number, first = 0, audible = true): ScoredFrame[] {
  return Array.from({ length: count }, (_, i) => ({
    startUs: (first + i) * FRAME_US,
    endUs: (first + i + 1) * FRAME_US,
    audible,
  }));
}
const logs = (rows: readonly (readonly number[])[]) => Float32Array.from(rows.flat(), (p) => Math.log(p));

/** Everything a decoder says of rows of probabilities, `chunk` at a time. */
function hear(decoder: BeamCtc, rows: readonly (readonly number[])[], chunk = 2): Token[] {
  const heard: Token[] = [];
  for (let at = 0; at < rows.length; at += chunk) {
    const part = rows.slice(at, at + chunk);
    heard.push(...decoder.decode(logs(part), frames(part.length, at))!);
  }
  return [...heard, ...decoder.flush()];
}
const ids = (tokens: readonly Token[]) => tokens.map(({ id }) => id);

/** The likeliest text by the definition: every alignment is added to the text it collapses to. */
function bestText(rows: readonly (readonly number[])[]): string {
  const sums = new Map<string, number>();
  const walk = (row: number, path: readonly number[], probability: number) => {
    if (row === rows.length) {
      const text = path.filter((id, i) => id !== path[i - 1] && id !== BLANK).join();
      sums.set(text, (sums.get(text) ?? 0) + probability);
      return;
    }
    rows[row]!.forEach((p, id) => walk(row + 1, [...path, id], probability * p));
  };
  walk(0, [], 1);
  return [...sums].sort((a, b) => b[1] - a[1])[0]![0];
}

const row = fc
  .tuple(...[0, 1, 2, 3].map(() => fc.integer({ min: 1, max: 100 })))
  .map((weights) => weights.map((weight) => weight / weights.reduce((sum, one) => sum + one, 0)));

describe('BeamCtc', () => {
  it('[C6] without a say of the language finds the likeliest text by the definition', () => {
    let same = 0;
    fc.assert(
      fc.property(fc.array(row, { minLength: 4, maxLength: 4 }), (rows) => {
        const heard = ids(hear(new BeamCtc(BLANK, EVEN()), rows)).join();
        // Eight hypotheses are a search, not a proof: near ties may go either way.
        if (heard === bestText(rows)) same++;
      }),
      { numRuns: 200, seed: 7 },
    );
    expect(same).toBeGreaterThanOrEqual(190);
  });

  it('[C14] the language decides between pieces that sound alike', () => {
    const alike = [
      [0.9, 0.02, 0.02, 0.06],
      [0.02, 0.02, 0.02, 0.94],
      [0.02, 0.4, 0.45, 0.13],
    ];
    expect(ids(hear(new BeamCtc(BLANK, EVEN()), alike))).toEqual([0, 2]);
    expect(ids(hear(new BeamCtc(BLANK, language()), alike))).toEqual([0, 1]);
  });

  it('[C14] a later piece can still change an open one, never a settled one', () => {
    const decoder = new BeamCtc(BLANK, language());
    const doubt = [0.3, 0.02, 0.45, 0.23];
    const settled = decoder.decode(logs([doubt]), frames(1))!;
    expect(settled).toEqual([]);
    expect(ids(decoder.open)).toEqual([2]);
    const more = decoder.decode(logs([[0.005, 0.98, 0.005, 0.01]]), frames(1, 1))!;
    expect(ids([...more, ...decoder.open])).toEqual([0, 1]);
  });

  it('[C14] what every hypothesis has is settled, and what is twelve frames old', () => {
    const decoder = new BeamCtc(BLANK, language());
    const sure = [1e-6, 1e-6, 1 - 4e-6, 2e-6];
    const quiet = [0.001, 0.001, 0.001, 0.997];
    expect(ids(decoder.decode(logs([sure, quiet]), frames(2))!)).toEqual([2]);
    decoder.decode(logs([[0.3, 0.3, 0.01, 0.39]]), frames(1, 2));
    expect(decoder.open.length).toBeLessThanOrEqual(1);
    const before = ids(decoder.open);
    const later = decoder.decode(logs(Array.from({ length: 12 }, () => quiet)), frames(12, 3))!;
    expect([...ids(later)]).toEqual(before);
    expect(decoder.open).toEqual([]);
  });

  it('[C6] however frames are divided into chunks, the text is the same', () => {
    fc.assert(
      fc.property(
        fc.array(row, { minLength: 1, maxLength: 30 }),
        fc.integer({ min: 1, max: 7 }),
        (rows, chunk) => {
          const whole = hear(new BeamCtc(BLANK, language()), rows, 1);
          const parts = hear(new BeamCtc(BLANK, language()), rows, chunk);
          // Settling at the end of a chunk may keep a rival longer: only the number of tokens may differ a little.
          expect(Math.abs(parts.length - whole.length)).toBeLessThanOrEqual(2);
          const times = parts.map(({ startUs }) => startUs);
          expect(times).toEqual([...times].sort((a, b) => a - b));
        },
      ),
    );
  });

  it('[C6] tells time, probability and margin of a token', () => {
    const [token] = hear(new BeamCtc(BLANK, EVEN()), [
      [0.01, 0.01, 0.01, 0.97],
      [0.05, 0.05, 0.8, 0.1],
    ]);
    expect(token!.id).toBe(2);
    // It is told in frame 1, or in both with little likelihood: the mean of those.
    const share = (0.97 * 0.8) / (0.97 * 0.8 + 0.01 * 0.9);
    expect(token!.startUs / FRAME_US).toBeCloseTo(share, 3);
    expect(token!.endUs - token!.startUs).toBe(FRAME_US);
    expect(token!.probability).toBeCloseTo(0.8, 4);
    expect(token!.margin).toBeCloseTo(0.75, 4);
  });

  it('[C9] what is not audible is blank', () => {
    const decoder = new BeamCtc(BLANK, EVEN());
    expect(decoder.decode(logs([[0.05, 0.8, 0.05, 0.1]]), frames(1, 0, false))).toEqual([]);
    expect(decoder.open).toEqual([]);
  });

  it('[C12] scores that are not numbers are refused', () => {
    expect(new BeamCtc(BLANK, EVEN()).decode(Float32Array.of(0, Number.NaN, 0, 0), frames(1))).toBeNull();
  });

  it('keeps what it holds bounded over an hour of doubt', () => {
    const decoder = new BeamCtc(BLANK, language());
    let most = 0;
    for (let at = 0; at < 4500; at++) {
      const doubt = at % 2 ? [0.24, 0.26, 0.25, 0.25] : [0.2, 0.2, 0.2, 0.4];
      decoder.decode(logs([doubt]), frames(1, at));
      most = Math.max(most, decoder.open.length);
    }
    expect(most).toBeLessThanOrEqual(12);
  });
});
