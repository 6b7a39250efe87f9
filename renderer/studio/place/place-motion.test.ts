import { beforeEach, expect, test } from 'vitest';
import { radiusOf, type Place } from './place-map';
import { PlaceMotion } from './place-motion.svelte';

const RADIUS_PX = 100;
let place: Place;
let fixed: boolean;
let times: number[];
let motion: PlaceMotion;

beforeEach(() => {
  place = { azimuthDeg: 0, elevationDeg: 10, distanceM: 2 };
  fixed = false;
  times = [];
  motion = new PlaceMotion(() => ({
    place,
    fixed,
    onchange: (next, inputMs) => {
      place = next;
      times.push(inputMs);
    },
  }));
});

function pointer(clientX: number, clientY: number, more: object = {}) {
  const currentTarget = { setPointerCapture: () => {}, focus: () => {} };
  const event = { clientX, clientY, button: 0, shiftKey: false, timeStamp: 7, preventDefault: () => {} };
  return { ...event, currentTarget, ...more } as unknown as PointerEvent & { currentTarget: HTMLElement };
}

function key(name: string, shiftKey = false) {
  const event = { key: name, shiftKey, timeStamp: 7, preventDefault: () => {}, stopPropagation: () => {} };
  motion.keydown(event as unknown as KeyboardEvent);
}

test('a drag moves by the pointer’s way from wherever it was pressed, and Esc puts it back', () => {
  motion.down(pointer(500, 500));
  motion.move(pointer(500, 500 + 2 * radiusOf(2) * RADIUS_PX), RADIUS_PX);
  expect(Math.abs(place.azimuthDeg)).toBe(180);
  expect(place.distanceM).toBeCloseTo(2, 2);
  expect(times).toEqual([7]);
  key('Escape');
  expect(place).toEqual({ azimuthDeg: 0, elevationDeg: 10, distanceM: 2 });
  motion.move(pointer(0, 0), RADIUS_PX);
  expect(times).toHaveLength(2);
});

test('with Shift the same way moves a tenth', () => {
  motion.down(pointer(500, 500));
  motion.move(pointer(600, 500, { shiftKey: true }), RADIUS_PX);
  const radius = Math.hypot(0.1, radiusOf(2));
  expect(place.azimuthDeg).toBe(-Math.round((Math.asin(0.1 / radius) * 180) / Math.PI));
});

test('arrows move by 5° and 0.1 m, with Shift by 1° and 1 cm, Page keys by 5° up and down', () => {
  key('ArrowLeft');
  key('ArrowUp');
  key('PageUp');
  expect(place).toEqual({ azimuthDeg: 5, elevationDeg: 15, distanceM: 2.1 });
  key('ArrowRight', true);
  key('ArrowDown', true);
  key('PageDown', true);
  expect(place).toEqual({ azimuthDeg: 4, elevationDeg: 14, distanceM: 2.09 });
});

test('a source that follows a layer is not moved by hand', () => {
  fixed = true;
  motion.down(pointer(500, 500));
  motion.move(pointer(600, 500), RADIUS_PX);
  motion.dblclick(pointer(0, 0));
  key('ArrowLeft');
  expect(times).toEqual([]);
});

test('a double-click puts it in front of the listener', () => {
  place = { azimuthDeg: -100, elevationDeg: 40, distanceM: 8 };
  motion.dblclick(pointer(0, 0));
  expect(place).toEqual({ azimuthDeg: 0, elevationDeg: 0, distanceM: 1.5 });
});
