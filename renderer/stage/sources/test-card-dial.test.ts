import { describe, expect, it } from 'vitest';
import { drawDial, drawLegend, DIAL_RECT } from './test-card-dial';

const SIZES = [
  { width: 1280, height: 720 },
  { width: 1920, height: 1080 },
  { width: 720, height: 1280 },
  { width: 320, height: 180 },
];

/** Records where is drawn; letters are half as wide as high. */
class FakePen {
  fillStyle = '';
  strokeStyle = '';
  font = '';
  textAlign = '';
  textBaseline = '';
  globalAlpha = 1;
  lineWidth = 1;
  lineCap = '';
  points: [number, number][] = [];
  hands: [number, number][] = [];
  #px(): number {
    return Number(/ ([\d.]+)px/.exec(this.font)?.[1]);
  }
  measureText = (text: string) => ({ width: text.length * this.#px() * 0.7 });
  fillText = (text: string, x: number, y: number) =>
    this.points.push([x, y - this.#px()], [x + this.measureText(text).width, y + this.#px() * 0.25]);
  fillRect = (x: number, y: number, width: number, height: number) =>
    this.points.push([x, y], [x + width, y + height]);
  arc = (x: number, y: number, radius: number) =>
    this.points.push([x - radius, y - radius], [x + radius, y + radius]);
  moveTo = () => undefined;
  lineTo = (x: number, y: number) => this.hands.push([x, y]);
  beginPath = () => undefined;
  fill = () => undefined;
  stroke = () => undefined;
}

const asPen = (pen: FakePen) => pen as unknown as OffscreenCanvasRenderingContext2D;

describe('dial of the test card', () => {
  it.each(SIZES)('stays in its field, away from barcode and flash, at $width×$height', (size) => {
    const pen = new FakePen();
    drawLegend(asPen(pen), size);
    for (let tick = 0; tick < 60; tick += 1) drawDial(asPen(pen), size, tick);
    expect(pen.points.length).toBeGreaterThan(100);
    for (const [x, y] of [...pen.points, ...pen.hands]) {
      expect(x).toBeGreaterThanOrEqual(Math.floor(DIAL_RECT.x * size.width));
      expect(x).toBeLessThanOrEqual(Math.ceil((DIAL_RECT.x + DIAL_RECT.width) * size.width));
      expect(y).toBeGreaterThanOrEqual(Math.floor(DIAL_RECT.y * size.height));
      expect(y).toBeLessThanOrEqual(Math.ceil((DIAL_RECT.y + DIAL_RECT.height) * size.height));
    }
  });

  it('goes round once a second, upright at the whole second', () => {
    const pen = new FakePen();
    for (const tick of [0, 15, 30]) drawDial(asPen(pen), SIZES[0]!, tick);
    const [start, half, full] = pen.hands;
    expect(full).toEqual(start);
    expect(half![0]).toBeCloseTo(start![0]);
    expect(half![1]).toBeGreaterThan(start![1]);
  });
});
