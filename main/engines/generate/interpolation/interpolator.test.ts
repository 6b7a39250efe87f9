import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { REACH } from '../../runtime/motion/block-motion';
import { Interpolator } from './interpolator';

const WIDTH = 128;
const HEIGHT = 64;

/** A smooth random texture that has a value everywhere, so that it can be shifted by anything. */
function texture(salt: number): (x: number, y: number) => [number, number, number] {
  const waves = Array.from({ length: 6 }, (_, i) => ({
    kx: Math.sin(salt + i * 7.1) * 0.45,
    ky: Math.cos(salt * 1.3 + i * 3.7) * 0.45,
    phase: salt * 5 + i * 2.1,
  }));
  return (x, y) => {
    const at = (offset: number) =>
      128 +
      waves.reduce(
        (sum, { kx, ky, phase }) => sum + 20 * Math.sin(kx * x + ky * y + phase * (1 + offset)),
        0,
      );
    return [at(0), at(0.2), at(0.4)];
  };
}

function draw(colourAt: (x: number, y: number) => [number, number, number]): Uint8ClampedArray {
  const out = new Uint8ClampedArray(WIDTH * HEIGHT * 4);
  for (let y = 0; y < HEIGHT; y++) {
    for (let x = 0; x < WIDTH; x++) out.set([...colourAt(x, y), 255], 4 * (y * WIDTH + x));
  }
  return out;
}

function between(first: Uint8ClampedArray, second: Uint8ClampedArray, share: number): Uint8ClampedArray {
  const interpolator = new Interpolator(WIDTH, HEIGHT);
  interpolator.push(first);
  interpolator.push(second);
  const out = new Uint8ClampedArray(first.length);
  interpolator.between(share, out);
  return out;
}

function crossFade(first: Uint8ClampedArray, second: Uint8ClampedArray, share: number): Uint8ClampedArray {
  return first.map((value, i) => (1 - share) * value + share * second[i]!);
}

/** PSNR in dB, without a border of `margin` pixels. */
function psnr(a: Uint8ClampedArray, b: Uint8ClampedArray, margin: number): number {
  let sum = 0;
  let n = 0;
  for (let y = margin; y < HEIGHT - margin; y++) {
    for (let x = margin; x < WIDTH - margin; x++) {
      for (let c = 0; c < 3; c++, n++)
        sum += (a[4 * (y * WIDTH + x) + c]! - b[4 * (y * WIDTH + x) + c]!) ** 2;
    }
  }
  return 10 * Math.log10((255 * 255) / (sum / n));
}

/** Byte for byte; the framework's own comparison takes seconds for a picture. */
function same(a: Uint8ClampedArray, b: Uint8ClampedArray): boolean {
  return Buffer.from(a).equals(Buffer.from(b));
}

describe('Interpolator', { timeout: 60_000 }, () => {
  it.each([
    [6, 3, 0.5],
    [-11, 5, 0.25],
    [12, -12, 8 / 30],
    [0, 7, 0.8],
    [3, 0, 0.4],
  ])('[G11] follows a shift of (%i, %i) at share %f far better than a cross-fade', (dx, dy, share) => {
    const scene = texture(dx + 3 * dy);
    const first = draw(scene);
    const second = draw((x, y) => scene(x - dx, y - dy));
    const truth = draw((x, y) => scene(x - share * dx, y - share * dy));
    const moved = psnr(between(first, second, share), truth, REACH);
    expect(moved).toBeGreaterThan(30);
    expect(moved).toBeGreaterThan(psnr(crossFade(first, second, share), truth, REACH) + 8);
  });

  it('[G11] follows a sprite over a background that stands still', () => {
    const back = texture(1);
    const sprite = texture(9);
    const place = (x0: number) =>
      draw((x, y) => (x >= x0 && x < x0 + 24 && y >= 16 && y < 40 ? sprite(x - x0, y) : back(x, y)));
    const first = place(40);
    const second = place(48);
    const out = between(first, second, 0.5);
    const truth = place(44);
    expect(psnr(out, truth, 0)).toBeGreaterThan(psnr(crossFade(first, second, 0.5), truth, 0) + 1);
    // The still part stays as it is.
    const top = 8 * WIDTH * 4;
    expect(same(out.slice(0, top), first.slice(0, top))).toBe(true);
  });

  it.each([0.1, 0.49, 0.5, 0.9])('[G11] does not ghost across a cut (share %f)', (share) => {
    const first = draw(() => [20, 30, 40]);
    const second = draw((x, y) => (((x >> 3) + (y >> 3)) % 2 === 0 ? [250, 240, 230] : [120, 220, 200]));
    expect(same(between(first, second, share), share < 0.5 ? first : second)).toBe(true);
  });

  it('[G11] cross-fades a part that is not found again, and only that', () => {
    const scene = texture(4);
    const first = draw(scene);
    const flash = (x: number, y: number) => x >= 32 && x < 64 && y >= 16 && y < 48;
    const second = draw((x, y) => (flash(x, y) ? [255, 255, 255] : scene(x, y)));
    const out = between(first, second, 0.5);
    const faded = crossFade(first, second, 0.5);
    const at = 4 * (32 * WIDTH + 48);
    for (let c = 0; c < 3; c++) expect(Math.abs(out[at + c]! - faded[at + c]!)).toBeLessThanOrEqual(1);
    const top = 4 * 8 * WIDTH;
    expect(same(out.slice(0, top), first.slice(0, top))).toBe(true);
  });

  it('[G11] ends are the frames themselves, and one frame alone is shown as it is', () => {
    const first = draw(texture(5));
    const second = draw(texture(6));
    expect(same(between(first, second, 0), first)).toBe(true);
    expect(same(between(first, second, 1), second)).toBe(true);
    const alone = new Interpolator(WIDTH, HEIGHT);
    alone.push(first);
    const out = new Uint8ClampedArray(first.length);
    alone.between(0.5, out);
    expect(same(out, first)).toBe(true);
    alone.push(second);
    alone.clear();
    alone.push(first);
    alone.between(0.5, out);
    expect(same(out, first)).toBe(true);
  });

  it('[G11] never leaves the range of both pictures, whatever they hold', () => {
    const picture = fc.uint8Array({ minLength: WIDTH * HEIGHT * 4, maxLength: WIDTH * HEIGHT * 4 });
    fc.assert(
      fc.property(picture, fc.double({ min: 0, max: 1, noNaN: true }), (bytes, share) => {
        const first = new Uint8ClampedArray(bytes).fill(255, 0, 0);
        const second = new Uint8ClampedArray(bytes.toReversed());
        const low = Math.min(...first, ...second);
        const out = between(first, second, share);
        expect(out.every((value) => value >= low)).toBe(true);
      }),
      { numRuns: 5, seed: 3 },
    );
  });

  it('refuses sides that are no multiples of its blocks', () => {
    expect(() => new Interpolator(100, 64)).toThrow('100×64');
  });
});
