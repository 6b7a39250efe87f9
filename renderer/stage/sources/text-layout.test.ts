import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { wrapText } from './text-layout';

const tenPerLetter = (text: string) => [...text].length * 10;

describe('text wrapping', () => {
  it('breaks between words and at line ends', () => {
    expect(wrapText('one two three\nfour', 80, tenPerLetter)).toEqual(['one two', 'three', 'four']);
  });

  it('keeps empty lines', () => {
    expect(wrapText('a\n\nb', 80, tenPerLetter)).toEqual(['a', '', 'b']);
  });

  it('breaks a word only where it alone is too wide, never inside a code point', () => {
    expect(wrapText('a 🐇🐇🐇🐇🐇 b', 30, tenPerLetter)).toEqual(['a', '🐇🐇🐇', '🐇🐇', 'b']);
  });

  it('fits every line that has more than one letter and loses no letter', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 200 }), fc.integer({ min: 10, max: 300 }), (text, width) => {
        const lines = wrapText(text, width, tenPerLetter);
        for (const line of lines) expect([...line].length === 1 || tenPerLetter(line) <= width).toBe(true);
        const letters = (all: string) => all.replace(/\s+/g, '');
        expect(letters(lines.join(''))).toBe(letters(text));
      }),
    );
  });
});
