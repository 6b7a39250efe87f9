import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CueMaker, type Cue, type TimedWord } from './cue-maker';

const SECOND = 1_000_000;

/** Words of half a second each, one after the other. */
function words(text: string, fromS = 0, begins = true): TimedWord[] {
  return text.split(' ').map((word, i) => ({
    text: word,
    startUs: (fromS + i / 2) * SECOND,
    endUs: (fromS + i / 2 + 0.4) * SECOND,
    begins: begins && i === 0,
  }));
}

describe('CueMaker', () => {
  it('a word that begins ends the cue before it', () => {
    const cues = new CueMaker();
    expect(cues.push(words('hello there'))).toEqual([]);
    expect(cues.push(words('next', 5))).toEqual([{ startUs: 0, endUs: SECOND, lines: ['hello there'] }]);
    expect(cues.close()).toEqual([{ startUs: 5 * SECOND, endUs: 6 * SECOND, lines: ['next'] }]);
    expect(cues.close()).toEqual([]);
  });

  it('two lines as equal as can be, and no third', () => {
    const text = 'aaaaaaaaa bbbbbbbbb ccccccccc ddddddddd eeeeeeeee fffffffff';
    const cues = new CueMaker();
    const made = [...cues.push(words(text)), ...cues.close()];
    expect(made.map((cue) => cue.lines)).toEqual([
      ['aaaaaaaaa bbbbbbbbb ccccccccc', 'ddddddddd eeeeeeeee fffffffff'],
    ]);
    const more = new CueMaker();
    expect(more.push(words(`${text} ggggggggg hhhhhhhhh iiiiiiiii`))).toHaveLength(1);
  });

  it('no cue is longer than 7 s from its first word to its last', () => {
    const cues = new CueMaker();
    const made = [...cues.push(words(Array(20).fill('a').join(' '))), ...cues.close()];
    expect(made.map(({ startUs, endUs }) => [startUs, endUs])).toEqual([
      [0, 6.9 * SECOND],
      [7 * SECOND, 9.9 * SECOND],
    ]);
  });

  it('a cue that a pause follows is complete without a next word, once', () => {
    const cues = new CueMaker();
    cues.push(words('well then'));
    expect(cues.settle(2 * SECOND)).toEqual([]);
    expect(cues.settle(2.2 * SECOND)).toEqual([{ startUs: 0, endUs: SECOND, lines: ['well then'] }]);
    expect(cues.settle(9 * SECOND)).toEqual([]);
  });

  it('words faster than can be read stay longer, as far as there is room', () => {
    const fast = (startUs: number, begins: boolean) => [
      { text: 'x'.repeat(40), startUs, endUs: startUs + 100_000, begins },
    ];
    const cues = new CueMaker();
    cues.push(fast(0, true));
    expect(cues.push(fast(1.5 * SECOND, true))[0]!.endUs).toBe(1.5 * SECOND);
    expect(cues.close()[0]!.endUs).toBe(3.5 * SECOND);
  });

  it('whatever is said, every word is in one cue, in order, within the limits', () => {
    const word = fc.record({
      text: fc.string({ unit: fc.constantFrom('a', 'b'), minLength: 1, maxLength: 42 }),
      gapMs: fc.integer({ min: 0, max: 3000 }),
      ms: fc.integer({ min: 80, max: 1500 }),
    });
    fc.assert(
      fc.property(fc.array(word, { minLength: 1, maxLength: 60 }), (said) => {
        let us = 0;
        const all = said.map(({ text, gapMs, ms }): TimedWord => {
          const startUs = us + gapMs * 1000;
          us = startUs + ms * 1000;
          return { text, startUs, endUs: us, begins: gapMs >= 1200 };
        });
        const maker = new CueMaker();
        const cues: Cue[] = [];
        for (const one of all) {
          cues.push(...maker.push([one]));
          cues.push(...maker.settle(one.endUs));
        }
        cues.push(...maker.close());
        expect(cues.flatMap((cue) => cue.lines.join(' ').split(' '))).toEqual(all.map((one) => one.text));
        cues.forEach(({ startUs, endUs, lines }, i) => {
          const next = cues[i + 1]?.startUs ?? Infinity;
          expect(endUs).toBeGreaterThan(startUs);
          expect(endUs).toBeLessThanOrEqual(next);
          expect(endUs - startUs).toBeLessThanOrEqual(7 * SECOND);
          if (next >= startUs + SECOND) expect(endUs - startUs).toBeGreaterThanOrEqual(SECOND);
          expect(lines.length).toBeLessThanOrEqual(2);
          for (const line of lines) expect(line.length).toBeLessThanOrEqual(42);
        });
      }),
    );
  });
});
