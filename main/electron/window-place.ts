import { readFileSync } from 'node:fs';
import * as v from 'valibot';
import writeFileAtomic from 'write-file-atomic';

const integer = v.pipe(v.number(), v.integer(), v.minValue(-100_000), v.maxValue(100_000));
const PlaceSchema = v.object({
  x: integer,
  y: integer,
  width: v.pipe(integer, v.minValue(1)),
  height: v.pipe(integer, v.minValue(1)),
  maximized: v.boolean(),
});

/** Where the window stood, in screen points. */
export type WindowPlace = v.InferOutput<typeof PlaceSchema>;

type Area = { x: number; y: number; width: number; height: number };

/** The smallest window in which every live control is within reach. */
export const LEAST_SIZE = { width: 1024, height: 640 };
const FIRST_SIZE = { width: 1280, height: 800 };
/** So much of the window must lie on a display for it to be found and dragged. */
const LEAST_VISIBLE = 100;

/**
 * Size and position for the window on today's displays: the saved place if it can still be
 * seen, else the saved size (or the first) and the system's choice of position.
 */
export function placeWindow(saved: WindowPlace | null, displays: readonly Area[]): Partial<Area> {
  if (saved === null) return FIRST_SIZE;
  const size = {
    width: Math.max(saved.width, LEAST_SIZE.width),
    height: Math.max(saved.height, LEAST_SIZE.height),
  };
  const isVisible = displays.some((display) => {
    const across = overlap(saved.x, saved.width, display.x, display.width);
    const down = overlap(saved.y, saved.height, display.y, display.height);
    return across >= LEAST_VISIBLE && down >= LEAST_VISIBLE;
  });
  return isVisible ? { x: saved.x, y: saved.y, ...size } : size;
}

function overlap(startA: number, lengthA: number, startB: number, lengthB: number): number {
  return Math.min(startA + lengthA, startB + lengthB) - Math.max(startA, startB);
}

/** The saved place; null when there is none or it makes no sense (it is only a convenience). */
export function readPlace(file: string): WindowPlace | null {
  try {
    const parsed = v.safeParse(PlaceSchema, JSON.parse(readFileSync(file, 'utf8')));
    return parsed.success ? parsed.output : null;
  } catch {
    return null;
  }
}

/** Saves the place so that a crash leaves either the old file or the new one. */
export function writePlace(file: string, place: WindowPlace): void {
  writeFileAtomic.sync(file, `${JSON.stringify(place)}\n`);
}
