import type { Source } from '../../../contract/project';
import { memoryCanvas, nextPictureVersion, type Picture } from '../picture';
import { SOURCE_OK, type LayerSource } from './source';
import { wrapText } from './text-layout';

type TextSettings = Extract<Source, { kind: 'text' }>;
/** The box that the text fills, in pixels, and the height that `size` is a fraction of. */
export type TextBox = { width: number; height: number; programmeHeight: number };

const LINE_HEIGHT = 1.25;
/** Space between panel edge and letters, in letter heights. */
const PADDING = 0.35;

/** Text, drawn once and again only when it or its box changes. */
export class TextSource implements LayerSource {
  readonly condition = SOURCE_OK;
  readonly #nowUs: () => number;
  #settings: TextSettings;
  #box: TextBox;
  #picture: Picture | null = null;

  constructor(settings: TextSettings, box: TextBox, nowUs: () => number) {
    this.#settings = settings;
    this.#box = box;
    this.#nowUs = nowUs;
  }

  /** Takes new settings or a new box. */
  update(settings: TextSettings, box: TextBox): void {
    const same = JSON.stringify([settings, box]) === JSON.stringify([this.#settings, this.#box]);
    if (same) return;
    this.#settings = settings;
    this.#box = box;
    this.#picture = null;
  }

  pictureAt(): Picture {
    this.#picture ??= drawText(this.#settings, this.#box, this.#nowUs());
    return this.#picture;
  }

  dispose(): void {
    this.#picture = null;
  }
}

function drawText(settings: TextSettings, box: TextBox, captureUs: number): Picture {
  const { canvas, context } = memoryCanvas(box.width, box.height);
  const letterPx = Math.max(4, settings.size * box.programmeHeight);
  const padding = settings.background === null ? 0 : letterPx * PADDING;
  if (settings.background !== null) {
    context.fillStyle = settings.background;
    context.beginPath();
    context.roundRect(0, 0, canvas.width, canvas.height, Math.min(letterPx * 0.3, canvas.height / 2));
    context.fill();
  }
  context.font = `${settings.weight} ${letterPx}px system-ui, "DejaVu Sans", sans-serif`;
  context.fillStyle = settings.colour;
  context.textBaseline = 'middle';
  context.textAlign = settings.align === 'centre' ? 'center' : settings.align;
  const lines = wrapText(
    settings.text,
    Math.max(1, canvas.width - 2 * padding),
    (text) => context.measureText(text).width,
  );
  const x = { left: padding, centre: canvas.width / 2, right: canvas.width - padding }[settings.align];
  const step = letterPx * LINE_HEIGHT;
  const top = (canvas.height - lines.length * step) / 2;
  lines.forEach((line, index) => context.fillText(line, x, top + (index + 0.5) * step));
  return {
    image: canvas,
    width: canvas.width,
    height: canvas.height,
    version: nextPictureVersion(),
    hasAlpha: true,
    captureUs,
  };
}
