import type { CutJob, JoinJob } from './image-ops';
import { axisJoins } from './tile-plan';

/** Copies every tile of a plan out of planes; beyond the picture its last pixel is repeated [I6]. */
export function cutTiles({ planes, channels, plan, out }: CutJob): void {
  const { width, height, side, columns, rows } = plan;
  let to = 0;
  for (const top of rows) {
    for (const left of columns) {
      for (let channel = 0; channel < channels; channel++) {
        for (let j = 0; j < side; j++, to += side) {
          const from = (channel * height + Math.min(top + j, height - 1)) * width + left;
          const inside = Math.min(side, width - left);
          out.set(planes.subarray(from, from + inside), to);
          if (inside < side) out.fill(planes[from + inside - 1]!, to + inside, to + side);
        }
      }
    }
  }
}

/** Puts the tiles of a plan together, enlarged, with blended joins [I7]. */
export function joinTiles({ tiles, channels, plan, enlarged, out }: JoinJob): void {
  const across = axisJoins(plan.width, plan.columns, plan, enlarged);
  const down = axisJoins(plan.height, plan.rows, plan, enlarged);
  const width = plan.width * enlarged;
  const height = plan.height * enlarged;
  const side = plan.side * enlarged;
  const plane = side * side;
  const tileSize = channels * plane;
  const rowSize = plan.columns.length * tileSize;
  for (let channel = 0, to = 0; channel < channels; channel++) {
    for (let y = 0; y < height; y++) {
      const row = down.tile[y]!;
      const upper = down.share[y]!;
      const top = plan.rows[row]! * enlarged;
      const upperAt = row * rowSize + channel * plane + (y - top) * side;
      const lowerAt = upper < 1 ? upperAt + rowSize - (plan.rows[row + 1]! * enlarged - top) * side : upperAt;
      for (let x = 0; x < width; x++, to++) {
        const column = across.tile[x]!;
        const left = across.share[x]!;
        const inLeft = column * tileSize + x - plan.columns[column]! * enlarged;
        let value = tiles[upperAt + inLeft]!;
        let below = upper < 1 ? tiles[lowerAt + inLeft]! : 0;
        if (left < 1) {
          const inRight = (column + 1) * tileSize + x - plan.columns[column + 1]! * enlarged;
          value = blend(value, tiles[upperAt + inRight]!, left);
          if (upper < 1) below = blend(below, tiles[lowerAt + inRight]!, left);
        }
        out[to] = upper < 1 ? blend(value, below, upper) : value;
      }
    }
  }
}

/** Of equal values exactly that value, and of two no value beyond them. */
function blend(first: number, second: number, share: number): number {
  return second + share * (first - second);
}
