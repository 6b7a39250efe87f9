import fc from 'fast-check';
import { expect, test } from 'vitest';
import { FULL_FRAME, type Transform } from '../../../contract/project';
import {
  HANDLES,
  boundsOf,
  croppedAspect,
  handleDirection,
  hits,
  moved,
  placed,
  resized,
  rotatedTo,
  turn,
  type Point,
} from './geometry';
import { snapEdges, snapLines, snapMove } from './snapping';

const FRAME = { width: 1600, height: 900 };
const at = (x: number, y: number, width: number, height: number, rotationDeg = 0): Transform => ({
  ...FULL_FRAME,
  x,
  y,
  width,
  height,
  rotationDeg,
});

/** The corner or edge middle opposite to a grip, by direct construction. */
function anchor(transform: Transform, direction: Point): Point {
  const half = { x: (transform.width * FRAME.width) / 2, y: (transform.height * FRAME.height) / 2 };
  const offset = turn({ x: -direction.x * half.x, y: -direction.y * half.y }, transform.rotationDeg);
  return {
    x: (transform.x + transform.width / 2) * FRAME.width + offset.x,
    y: (transform.y + transform.height / 2) * FRAME.height + offset.y,
  };
}

test('a pulled grip leaves the opposite one where it was, at every rotation', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...HANDLES),
      fc.integer({ min: -180, max: 180 }),
      fc.integer({ min: -200, max: 200 }),
      fc.integer({ min: -200, max: 200 }),
      fc.boolean(),
      (handle, rotationDeg, dx, dy, keepAspect) => {
        const before = at(0.3, 0.3, 0.4, 0.4, rotationDeg);
        const after = resized(before, handle, { x: dx, y: dy }, FRAME, keepAspect);
        const still = anchor(before, handleDirection(handle));
        const now = anchor(after, handleDirection(handle));
        expect(now.x).toBeCloseTo(still.x, 6);
        expect(now.y).toBeCloseTo(still.y, 6);
      },
    ),
  );
});

test('a kept aspect is kept', () => {
  fc.assert(
    fc.property(fc.constantFrom(...HANDLES), fc.integer({ min: -150, max: 400 }), (handle, pull) => {
      const after = resized(at(0.2, 0.2, 0.4, 0.2), handle, { x: pull, y: pull / 3 }, FRAME, true);
      expect(after.width / after.height).toBeCloseTo(2, 6);
    }),
  );
});

test('a layer is hit where it is drawn, also when turned', () => {
  const upright = at(0.4, 0.1, 0.2, 0.8);
  expect(hits({ x: 800, y: 120 }, upright, FRAME)).toBe(true);
  expect(hits({ x: 800, y: 120 }, { ...upright, rotationDeg: 90 }, FRAME)).toBe(false);
  expect(hits({ x: 500, y: 450 }, { ...upright, rotationDeg: 90 }, FRAME)).toBe(true);
});

test('bounds of a quarter turn swap width and height', () => {
  const box = boundsOf(at(0.25, 0.25, 0.5, 0.5, 90), FRAME);
  expect([box.x, box.y, box.width, box.height].map(Math.round)).toEqual([575, 50, 450, 800]);
});

test('the rotation grip points at the pointer, in steps when asked', () => {
  const layer = at(0.25, 0.25, 0.5, 0.5);
  expect(rotatedTo(layer, { x: 800, y: 0 }, FRAME, 1).rotationDeg).toBe(0);
  expect(rotatedTo(layer, { x: 1600, y: 450 }, FRAME, 1).rotationDeg).toBe(90);
  expect(rotatedTo(layer, { x: 1195, y: 60 }, FRAME, 15).rotationDeg).toBe(45);
});

test("fit and fill keep the picture's proportions and centre it; stretch does not", () => {
  const stretched = at(0.9, 0.9, 1, 1, 30);
  const fit = placed(stretched, 'fit', FRAME, 4 / 3);
  expect([fit.width * 1600, fit.height * 900, fit.rotationDeg]).toEqual([1200, 900, 0]);
  expect(fit.x * 1600).toBeCloseTo(200);
  const fill = placed(stretched, 'fill', FRAME, 4 / 3);
  expect(fill.width).toBeCloseTo(1);
  expect(fill.height * 900).toBeCloseTo(1200);
  expect(fill.y * 900).toBeCloseTo(-150);
  expect(placed(stretched, 'stretch', FRAME, 4 / 3)).toMatchObject({ x: 0, y: 0, width: 1, height: 1 });
});

test('a picture of unknown proportions keeps those it has', () => {
  const square = at(0.9, 0.9, 450 / 1600, 0.5);
  const fit = placed(square, 'fit', FRAME, null);
  expect([fit.width * 1600, fit.height * 900]).toEqual([900, 900]);
  expect(placed(square, 'centre', FRAME, null)).toMatchObject({ width: square.width, y: 0.25 });
});

test('a crop changes the proportions that are kept', () => {
  const cropped = { ...FULL_FRAME, crop: { left: 0.25, right: 0.25, top: 0, bottom: 0 } };
  expect(croppedAspect({ width: 320, height: 240 }, cropped)).toBeCloseTo(160 / 240);
});

test('a layer cannot be moved or shrunk out of what a project allows', () => {
  expect(moved(at(0, 0, 1, 1), { x: 1e9, y: -1e9 }, FRAME)).toMatchObject({ x: 8, y: -8 });
  expect(resized(at(0, 0, 1, 1), 'se', { x: -1e9, y: -1e9 }, FRAME, false)).toMatchObject({
    width: 0.005,
    height: 0.005,
  });
});

test('a moved box snaps to the nearest edge or centre within reach, on each axis by itself', () => {
  const lines = snapLines(FRAME, []);
  expect(snapMove({ x: 5, y: 300, width: 400, height: 100 }, lines, 8)).toEqual({
    dx: -5,
    dy: 0,
    guides: [{ axis: 'x', at: 0 }],
  });
  expect(snapMove({ x: 604, y: 397, width: 400, height: 100 }, lines, 8)).toEqual({
    dx: -4,
    dy: 3,
    guides: [
      { axis: 'x', at: 800 },
      { axis: 'y', at: 450 },
    ],
  });
  expect(snapMove({ x: 20, y: 20, width: 40, height: 40 }, lines, 8).guides).toEqual([]);
});

test('a resize snaps only the edge that is pulled, also to other layers', () => {
  const lines = snapLines(FRAME, [{ x: 1000, y: 0, width: 200, height: 900 }]);
  const box = { x: 3, y: 100, width: 993, height: 100 };
  expect(snapEdges(box, { x: 1, y: 0 }, lines, 8)).toEqual({
    dx: 4,
    dy: 0,
    guides: [{ axis: 'x', at: 1000 }],
  });
  expect(snapEdges(box, { x: 0, y: -1 }, lines, 8).guides).toEqual([]);
});
