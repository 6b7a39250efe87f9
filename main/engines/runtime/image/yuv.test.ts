import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromYuv, i420Bytes, toYuv } from './yuv';

/** BT.709-6 items 3.2 to 3.5 at 8 bits, in float64: E′Y, E′CB, E′CR of 0 … 1, then quantised. */
function reference(red: number, green: number, blue: number): [number, number, number] {
  const luma = 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  const cb = (blue - luma) / 1.8556;
  const cr = (red - luma) / 1.5748;
  return [16 + (219 * luma) / 255, 128 + (224 * cb) / 255, 128 + (224 * cr) / 255];
}

function yuvOf(rgba: Uint8Array, width: number, height: number): Uint8Array {
  const out = new Uint8Array(i420Bytes(width, height));
  toYuv({ source: { width, height, rgba }, planes: 'i420', out });
  return out;
}

const byte = fc.nat(255);

describe('YUV', () => {
  it('[I5] one pixel is the nearest step to BT.709 in float64', () => {
    fc.assert(
      fc.property(byte, byte, byte, (red, green, blue) => {
        const out = yuvOf(Uint8Array.of(red, green, blue, 9), 1, 1);
        const expected = reference(red, green, blue);
        out.forEach((value, i) => expect(Math.abs(value - expected[i]!)).toBeLessThan(0.51));
      }),
      { numRuns: 500 },
    );
  });

  it('[I5] grey has no colour, black is 16 and white 235', () => {
    for (let grey = 0; grey < 256; grey++) {
      expect([...yuvOf(Uint8Array.of(grey, grey, grey, 255), 1, 1).subarray(1)]).toEqual([128, 128]);
    }
    expect(yuvOf(new Uint8Array(4), 1, 1)[0]).toBe(16);
    expect(yuvOf(new Uint8Array(4).fill(255), 1, 1)[0]).toBe(235);
  });

  it('[I5] chroma is that of the mean of the pixels a sample covers, odd edges too', () => {
    const width = 3;
    const height = 3;
    const colours = Array.from({ length: 9 }, (_, i) => [(i * 83) % 256, (i * 151) % 256, (i * 29) % 256]);
    const out = yuvOf(Uint8Array.from(colours.flatMap((colour) => [...colour, 255])), width, height);
    const covered = [[0, 1, 3, 4], [2, 5], [6, 7], [8]];
    covered.forEach((pixels, sample) => {
      const mean = [0, 1, 2].map((c) => pixels.reduce((sum, i) => sum + colours[i]![c]!, 0) / pixels.length);
      const [, cb, cr] = reference(mean[0]!, mean[1]!, mean[2]!);
      expect(Math.abs(out[9 + sample]! - cb)).toBeLessThan(0.51);
      expect(Math.abs(out[13 + sample]! - cr)).toBeLessThan(0.51);
    });
  });

  it('[I5] luma alone is the luma of the whole', () => {
    const rgba = Uint8Array.from({ length: 4 * 5 * 3 }, (_, i) => (i * 91) % 256);
    const luma = new Uint8Array(15);
    toYuv({ source: { width: 5, height: 3, rgba }, planes: 'luma', out: luma });
    expect(luma).toEqual(yuvOf(rgba, 5, 3).subarray(0, 15));
  });

  it('[I5] back is the nearest step to the inverse in float64, clamped and opaque', () => {
    fc.assert(
      fc.property(byte, byte, byte, (luma, u, v) => {
        const out = new Uint8Array(4);
        fromYuv({ yuv: Uint8Array.of(luma, u, v), width: 1, height: 1, out });
        const y = ((luma - 16) * 255) / 219;
        const cb = ((u - 128) * 255) / 224;
        const cr = ((v - 128) * 255) / 224;
        const red = y + 1.5748 * cr;
        const blue = y + 1.8556 * cb;
        const green = (y - 0.2126 * red - 0.0722 * blue) / 0.7152;
        [red, green, blue].forEach((value, i) => {
          expect(Math.abs(out[i]! - Math.min(255, Math.max(0, value)))).toBeLessThan(0.51);
        });
        expect(out[3]).toBe(255);
      }),
      { numRuns: 500 },
    );
  });

  it('[I5] there and back keeps an even picture within two steps', () => {
    fc.assert(
      fc.property(byte, byte, byte, (red, green, blue) => {
        const rgba = Uint8Array.from({ length: 24 }, (_, i) => [red, green, blue, 255][i % 4]!);
        const out = new Uint8ClampedArray(24);
        fromYuv({ yuv: yuvOf(rgba, 3, 2), width: 3, height: 2, out });
        out.forEach((value, i) => expect(Math.abs(value - rgba[i]!)).toBeLessThanOrEqual(2));
      }),
    );
  });
});
