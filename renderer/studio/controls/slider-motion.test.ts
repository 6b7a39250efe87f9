import { beforeEach, expect, test } from 'vitest';
import { FRACTION } from '../model/scale';
import { SliderMotion, linearTravel } from './slider-motion.svelte';

let changes: { value: number; inputMs: number }[];
let motion: SliderMotion;

beforeEach(() => {
  changes = [];
  let value = 0.5;
  motion = new SliderMotion(() => ({
    ...linearTravel(FRACTION),
    value,
    reset: 0.8,
    scale: FRACTION,
    axis: 'horizontal',
    press: 'jump',
    disabled: false,
    onchange: (next, inputMs) => {
      value = next;
      changes.push({ value: next, inputMs });
    },
  }));
});

/** An event as the browser hands it in, on a track of 100 pixels. */
function made<E extends Event>(init: object): E & { currentTarget: HTMLElement } {
  const currentTarget = {
    clientWidth: 100,
    setPointerCapture: () => {},
    focus: () => {},
    getBoundingClientRect: () => ({ left: 0, width: 100 }),
  };
  const plain = { currentTarget, button: 0, detail: 1, shiftKey: false };
  return { ...plain, preventDefault: () => {}, stopPropagation: () => {}, ...init } as unknown as E & {
    currentTarget: HTMLElement;
  };
}

test('each change carries the time of the event that made it', () => {
  motion.down(made<PointerEvent>({ clientX: 20, timeStamp: 10 }));
  motion.move(made<PointerEvent>({ clientX: 30, timeStamp: 20 }));
  motion.keydown(made<KeyboardEvent>({ key: 'Escape', timeStamp: 30 }));
  motion.keydown(made<KeyboardEvent>({ key: 'ArrowUp', timeStamp: 40 }));
  motion.wheel(made<WheelEvent>({ deltaX: 0, deltaY: 1, timeStamp: 50 }));
  motion.dblclick(made<MouseEvent>({ timeStamp: 60 }));
  expect(changes).toEqual([
    { value: 0.2, inputMs: 10 },
    { value: 0.3, inputMs: 20 },
    { value: 0.5, inputMs: 30 },
    { value: 0.51, inputMs: 40 },
    { value: 0.5, inputMs: 50 },
    { value: 0.8, inputMs: 60 },
  ]);
});
