import { formatCaptionLines, type CaptionLine } from '../../../contract/caption-lines';
import type { CaptionWord } from '../../../contract/captions';
import type { SourceOf } from '../../../contract/project';
import { memoryCanvas, nextPictureVersion, type Picture } from '../picture';
import { SOURCE_OK, type LayerSource } from './source';
import type { TextBox } from './text';

type CaptionSettings = SourceOf<'captions'>;

const LINE_HEIGHT = 1.35;
/** Space between panel edge and letters, in letter heights. */
const PADDING = 0.4;
/** Mean width of a letter, in letter heights: how many fit on a line. */
const LETTER_WIDTH = 0.52;
/** Captions leave this long after the last word, unless more come. */
const LINGER_US = 4_000_000;
/** A word may be told this long after it was said. */
const FRESH_US = 3_000_000;

/**
 * The words that were heard, in lines that roll up: confirmed words in the caption's colour,
 * drafts in theirs. Drawn again only when the words or the box change.
 */
export class CaptionsSource implements LayerSource {
  readonly condition = SOURCE_OK;
  readonly #words: () => readonly CaptionWord[];
  #settings: CaptionSettings;
  #box: TextBox;
  #lines: CaptionLine[] = [];
  #laidOut: readonly CaptionWord[] | null = null;
  #picture: Picture | null = null;
  #changedUs = Number.NEGATIVE_INFINITY;
  /** Words up to this start have left the screen. */
  #leftUs = Number.NEGATIVE_INFINITY;

  /** @param words the newest words heard; another array whenever they changed. */
  constructor(settings: CaptionSettings, box: TextBox, words: () => readonly CaptionWord[]) {
    this.#settings = settings;
    this.#box = box;
    this.#words = words;
  }

  /** Takes new settings or a new box. */
  update(settings: CaptionSettings, box: TextBox): void {
    if (JSON.stringify([settings, box]) === JSON.stringify([this.#settings, this.#box])) return;
    this.#settings = settings;
    this.#box = box;
    this.#lines = [];
    this.#laidOut = null;
  }

  pictureAt(tickUs: number): Picture | null {
    const words = this.#words();
    if (words !== this.#laidOut) {
      // A new order of things: the stream or its epoch is another.
      if (words.length === 0) this.#leftUs = Number.NEGATIVE_INFINITY;
      // Words that were said long ago are no news, though this picture sees them for the first time.
      this.#changedUs = Math.min(tickUs, (words.at(-1)?.endUs ?? tickUs) + FRESH_US);
      this.#laidOut = words;
      this.#layOut(words, tickUs);
    }
    if (tickUs - this.#changedUs <= LINGER_US) return this.#picture;
    // The next words begin on a clean panel.
    this.#lines = [];
    this.#leftUs = Math.max(this.#leftUs, ...(this.#laidOut ?? []).map((word) => word.startUs));
    return null;
  }

  dispose(): void {
    this.#picture = null;
  }

  #layOut(words: readonly CaptionWord[], tickUs: number): void {
    const { size, lines } = this.#settings;
    const letterPx = Math.max(4, size * this.#box.programmeHeight);
    const room = this.#box.width - 2 * PADDING * letterPx;
    const maxChars = Math.max(8, Math.floor(room / (letterPx * LETTER_WIDTH)));
    const present = words.filter((word) => word.startUs > this.#leftUs);
    this.#lines = formatCaptionLines(present, { lines, maxChars, previous: this.#lines });
    this.#picture =
      this.#lines.length === 0 ? null : drawLines(this.#lines, this.#settings, this.#box, letterPx, tickUs);
  }
}

function drawLines(
  lines: readonly CaptionLine[],
  settings: CaptionSettings,
  box: TextBox,
  letterPx: number,
  captureUs: number,
): Picture {
  const { canvas, context } = memoryCanvas(box.width, box.height);
  context.font = `600 ${letterPx}px system-ui, "DejaVu Sans", sans-serif`;
  context.textBaseline = 'middle';
  const step = letterPx * LINE_HEIGHT;
  const padding = letterPx * PADDING;
  const space = context.measureText(' ').width;
  const rows = lines.map(({ words }) => {
    const widths = words.map(({ text }) => context.measureText(text).width);
    const width = widths.reduce((sum, value) => sum + value, space * (words.length - 1));
    // A line that is wider than it was thought is squeezed, never cut.
    return { words, widths, width, squeeze: Math.min(1, (canvas.width - 2 * padding) / width) };
  });
  // Lines stand at the foot of the box and roll up.
  const top = canvas.height - padding - rows.length * step;
  rows.forEach(({ words, widths, width, squeeze }, row) => {
    const drawn = width * squeeze;
    const left = { left: padding, centre: (canvas.width - drawn) / 2, right: canvas.width - padding - drawn }[
      settings.align
    ];
    const middle = top + (row + 0.5) * step;
    if (settings.background !== null) {
      context.fillStyle = settings.background;
      context.fillRect(left - padding, middle - step / 2, drawn + 2 * padding, step);
    }
    context.save();
    context.translate(left, middle);
    context.scale(squeeze, 1);
    let x = 0;
    words.forEach(({ text, draft }, index) => {
      context.fillStyle = draft ? settings.draftColour : settings.colour;
      context.fillText(text, x, 0);
      x += widths[index]! + space;
    });
    context.restore();
  });
  return {
    image: canvas,
    width: canvas.width,
    height: canvas.height,
    version: nextPictureVersion(),
    hasAlpha: true,
    captureUs,
  };
}
