import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { packPicture, unpackPicture } from './picture';

describe('pictures', () => {
  it('[A3] bytes become planes of −1 … 1', () => {
    const planar = new Float32Array(6);
    unpackPicture(Uint8Array.of(0, 255, 51, 7, 102, 0, 255, 9), planar);
    const expected = [-1, -0.2, 1, -1, -0.6, 1];
    planar.forEach((value, i) => expect(value).toBeCloseTo(expected[i]!, 6));
  });

  it('[A3] there and back gives the same bytes, opaque', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 4, maxLength: 400 }), (bytes) => {
        const rgba = bytes.subarray(0, bytes.length - (bytes.length % 4));
        const planar = new Float32Array((rgba.length / 4) * 3);
        const out = new Uint8ClampedArray(rgba.length);
        unpackPicture(rgba, planar);
        expect(packPicture(planar, out)).toBe(0);
        for (let i = 0; i < out.length; i++) expect(out[i]).toBe(i % 4 === 3 ? 255 : rgba[i]);
      }),
    );
  });

  it('[A3] values beyond −1 … 1 are clamped', () => {
    const out = new Uint8ClampedArray(4);
    packPicture(Float32Array.of(-3, 1.7, 0.1), out);
    expect([...out]).toEqual([0, 255, 140, 255]);
  });

  it.each([
    [Number.NaN, 0],
    [Number.POSITIVE_INFINITY, 255],
    [Number.NEGATIVE_INFINITY, 0],
  ])('[A7] %f is counted once per pixel and becomes %i', (bad, byte) => {
    const out = new Uint8ClampedArray(8);
    expect(packPicture(Float32Array.of(bad, 0, bad, 0, bad, 0), out)).toBe(1);
    expect([...out.subarray(0, 3)]).toEqual([byte, byte, byte]);
  });
});
