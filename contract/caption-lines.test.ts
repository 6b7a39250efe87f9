import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatCaptionLines, type CaptionLine } from './caption-lines';
import type { CaptionWord } from './captions';

const SECOND = 1_000_000;

function words(text: string, change: (index: number) => Partial<CaptionWord> = () => ({})): CaptionWord[] {
  return text.split(' ').map((word, i) => ({
    text: word,
    startUs: i * SECOND,
    endUs: (i + 0.8) * SECOND,
    confidence: 1,
    state: 'confirmed',
    begins: i === 0,
    ...change(i),
  }));
}

function texts(lines: readonly CaptionLine[]): string[] {
  return lines.map((line) => line.words.map((word) => word.text).join(' '));
}

describe('formatCaptionLines', () => {
  it('fills lines to the last character and gives the newest', () => {
    const said = words('aaaa bbbb cc dd eeee');
    expect(texts(formatCaptionLines(said, { lines: 3, maxChars: 9 }))).toEqual([
      'aaaa bbbb',
      'cc dd',
      'eeee',
    ]);
    expect(texts(formatCaptionLines(said, { lines: 1, maxChars: 9 }))).toEqual(['eeee']);
  });

  it('a word after a pause begins a line, a word too long for any has one of its own', () => {
    const said = words('a b extraordinarily c', (i) => ({ begins: i === 1 }));
    expect(texts(formatCaptionLines(said, { lines: 9, maxChars: 5 }))).toEqual([
      'a',
      'b',
      'extraordinarily',
      'c',
    ]);
  });

  it('marks drafts and tells the times of each line', () => {
    const said = words('so it is', (i) => ({ state: i === 2 ? 'draft' : 'confirmed' }));
    expect(formatCaptionLines(said, { lines: 2, maxChars: 42 })).toEqual([
      {
        startUs: 0,
        endUs: 2.8 * SECOND,
        words: [
          { text: 'so', draft: false },
          { text: 'it', draft: false },
          { text: 'is', draft: true },
        ],
      },
    ]);
  });

  it('nothing that was drawn moves, word by word and while the oldest words go', () => {
    const word = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), minLength: 1, maxLength: 9 });
    fc.assert(
      fc.property(
        fc.array(fc.tuple(word, fc.boolean()), { minLength: 1, maxLength: 80 }),
        fc.integer({ min: 1, max: 3 }),
        fc.integer({ min: 6, max: 30 }),
        (said, lines, maxChars) => {
          const all = words(said.map(([text]) => text).join(' '), (i) => ({ begins: said[i]![1] }));
          let previous: CaptionLine[] = [];
          const lineOf = new Map<number, number>();
          for (let end = 1; end <= all.length; end++) {
            // As the live state does: the newest 40.
            const heard = all.slice(Math.max(0, end - 40), end);
            previous = formatCaptionLines(heard, { lines, maxChars, previous });
            let at = heard.length - previous.reduce((sum, line) => sum + line.words.length, 0);
            for (const line of previous) {
              for (const drawn of line.words) {
                const { startUs, text } = heard[at++]!;
                expect(drawn.text).toBe(text);
                expect(lineOf.get(startUs) ?? line.startUs).toBe(line.startUs);
                lineOf.set(startUs, line.startUs);
              }
            }
            for (const text of texts(previous)) {
              if (text.includes(' ')) expect(text.length).toBeLessThanOrEqual(maxChars);
            }
          }
        },
      ),
    );
  });

  it('a draft that outgrows its line goes to the next, alone', () => {
    const before = words('aaaa bb', (i) => ({ state: i === 1 ? 'draft' : 'confirmed' }));
    const previous = formatCaptionLines(before, { lines: 2, maxChars: 7 });
    expect(texts(previous)).toEqual(['aaaa bb']);
    const grown = words('aaaa bbbb', (i) => ({ state: i === 1 ? 'draft' : 'confirmed' }));
    expect(texts(formatCaptionLines(grown, { lines: 2, maxChars: 7, previous }))).toEqual(['aaaa', 'bbbb']);
  });

  it('begins anew when the words are those of another stream', () => {
    const previous = formatCaptionLines(words('one two'), { lines: 2, maxChars: 9 });
    const other = words('three', () => ({ startUs: 90 * SECOND, endUs: 91 * SECOND }));
    expect(texts(formatCaptionLines(other, { lines: 2, maxChars: 9, previous }))).toEqual(['three']);
    expect(formatCaptionLines([], { lines: 2, maxChars: 9, previous })).toEqual([]);
  });

  it.each([
    [0, 10],
    [2, 0],
    [1.5, 10],
  ])('refuses %d lines of %d characters', (lines, maxChars) => {
    expect(() => formatCaptionLines([], { lines, maxChars })).toThrow(RangeError);
  });
});
