import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  BARCODE_COLUMNS,
  BARCODE_RECT,
  BARCODE_ROWS,
  decodeBarcode,
  encodeBarcode,
  readBarcode,
  type GreyPicture,
} from './barcode';

function paint(
  blocks: readonly boolean[],
  width: number,
  height: number,
  black = 16,
  white = 235,
): GreyPicture {
  const data = new Uint8Array(width * height).fill(100);
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const column = Math.floor(
        ((x + 0.5) / width - BARCODE_RECT.x) / (BARCODE_RECT.width / BARCODE_COLUMNS),
      );
      const row = Math.floor(((y + 0.5) / height - BARCODE_RECT.y) / (BARCODE_RECT.height / BARCODE_ROWS));
      if (column < 0 || column >= BARCODE_COLUMNS || row < 0 || row >= BARCODE_ROWS) continue;
      data[y * width + x] = blocks[row * BARCODE_COLUMNS + column] ? white : black;
    }
  }
  return { data, width, height };
}

describe('clock barcode', () => {
  it('has the most significant bit first', () => {
    expect(encodeBarcode(0x8000_0001).map(Number).join('')).toBe('10000000000000000000000000000001');
  });

  it('gives every 32-bit time back', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 0xffff_ffff }), (ms) => decodeBarcode(encodeBarcode(ms)) === ms),
    );
  });

  it('is read from a picture of any usual size', () => {
    for (const [width, height] of [
      [1280, 720],
      [1920, 1080],
      [640, 360],
      [426, 240],
    ] as const) {
      expect(readBarcode(paint(encodeBarcode(1_234_567), width, height))).toBe(1_234_567);
    }
  });

  it('refuses a picture without a code', () => {
    expect(readBarcode({ data: new Uint8Array(640 * 360).fill(128), width: 640, height: 360 })).toBeNull();
  });
});
