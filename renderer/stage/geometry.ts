import type { Transform } from '../../contract/project';

export type Size = { width: number; height: number };
/** A rectangle in pixels of the source picture. */
export type SourceRect = { x: number; y: number; width: number; height: number };

/** Where a layer's picture goes, in programme pixels. */
export type Placement = {
  source: SourceRect;
  /** Centre of the layer. */
  centreX: number;
  centreY: number;
  /** Size before the rotation about the centre. */
  width: number;
  height: number;
  rotationRad: number;
};

/** Crops leave at least this part of each side, so that a careless slider never empties a layer. */
const LEAST_LEFT = 0.01;

/** Places a picture of `picture` pixels on a programme of `programme` pixels. */
export function place(transform: Transform, picture: Size, programme: Size): Placement {
  const { crop } = transform;
  const [left, right] = cropEdges(crop.left, crop.right);
  const [top, bottom] = cropEdges(crop.top, crop.bottom);
  const width = transform.width * programme.width;
  const height = transform.height * programme.height;
  return {
    source: {
      x: left * picture.width,
      y: top * picture.height,
      width: (right - left) * picture.width,
      height: (bottom - top) * picture.height,
    },
    centreX: transform.x * programme.width + width / 2,
    centreY: transform.y * programme.height + height / 2,
    width,
    height,
    rotationRad: (transform.rotationDeg * Math.PI) / 180,
  };
}

/** The visible span of one axis in fractions; two crops that meet leave a sliver between them. */
function cropEdges(near: number, far: number): [number, number] {
  const start = Math.min(Math.max(near, 0), 1 - LEAST_LEFT);
  const end = Math.max(1 - Math.max(far, 0), start + LEAST_LEFT);
  return [start, end];
}

/** The four corners in programme pixels, clockwise from top left: x0, y0, x1, y1 … */
export function corners(placement: Placement): number[] {
  const cos = Math.cos(placement.rotationRad);
  const sin = Math.sin(placement.rotationRad);
  const halves = [
    [-1, -1],
    [1, -1],
    [1, 1],
    [-1, 1],
  ] as const;
  return halves.flatMap(([signX, signY]) => {
    const x = (signX * placement.width) / 2;
    const y = (signY * placement.height) / 2;
    return [placement.centreX + x * cos - y * sin, placement.centreY + x * sin + y * cos];
  });
}
