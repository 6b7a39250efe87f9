import type { Transform } from '../../../contract/project';

/** Width and height of the programme, in any one unit (pixels of the overlay, mostly). */
export type Extent = { width: number; height: number };
export type Point = { x: number; y: number };
/** An upright rectangle in the same unit. */
export type Box = { x: number; y: number; width: number; height: number };

/** The eight grips of a selection: compass points. */
export const HANDLES = ['nw', 'n', 'ne', 'e', 'se', 's', 'sw', 'w'] as const;
export type Handle = (typeof HANDLES)[number];

const SMALLEST = 0.005;
const LARGEST = 16;
const FARTHEST = 8;

/** Which way a grip pulls, −1, 0 or 1 on each axis. */
export function handleDirection(handle: Handle): Point {
  return {
    x: handle.includes('w') ? -1 : handle.includes('e') ? 1 : 0,
    y: handle.includes('n') ? -1 : handle.includes('s') ? 1 : 0,
  };
}

/** Turns a vector clockwise. */
export function turn(point: Point, deg: number): Point {
  const rad = (deg * Math.PI) / 180;
  const cos = Math.cos(rad);
  const sin = Math.sin(rad);
  return { x: point.x * cos - point.y * sin, y: point.x * sin + point.y * cos };
}

/** Centre of a layer in the frame's unit. */
export function centreOf(transform: Transform, frame: Extent): Point {
  return {
    x: (transform.x + transform.width / 2) * frame.width,
    y: (transform.y + transform.height / 2) * frame.height,
  };
}

/** The smallest upright box around a turned layer. */
export function boundsOf(transform: Transform, frame: Extent): Box {
  const centre = centreOf(transform, frame);
  const half = { x: (transform.width * frame.width) / 2, y: (transform.height * frame.height) / 2 };
  const rad = (transform.rotationDeg * Math.PI) / 180;
  const reach = {
    x: Math.abs(half.x * Math.cos(rad)) + Math.abs(half.y * Math.sin(rad)),
    y: Math.abs(half.x * Math.sin(rad)) + Math.abs(half.y * Math.cos(rad)),
  };
  return { x: centre.x - reach.x, y: centre.y - reach.y, width: 2 * reach.x, height: 2 * reach.y };
}

/** Whether a point lies on a turned layer. */
export function hits(point: Point, transform: Transform, frame: Extent): boolean {
  const centre = centreOf(transform, frame);
  const local = turn({ x: point.x - centre.x, y: point.y - centre.y }, -transform.rotationDeg);
  return (
    Math.abs(local.x) <= (transform.width * frame.width) / 2 &&
    Math.abs(local.y) <= (transform.height * frame.height) / 2
  );
}

/** A layer shifted by a vector of the frame's unit. */
export function moved(transform: Transform, by: Point, frame: Extent): Transform {
  return bounded({
    ...transform,
    x: transform.x + by.x / frame.width,
    y: transform.y + by.y / frame.height,
  });
}

/**
 * A layer pulled at a grip by a vector of the frame's unit. The opposite edge or corner stays
 * where it is, also when the layer is turned; `keepAspect` holds the proportions.
 */
export function resized(
  transform: Transform,
  handle: Handle,
  by: Point,
  frame: Extent,
  keepAspect: boolean,
): Transform {
  const pull = handleDirection(handle);
  const local = turn(by, -transform.rotationDeg);
  const before = { width: transform.width * frame.width, height: transform.height * frame.height };
  const least = { width: SMALLEST * frame.width, height: SMALLEST * frame.height };
  let width = Math.max(least.width, before.width + pull.x * local.x);
  let height = Math.max(least.height, before.height + pull.y * local.y);
  if (keepAspect) {
    const grown = { x: width / before.width, y: height / before.height };
    const scale = pull.x === 0 ? grown.y : pull.y === 0 ? grown.x : furthest(grown.x, grown.y);
    width = Math.max(least.width, before.width * scale);
    height = Math.max(least.height, before.height * scale);
  }
  const shift = turn(
    { x: (pull.x * (width - before.width)) / 2, y: (pull.y * (height - before.height)) / 2 },
    transform.rotationDeg,
  );
  const centre = centreOf(transform, frame);
  return bounded({
    ...transform,
    x: (centre.x + shift.x - width / 2) / frame.width,
    y: (centre.y + shift.y - height / 2) / frame.height,
    width: width / frame.width,
    height: height / frame.height,
  });
}

function furthest(a: number, b: number): number {
  return Math.abs(a - 1) > Math.abs(b - 1) ? a : b;
}

/** Rotation of a layer whose grip above it is dragged to a point; whole turns come in steps of `stepDeg`. */
export function rotatedTo(transform: Transform, point: Point, frame: Extent, stepDeg: number): Transform {
  const centre = centreOf(transform, frame);
  const deg = (Math.atan2(point.x - centre.x, centre.y - point.y) * 180) / Math.PI;
  const rotationDeg = Math.round(deg / stepDeg) * stepDeg;
  return { ...transform, rotationDeg: rotationDeg === -180 ? 180 : rotationDeg + 0 };
}

/** How a picture of some shape is laid into the programme. */
export type Placement = 'fit' | 'fill' | 'stretch' | 'centre';

/** Proportions (width by height) of what is left of a picture after its crop. */
export function croppedAspect(natural: Extent, { crop }: Transform): number {
  const width = natural.width * Math.max(0.01, 1 - crop.left - crop.right);
  const height = natural.height * Math.max(0.01, 1 - crop.top - crop.bottom);
  return width / height;
}

/**
 * Puts a layer back into the programme: `stretch` over all of it, `fit` inside and `fill` over
 * it with the proportions of its picture (`aspect`; null: those it has now), `centre` to the
 * middle at the size it has.
 */
export function placed(
  transform: Transform,
  placement: Placement,
  frame: Extent,
  aspect: number | null,
): Transform {
  if (placement === 'stretch') return { ...transform, x: 0, y: 0, width: 1, height: 1, rotationDeg: 0 };
  if (placement === 'centre') {
    return bounded({ ...transform, x: (1 - transform.width) / 2, y: (1 - transform.height) / 2 });
  }
  const wanted = aspect ?? (transform.width * frame.width) / (transform.height * frame.height);
  /** Above 1 the picture is wider than the programme. */
  const relative = wanted / (frame.width / frame.height);
  const fitsWidth = placement === 'fit' ? relative >= 1 : relative < 1;
  const width = fitsWidth ? 1 : relative;
  const height = fitsWidth ? 1 / relative : 1;
  return bounded({ ...transform, x: (1 - width) / 2, y: (1 - height) / 2, width, height, rotationDeg: 0 });
}

/** Keeps a transform inside what the project allows. */
export function bounded(transform: Transform): Transform {
  const within = (value: number, least: number, most: number) => Math.min(most, Math.max(least, value));
  return {
    ...transform,
    x: within(transform.x, -FARTHEST, FARTHEST),
    y: within(transform.y, -FARTHEST, FARTHEST),
    width: within(transform.width, SMALLEST, LARGEST),
    height: within(transform.height, SMALLEST, LARGEST),
  };
}
