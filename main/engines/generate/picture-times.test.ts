import fc from 'fast-check';
import { expect, it } from 'vitest';
import { firstPicture, pictureUs, picturesUpTo } from './picture-times';

it('[G10] eight frames a second become thirty pictures, each once, at its place between frames', () => {
  const pictures = Array.from({ length: 16 }, (_, i) => picturesUpTo(i + 1, 8)).flat();
  expect(pictures.map(({ number }) => number)).toEqual(Array.from({ length: 60 }, (_, i) => i + 1));
  expect(picturesUpTo(1, 8).map(({ share }) => share)).toEqual(
    [8 / 30, 16 / 30, 24 / 30].map((s) => expect.closeTo(s, 9)),
  );
  expect(picturesUpTo(4, 8).at(-1)).toEqual({ number: 15, share: 1 });
});

it('[G10] none is missing or twice at any rate, however late', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 30 }), fc.nat(10_000_000), (fps, frame) => {
      const a = picturesUpTo(frame + 1, fps);
      const b = picturesUpTo(frame + 2, fps);
      expect(b[0]!.number).toBe(a.at(-1)!.number + 1);
      for (const { share } of a) {
        expect(share).toBeGreaterThan(-1e-6);
        expect(share).toBeLessThanOrEqual(1 + 1e-6);
      }
      expect(firstPicture(frame, fps)).toBeLessThanOrEqual(a[0]!.number);
    }),
  );
});

it('stream times are whole microseconds', () => {
  expect([0, 1, 30, 45].map(pictureUs)).toEqual([0, 33_333, 1_000_000, 1_500_000]);
});
