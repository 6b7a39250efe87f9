import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BAND } from './packing-wat';
import { byteLevels, byteThresholds, pack, unpack } from './packing';

const line = fc.record({
  scale: fc.double({ min: 1e-3, max: 1e3, noNaN: true }),
  offset: fc.double({ min: -1e3, max: 1e3, noNaN: true }),
});

/** Bytes as [I3] says, in exact integers: halves of the float64 value to even. */
function byteOf(value: number): number {
  if (Number.isNaN(value)) return 0;
  if (value <= 0) return 0;
  if (value >= 255) return 255;
  const low = Math.floor(value);
  const rest = value - low;
  if (rest !== 0.5) return rest < 0.5 ? low : low + 1;
  return low % 2 === 0 ? low : low + 1;
}

describe('packing', () => {
  it('[I2] a byte becomes its value on the line, in planes, without alpha', () => {
    const out = new Float32Array(6);
    unpack({ rgba: Uint8Array.of(0, 1, 2, 9, 253, 254, 255, 9), line: { scale: 2, offset: -3 }, out });
    expect([...out]).toEqual([-3, 503, -1, 505, 1, 507]);
  });

  it('[I2] levels are what every byte becomes, bit for bit', () => {
    fc.assert(
      fc.property(line, (chosen) => {
        const rgba = Uint8Array.from({ length: 1024 }, (_, i) => i >> 2);
        const out = new Float32Array(768);
        unpack({ rgba, line: chosen, out });
        expect(out.subarray(0, 256)).toEqual(byteLevels(chosen));
      }),
      { numRuns: 30 },
    );
  });

  it('[I3] a value becomes the nearest byte on the line, halves to even, clamped', () => {
    const value = fc.float({ noDefaultInfinity: true, noNaN: true, min: -4, max: 4 });
    fc.assert(
      fc.property(fc.array(value, { minLength: 3, maxLength: 3 }), line, (values, chosen) => {
        const planar = Float32Array.from(values);
        const out = new Uint8Array(4);
        expect(pack({ planar, line: chosen, out })).toBe(0);
        const expected = [...planar].map((x) => byteOf(x * chosen.scale + chosen.offset));
        expect([...out]).toEqual([...expected, 255]);
      }),
    );
    const halves = new Uint8Array(4);
    pack({ planar: Float32Array.of(0.5, 1.5, 254.5), line: { scale: 1, offset: 0 }, out: halves });
    expect([...halves]).toEqual([0, 2, 254, 255]);
  });

  it('[I3] pixels with a value that is not finite are counted once each and become 0 or 255', () => {
    const { NaN: none, POSITIVE_INFINITY: high, NEGATIVE_INFINITY: low } = Number;
    const planar = Float32Array.of(none, high, 0, 0, low, 1, 0, 0, 0);
    const out = new Uint8ClampedArray(12);
    expect(pack({ planar, line: { scale: 100, offset: 7 }, out })).toBe(2);
    expect([...out]).toEqual([0, 7, 7, 255, 255, 0, 7, 255, 7, 107, 7, 255]);
  });

  it('[I2] [I3] holds for every pixel of a picture of many bands and a part of one', () => {
    const pixels = 2 * BAND + 5;
    const rgba = Uint8Array.from({ length: 4 * pixels }, (_, i) => (i * 2_654_435_761) >>> 24);
    const line = { scale: 0.37, offset: -11 };
    const planar = new Float32Array(3 * pixels);
    unpack({ rgba, line, out: planar });
    const wrong = planar.findIndex((value, i) => {
      return value !== Math.fround(rgba[4 * (i % pixels) + Math.floor(i / pixels)]! * 0.37 - 11);
    });
    expect(wrong).toBe(-1);
    for (const at of [BAND - 1, BAND, pixels - 1]) planar[pixels + at] = Number.NaN;
    const out = new Uint8Array(4 * pixels);
    expect(pack({ planar, line: { scale: 3, offset: 20 }, out })).toBe(3);
    const other = out.findIndex((byte, i) => {
      const wanted = i % 4 === 3 ? 255 : byteOf(planar[(i % 4) * pixels + (i >> 2)]! * 3 + 20);
      return byte !== wanted;
    });
    expect(other).toBe(-1);
  });

  it('[I3] a threshold is the first float32 that reaches its byte, and the one below does not', () => {
    const bits = new Int32Array(1);
    const float = new Float32Array(bits.buffer);
    fc.assert(
      fc.property(line, fc.integer({ min: 1, max: 255 }), (chosen, byte) => {
        const at = byteThresholds(chosen)[byte]!;
        float[0] = at;
        bits[0] = bits[0]! + (at > 0 ? -1 : 1);
        expect(byteOf(at * chosen.scale + chosen.offset)).toBeGreaterThanOrEqual(byte);
        expect(byteOf(float[0] * chosen.scale + chosen.offset)).toBeLessThan(byte);
      }),
      { numRuns: 40 },
    );
  });
});
