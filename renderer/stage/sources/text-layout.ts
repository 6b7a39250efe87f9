/** Width of a piece of text in pixels. */
export type MeasureText = (text: string) => number;

/**
 * Breaks text into lines of at most `maxWidth` pixels: at the author's line ends, then
 * between words, and inside a word only where it alone is too wide.
 */
export function wrapText(text: string, maxWidth: number, measure: MeasureText): string[] {
  return text.split(/\r\n|\r|\n/).flatMap((paragraph) => wrapParagraph(paragraph, maxWidth, measure));
}

function wrapParagraph(paragraph: string, maxWidth: number, measure: MeasureText): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of paragraph.split(/\s+/)) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (measure(longer) <= maxWidth) {
      line = longer;
      continue;
    }
    if (line !== '') lines.push(line);
    const pieces = breakWord(word, maxWidth, measure);
    line = pieces.pop() ?? '';
    lines.push(...pieces);
  }
  lines.push(line);
  return lines;
}

function breakWord(word: string, maxWidth: number, measure: MeasureText): string[] {
  const pieces: string[] = [];
  let piece = '';
  // By code point: a surrogate pair must not be torn apart.
  for (const letter of word) {
    if (piece !== '' && measure(piece + letter) > maxWidth) {
      pieces.push(piece);
      piece = '';
    }
    piece += letter;
  }
  pieces.push(piece);
  return pieces;
}
