import { expect, test } from 'vitest';
import { directionWords, fromMap, placeWords, radiusOf, toMap, turned, type Place } from './place-map';

const place = (azimuthDeg: number, distanceM: number, elevationDeg = 0): Place => ({
  azimuthDeg,
  distanceM,
  elevationDeg,
});

test('the front is up, +90° is left, and behind is down', () => {
  const r = radiusOf(2);
  expect(toMap(place(0, 2))).toEqual({ x: 0, y: -r });
  expect(toMap(place(90, 2)).x).toBeCloseTo(-r);
  expect(toMap(place(90, 2)).y).toBeCloseTo(0);
  expect(toMap(place(-90, 2)).x).toBeCloseTo(r);
  expect(toMap(place(180, 2)).y).toBeCloseTo(r);
});

test('a point of the map leads back to the place that is drawn there', () => {
  for (const azimuthDeg of [-179, -90, -33, 0, 45, 120, 180]) {
    for (const distanceM of [0.2, 0.75, 1, 1.5, 5, 19.99]) {
      const back = fromMap(toMap(place(azimuthDeg, distanceM, 20)), place(0, 1, 20));
      expect(back.azimuthDeg).toBe(azimuthDeg);
      expect(back.distanceM).toBeCloseTo(distanceM, 2);
      expect(back.elevationDeg).toBe(20);
    }
  }
});

test('nothing is nearer than the head’s edge nor farther than the rim', () => {
  expect(fromMap({ x: 0, y: 0 }, place(70, 3))).toEqual(place(70, 0.2));
  expect(fromMap({ x: 4, y: 0 }, place(0, 3))).toEqual(place(-90, 20));
});

test('turning goes on past the back', () => {
  expect(turned(place(178, 1), 5).azimuthDeg).toBe(-177);
  expect(turned(place(-178, 1), -5).azimuthDeg).toBe(177);
  expect(turned(place(5, 1), -5).azimuthDeg).toBe(0);
});

test('places are said as people say them', () => {
  expect([0, 30, -120, 180, -180].map(directionWords)).toEqual([
    'in front',
    '30° left',
    '120° right',
    'behind',
    'behind',
  ]);
  expect(placeWords(place(30, 1.5, -10))).toBe('30° left, 10° down, 1.50 m');
});
