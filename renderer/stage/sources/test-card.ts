import { BARCODE_COLUMNS, BARCODE_RECT, BARCODE_ROWS, encodeBarcode, FLASH_RECT, FLASH_US } from '../barcode';
import type { CardRect } from '../barcode';
import { memoryCanvas, nextPictureVersion, type Picture } from '../picture';
import { tickAt, TICKS_PER_SECOND } from '../ticker';
import { SOURCE_OK, type LayerSource } from './source';
import { drawDial, drawLegend } from './test-card-dial';

/** 75 % colour bars, left to right. */
const BARS = ['#bfbfbf', '#bfbf00', '#00bfbf', '#00bf00', '#bf00bf', '#bf0000', '#0000bf'];
const BARS_HEIGHT = 0.4;
const TIMECODE_RECT: CardRect = { x: 0.05, y: 0.43, width: 0.9, height: 0.14 };

/** `HH:MM:SS:FF` of a tick. */
export function timecode(tick: number): string {
  const seconds = Math.floor(tick / TICKS_PER_SECOND);
  const parts = [
    Math.floor(seconds / 3600),
    Math.floor(seconds / 60) % 60,
    seconds % 60,
    tick % TICKS_PER_SECOND,
  ];
  return parts.map((part) => String(part).padStart(2, '0')).join(':');
}

/**
 * Bars, running timecode, a dial that goes round each second, the clock barcode, and with `beep` a white patch in the first
 * 100 ms of each whole programme second, when the sound side beeps. All that moves is
 * computed from the tick's time, so a recording tells what was drawn when.
 */
export class TestCardSource implements LayerSource {
  readonly condition = SOURCE_OK;
  readonly #canvas: OffscreenCanvas;
  readonly #context: OffscreenCanvasRenderingContext2D;
  #beep: boolean;
  #drawnUs = -1;
  #version = 0;

  constructor(width: number, height: number, beep: boolean) {
    const { canvas, context } = memoryCanvas(width, height, false);
    this.#canvas = canvas;
    this.#context = context;
    this.#beep = beep;
    this.#drawGround();
  }

  /** Whether the patch flashes. */
  setBeep(beep: boolean): void {
    this.#beep = beep;
  }

  pictureAt(tickUs: number): Picture {
    if (tickUs !== this.#drawnUs) {
      this.#drawMoving(tickUs);
      this.#drawnUs = tickUs;
      this.#version = nextPictureVersion();
    }
    return {
      image: this.#canvas,
      width: this.#canvas.width,
      height: this.#canvas.height,
      version: this.#version,
      hasAlpha: false,
      captureUs: tickUs,
    };
  }

  dispose(): void {
    this.#canvas.width = 0;
  }

  #drawGround(): void {
    const { width, height } = this.#canvas;
    this.#context.fillStyle = '#1d1916';
    this.#context.fillRect(0, 0, width, height);
    BARS.forEach((bar, index) => {
      const left = Math.round((index * width) / BARS.length);
      const right = Math.round(((index + 1) * width) / BARS.length);
      this.#context.fillStyle = bar;
      this.#context.fillRect(left, 0, right - left, Math.round(height * BARS_HEIGHT));
    });
    const ramp = this.#context.createLinearGradient(0, 0, width, 0);
    ramp.addColorStop(0, '#000000');
    ramp.addColorStop(1, '#ffffff');
    this.#context.fillStyle = ramp;
    this.#context.fillRect(0, Math.round(height * 0.92), width, height);
    drawLegend(this.#context, { width, height });
  }

  #drawMoving(tickUs: number): void {
    this.#fill(TIMECODE_RECT, '#1d1916');
    const { width, height } = this.#canvas;
    const letters = Math.round(TIMECODE_RECT.height * height * 0.8);
    this.#context.font = `600 ${letters}px "DejaVu Sans Mono", ui-monospace, monospace`;
    this.#context.fillStyle = '#f3ece4';
    this.#context.textAlign = 'center';
    this.#context.textBaseline = 'middle';
    const middle = (TIMECODE_RECT.y + TIMECODE_RECT.height / 2) * height;
    this.#context.fillText(timecode(tickAt(tickUs)), width / 2, middle);
    drawDial(this.#context, { width, height }, tickAt(tickUs));
    this.#drawBarcode(Math.floor(tickUs / 1000));
    this.#fill(FLASH_RECT, this.#beep && tickUs % 1e6 < FLASH_US ? '#ffffff' : '#000000');
  }

  #drawBarcode(programmeMs: number): void {
    const blockWidth = BARCODE_RECT.width / BARCODE_COLUMNS;
    const blockHeight = BARCODE_RECT.height / BARCODE_ROWS;
    encodeBarcode(programmeMs).forEach((white, bit) => {
      const x = BARCODE_RECT.x + (bit % BARCODE_COLUMNS) * blockWidth;
      const y = BARCODE_RECT.y + Math.floor(bit / BARCODE_COLUMNS) * blockHeight;
      this.#fill({ x, y, width: blockWidth, height: blockHeight }, white ? '#ffffff' : '#000000');
    });
  }

  #fill(rect: CardRect, style: string): void {
    const { width, height } = this.#canvas;
    const left = Math.round(rect.x * width);
    const top = Math.round(rect.y * height);
    const right = Math.round((rect.x + rect.width) * width);
    const bottom = Math.round((rect.y + rect.height) * height);
    this.#context.fillStyle = style;
    this.#context.fillRect(left, top, right - left, bottom - top);
  }
}
