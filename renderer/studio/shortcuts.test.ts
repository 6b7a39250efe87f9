import { expect, test } from 'vitest';
import { shortcutOf, type KeyPress } from './shortcuts';

const press = (key: string, more: Partial<KeyPress> = {}): KeyPress => ({
  key,
  code: '',
  ctrlKey: false,
  metaKey: false,
  shiftKey: false,
  altKey: false,
  ...more,
});

test('digits play cues, with Shift they keep them, whatever the layout writes', () => {
  expect(shortcutOf(press('3', { code: 'Digit3' }), false)).toEqual({ kind: 'cue', slot: 2 });
  expect(shortcutOf(press('/', { code: 'Digit7', shiftKey: true }), false)).toEqual({
    kind: 'store-cue',
    slot: 6,
  });
  expect(shortcutOf(press('9', { code: 'Digit9' }), false)).toBeNull();
});

test('one key never both begins and ends a recording', () => {
  expect(shortcutOf(press('r'), false)).toEqual({ kind: 'record' });
  expect(shortcutOf(press('R', { shiftKey: true }), false)).toEqual({ kind: 'stop-recording' });
});

test('one key runs and halts the timed cues', () => {
  expect(shortcutOf(press('g'), false)).toEqual({ kind: 'run-cues' });
  expect(shortcutOf(press('g'), true)).toBeNull();
});

test('undo and redo have their usual keys on every system', () => {
  expect(shortcutOf(press('z', { ctrlKey: true }), false)).toEqual({ kind: 'undo' });
  expect(shortcutOf(press('Z', { metaKey: true, shiftKey: true }), false)).toEqual({ kind: 'redo' });
  expect(shortcutOf(press('y', { ctrlKey: true }), false)).toEqual({ kind: 'redo' });
});

test('while a field is written in, every key belongs to the field', () => {
  expect(shortcutOf(press('r'), true)).toBeNull();
  expect(shortcutOf(press('z', { ctrlKey: true }), true)).toBeNull();
});

test("the browser's own keys stay the browser's", () => {
  expect(shortcutOf(press('r', { ctrlKey: true }), false)).toBeNull();
  expect(shortcutOf(press('1', { code: 'Digit1', ctrlKey: true }), false)).toBeNull();
});
