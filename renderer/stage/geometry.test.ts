import { describe, expect, it } from 'vitest';
import { FULL_FRAME } from '../../contract/project';
import { corners, place } from './geometry';

const programme = { width: 1280, height: 720 };
const picture = { width: 640, height: 480 };

function rounded(values: number[]): number[] {
  return values.map((value) => Math.round(value * 1000) / 1000 + 0);
}

describe('placement of a layer', () => {
  it('fills the programme with a full-frame transform', () => {
    const placed = place(FULL_FRAME, picture, programme);
    expect(placed.source).toEqual({ x: 0, y: 0, width: 640, height: 480 });
    expect(rounded(corners(placed))).toEqual([0, 0, 1280, 0, 1280, 720, 0, 720]);
  });

  it('turns clockwise about the centre', () => {
    const transform = { ...FULL_FRAME, x: 0.25, y: 0.25, width: 0.5, height: 0.5, rotationDeg: 90 };
    // Top left goes to where top right was drawn after a quarter turn of the 640 × 360 box about (640, 360).
    expect(rounded(corners(place(transform, picture, programme)))).toEqual([
      820, 40, 820, 680, 460, 680, 460, 40,
    ]);
  });

  it('takes crops from the source and keeps the rectangle', () => {
    const crop = { left: 0.25, right: 0.25, top: 0, bottom: 0.5 };
    const placed = place({ ...FULL_FRAME, crop }, picture, programme);
    expect(placed.source).toEqual({ x: 160, y: 0, width: 320, height: 240 });
    expect([placed.width, placed.height]).toEqual([1280, 720]);
  });

  it('never crops a picture away', () => {
    const crop = { left: 1, right: 1, top: 0.7, bottom: 0.7 };
    const { source } = place({ ...FULL_FRAME, crop }, picture, programme);
    expect(source.width).toBeGreaterThan(0);
    expect(source.height).toBeGreaterThan(0);
    expect(source.x + source.width).toBeLessThanOrEqual(640 + 1e-9);
    expect(source.y + source.height).toBeLessThanOrEqual(480 + 1e-9);
  });
});
