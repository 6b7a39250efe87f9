/** Where equal square tiles lie on a picture, column by column in each row of tiles [I6]. */
export type TilePlan = {
  width: number;
  height: number;
  /** Pixels along a tile's side. */
  side: number;
  /** Pixels over which two neighbours are blended. */
  overlap: number;
  /** First pixel of each column and of each row of tiles, rising. */
  columns: readonly number[];
  rows: readonly number[];
};

/**
 * Covers a picture with as few tiles as share at least `overlap` pixels with each neighbour,
 * evenly spread [I6]. Where a side is shorter than a tile there is one, which looks beyond it.
 * @param overlap at most half of `side`, so that no place has a third tile
 */
export function planTiles(width: number, height: number, side: number, overlap: number): TilePlan {
  return {
    width,
    height,
    side,
    overlap,
    columns: spread(width, side, overlap),
    rows: spread(height, side, overlap),
  };
}

/** How many tiles a plan has. */
export function tileCount({ columns, rows }: TilePlan): number {
  return columns.length * rows.length;
}

function spread(length: number, side: number, overlap: number): number[] {
  if (length <= side) return [0];
  const count = Math.ceil((length - overlap) / (side - overlap));
  return Array.from({ length: count }, (_, i) => Math.round((i * (length - side)) / (count - 1)));
}

/** For each place along an axis: a tile, and the share that it has beside the next one. */
export type AxisJoins = { tile: Uint32Array; share: Float32Array };

/**
 * Where along an axis which tile holds, `enlarged` times as long [I7]: a straight ramp over
 * the middle of what two neighbours share, else one tile alone.
 */
export function axisJoins(
  length: number,
  starts: readonly number[],
  plan: TilePlan,
  enlarged: number,
): AxisJoins {
  const tile = new Uint32Array(length * enlarged);
  const share = new Float32Array(length * enlarged).fill(1);
  const joins = starts.slice(1).map((next, i) => {
    const previous = starts[i]!;
    const ramp = Math.min(plan.overlap, next - previous) * enlarged;
    return { middle: ((previous + plan.side + next) / 2) * enlarged, ramp };
  });
  for (let at = 0, current = 0; at < tile.length; at++) {
    while (current < joins.length && at + 0.5 >= joins[current]!.middle + joins[current]!.ramp / 2) current++;
    tile[at] = current;
    const join = joins[current];
    if (join) share[at] = Math.min(1, Math.max(0, (join.middle + join.ramp / 2 - at - 0.5) / join.ramp));
  }
  return { tile, share };
}
