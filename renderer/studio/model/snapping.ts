import type { Box, Extent } from './geometry';

/** A line shown while something is aligned to it. */
export type Guide = { axis: 'x' | 'y'; at: number };
/** What to add to a position so that it lies on the guides. */
export type Snap = { dx: number; dy: number; guides: Guide[] };

/** Lines of one axis that edges and centres are drawn to. */
type Lines = readonly number[];

/** The lines of the programme (edges, centre) and of the other layers. */
export function snapLines(frame: Extent, others: readonly Box[]): { x: number[]; y: number[] } {
  return {
    x: [
      0,
      frame.width / 2,
      frame.width,
      ...others.flatMap((box) => [box.x, box.x + box.width / 2, box.x + box.width]),
    ],
    y: [
      0,
      frame.height / 2,
      frame.height,
      ...others.flatMap((box) => [box.y, box.y + box.height / 2, box.y + box.height]),
    ],
  };
}

/** Aligns a moved box: its edges and centre to the nearest line of each axis within `reach`. */
export function snapMove(box: Box, lines: { x: Lines; y: Lines }, reach: number): Snap {
  const x = nearest([box.x, box.x + box.width / 2, box.x + box.width], lines.x, reach);
  const y = nearest([box.y, box.y + box.height / 2, box.y + box.height], lines.y, reach);
  return snapOf(x, y);
}

/** Aligns the edges that a resize pulls; −1 the near edge, 1 the far one, 0 none, on each axis. */
export function snapEdges(
  box: Box,
  pull: { x: number; y: number },
  lines: { x: Lines; y: Lines },
  reach: number,
): Snap {
  const edgeX = pull.x < 0 ? [box.x] : pull.x > 0 ? [box.x + box.width] : [];
  const edgeY = pull.y < 0 ? [box.y] : pull.y > 0 ? [box.y + box.height] : [];
  return snapOf(nearest(edgeX, lines.x, reach), nearest(edgeY, lines.y, reach));
}

type Hit = { delta: number; at: number };

function nearest(places: readonly number[], lines: Lines, reach: number): Hit | null {
  let best: Hit | null = null;
  for (const place of places) {
    for (const at of lines) {
      const delta = at - place;
      if (Math.abs(delta) <= reach && (!best || Math.abs(delta) < Math.abs(best.delta))) best = { delta, at };
    }
  }
  return best;
}

function snapOf(x: Hit | null, y: Hit | null): Snap {
  const guides: Guide[] = [];
  if (x) guides.push({ axis: 'x', at: x.at });
  if (y) guides.push({ axis: 'y', at: y.at });
  return { dx: x?.delta ?? 0, dy: y?.delta ?? 0, guides };
}
