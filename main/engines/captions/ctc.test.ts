import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { GreedyCtc, type ScoredFrame } from './ctc';

const BLANK = 4;
const FRAME_US = 80_000;

function scores(ids: readonly number[], probability = 0.9): Float32Array {
  const rest = Math.log((1 - probability) / BLANK);
  return Float32Array.from(
    ids.flatMap((id) =>
      Array.from({ length: BLANK + 1 }, (_, i) => (i === id ? Math.log(probability) : rest)),
    ),
  );
}
function frames(count: number, first = 0, audible = true): ScoredFrame[] {
  return Array.from({ length: count }, (_, i) => ({
    startUs: (first + i) * FRAME_US,
    endUs: (first + i + 1) * FRAME_US,
    audible,
  }));
}

/** The definition: runs of one symbol become one, blanks go. */
function collapse(ids: readonly number[]): number[] {
  return ids.filter((id, i) => id !== ids[i - 1] && id !== BLANK);
}

describe('GreedyCtc', () => {
  it('[C6] collapses runs and drops blanks, however the frames are divided into chunks', () => {
    const symbols = fc.array(fc.integer({ min: 0, max: BLANK }), { minLength: 1, maxLength: 40 });
    fc.assert(
      fc.property(symbols, fc.integer({ min: 1, max: 7 }), (ids, chunk) => {
        const ctc = new GreedyCtc(BLANK);
        const heard = [];
        for (let from = 0; from < ids.length; from += chunk) {
          const part = ids.slice(from, from + chunk);
          heard.push(...ctc.decode(scores(part), frames(part.length, from))!);
        }
        expect(heard.map((token) => token.id)).toEqual(collapse(ids));
        for (const { id, startUs } of heard) expect(ids[startUs / FRAME_US]).toBe(id);
      }),
    );
  });

  it('[C6] tells time, probability and margin of a token', () => {
    const [token] = new GreedyCtc(BLANK).decode(scores([BLANK, 2], 0.8), frames(2))!;
    expect(token).toMatchObject({ id: 2, startUs: FRAME_US, endUs: 2 * FRAME_US });
    expect(token!.probability).toBeCloseTo(0.8, 5);
    expect(token!.margin).toBeCloseTo(0.75, 5);
  });

  it('[C9] what is not audible is blank, also between two equal symbols', () => {
    const ctc = new GreedyCtc(BLANK);
    expect(ctc.decode(scores([1, 2]), frames(2, 0, false))).toEqual([]);
    expect(ctc.decode(scores([2]), frames(1))).toHaveLength(1);
    expect(ctc.decode(scores([2]), frames(1, 0, false))).toEqual([]);
    expect(ctc.decode(scores([2]), frames(1))).toHaveLength(1);
  });

  it.each([
    ['a value that is not a number', Number.NaN],
    ['minus infinity alone', -Infinity],
  ])('answers null to %s', (_, value) => {
    const broken = new Float32Array(BLANK + 1).fill(value);
    expect(new GreedyCtc(BLANK).decode(broken, frames(1))).toBeNull();
  });
});
