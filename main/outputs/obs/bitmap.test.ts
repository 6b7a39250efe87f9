import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readBitmap, readDataUrl } from './bitmap';

/** A bitmap of one row of pixels a colour; `up` stores the bottom row first. */
function bitmap(rows: [number, number, number][][], bits: 24 | 32, up = true): Buffer {
  const width = rows[0]!.length;
  const stride = Math.ceil((width * bits) / 32) * 4;
  const out = Buffer.alloc(54 + stride * rows.length);
  out.write('BM');
  out.writeUInt32LE(54, 10);
  out.writeInt32LE(width, 18);
  out.writeInt32LE(up ? rows.length : -rows.length, 22);
  out.writeUInt16LE(bits, 28);
  rows.forEach((row, y) => {
    row.forEach(([r, g, b], x) => {
      const at = 54 + (up ? rows.length - 1 - y : y) * stride + (x * bits) / 8;
      out.set([b, g, r], at);
    });
  });
  return out;
}

const PICTURE: [number, number, number][][] = [
  [
    [255, 0, 0],
    [0, 255, 0],
    [0, 0, 255],
  ],
  [
    [255, 255, 255],
    [0, 0, 0],
    [100, 100, 100],
  ],
];
const LUMA = [54, 182, 18, 255, 0, 100];

describe('readBitmap', () => {
  it.each([
    [24, true],
    [24, false],
    [32, true],
    [32, false],
  ] as const)('reads %i bits, bottom row first: %s', (bits, up) => {
    const picture = readBitmap(bitmap(PICTURE, bits, up))!;
    expect([picture.width, picture.height]).toEqual([3, 2]);
    expect([...picture.data]).toEqual(LUMA);
  });

  it('answers null to what is cut off, absurd or no bitmap at all', () => {
    const whole = bitmap(PICTURE, 24);
    expect(readBitmap(whole.subarray(0, whole.length - 1))).toBeNull();
    const wide = Buffer.from(whole);
    wide.writeInt32LE(0x7fffffff, 18);
    expect(readBitmap(wide)).toBeNull();
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        expect(() => readBitmap(bytes)).not.toThrow();
      }),
    );
  });
});

describe('readDataUrl', () => {
  it('reads base64 and nothing else', () => {
    expect(readDataUrl('data:image/bmp;base64,Qk0=')).toEqual(Buffer.from('BM'));
    for (const other of ['Qk0=', 'data:image/bmp,BM', 7, null, undefined])
      expect(readDataUrl(other)).toBeNull();
  });
});
