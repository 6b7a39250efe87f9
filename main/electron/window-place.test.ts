import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { placeWindow, readPlace, writePlace } from './window-place';

const display = { x: 0, y: 0, width: 1920, height: 1040 };
const place = { x: 200, y: 100, width: 1400, height: 900, maximized: false };
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'fantascope-place-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

test('the first window is 1280×800 where the system puts it', () => {
  expect(placeWindow(null, [display])).toEqual({ width: 1280, height: 800 });
});

test('a saved place that is on a display is taken again', () => {
  expect(placeWindow(place, [display])).toEqual({ x: 200, y: 100, width: 1400, height: 900 });
});

test('a place on a display that is gone keeps its size and leaves the position to the system', () => {
  expect(placeWindow({ ...place, x: 2500 }, [display])).toEqual({ width: 1400, height: 900 });
});

test('a sliver of a window does not count as visible', () => {
  expect(placeWindow({ ...place, x: 1900 }, [display])).not.toHaveProperty('x');
});

test('a place left of the first display is valid when a second display is there', () => {
  const left = { x: -1920, y: 0, width: 1920, height: 1080 };
  expect(placeWindow({ ...place, x: -1800 }, [display, left])).toMatchObject({ x: -1800 });
});

test('a window smaller than its least size grows to it', () => {
  expect(placeWindow({ ...place, width: 20, height: 20 }, [display])).toMatchObject({
    width: 1024,
    height: 640,
  });
});

test('what was written is read back', () => {
  const file = join(folder, 'window.json');
  writePlace(file, place);
  expect(readPlace(file)).toEqual(place);
});

test.each(['', '{', '{"x":1}', '{"x":1e99,"y":0,"width":1,"height":1,"maximized":false}'])(
  'a file that says %j counts as none',
  (text) => {
    const file = join(folder, 'window.json');
    writeFileSync(file, text);
    expect(readPlace(file)).toBeNull();
  },
);
