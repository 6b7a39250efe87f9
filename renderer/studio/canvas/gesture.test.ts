import { beforeEach, expect, test } from 'vitest';
import type { Command } from '../../../contract/commands';
import type { Layer, Transform } from '../../../contract/project';
import { newLayer } from '../model/new-items';
import { CanvasGesture } from './gesture.svelte';

const FRAME = { width: 800, height: 450 };
const NO_KEYS = { shiftKey: false, ctrlKey: false, metaKey: false, timeStamp: 5 };
let sent: Transform[];
let gesture: CanvasGesture;
let layer: Layer;

beforeEach(() => {
  sent = [];
  gesture = new CanvasGesture((command: Command) => {
    if (command.type === 'layer.update' && command.patch.transform) sent.push(command.patch.transform);
  });
  const plain = newLayer('Card', { kind: 'test-card', beep: false });
  layer = { ...plain, transform: { ...plain.transform, x: 0.25, y: 0.2, width: 0.3, height: 0.3 } };
});

test('a click without way moves nothing', () => {
  gesture.begin(layer, { kind: 'move' }, { x: 300, y: 200 }, FRAME, [layer]);
  gesture.move({ x: 301, y: 201 }, NO_KEYS);
  gesture.end();
  expect(sent).toEqual([]);
});

test('a dragged layer snaps to the edge of the programme and shows the guide', () => {
  gesture.begin(layer, { kind: 'move' }, { x: 300, y: 200 }, FRAME, [layer]);
  gesture.move({ x: 105, y: 230 }, NO_KEYS);
  expect(sent.at(-1)?.x).toBeCloseTo(0);
  expect(gesture.guides).toEqual([{ axis: 'x', at: 0 }]);
  gesture.move({ x: 105, y: 230 }, { ...NO_KEYS, ctrlKey: true });
  expect(sent.at(-1)?.x).toBeCloseTo(0.25 - 195 / 800);
});

test('Shift moves at a quarter of the pace', () => {
  gesture.begin(layer, { kind: 'move' }, { x: 300, y: 200 }, FRAME, [layer]);
  gesture.move({ x: 340, y: 200 }, { ...NO_KEYS, shiftKey: true });
  expect(sent.at(-1)?.x).toBeCloseTo(0.25 + 10 / 800);
});

test('Esc puts the layer back where the drag began', () => {
  gesture.begin(layer, { kind: 'resize', handle: 'se' }, { x: 440, y: 225 }, FRAME, [layer]);
  gesture.move({ x: 500, y: 300 }, NO_KEYS);
  gesture.cancel();
  expect(sent.at(-1)).toEqual(layer.transform);
  expect(gesture.active).toBe(false);
});

test('a pulled edge lands exactly on the programme edge', () => {
  gesture.begin(layer, { kind: 'resize', handle: 'e' }, { x: 440, y: 157 }, FRAME, [layer]);
  gesture.move({ x: 796, y: 157 }, NO_KEYS);
  const last = sent.at(-1);
  expect((last?.x ?? 0) + (last?.width ?? 0)).toBeCloseTo(1);
});

test('a locked layer cannot be dragged', () => {
  gesture.begin({ ...layer, locked: true }, { kind: 'move' }, { x: 300, y: 200 }, FRAME, []);
  gesture.move({ x: 100, y: 100 }, NO_KEYS);
  expect(sent).toEqual([]);
});
