import type { CutJob, JoinJob } from '../image-ops';
import { axisJoins } from '../tile-plan';
import { given, numbers, result, type Program } from './program';
import { makeKernel } from './wgsl';

/**
 * A thread a value of a tile. `shape`: width, height, channels, side, columns of tiles;
 * `starts`: first pixels of the columns, then of the rows.
 */
const CUT_TILES = makeKernel({
  bindings: ['planes: array<u32>', 'shape: array<u32>', 'starts: array<u32>', 'out tiles: array<u32>'],
  count: 'arrayLength(&tiles)',
  body: `
  let side = shape[3];
  let x = i % side;
  let y = (i / side) % side;
  let channel = (i / (side * side)) % shape[2];
  let tile = i / (side * side * shape[2]);
  let left = min(starts[tile % shape[4]] + x, shape[0] - 1u);
  let top = min(starts[shape[4] + tile / shape[4]] + y, shape[1] - 1u);
  tiles[i] = planes[(channel * shape[1] + top) * shape[0] + left];`,
});

/**
 * A thread a value of the joined planes. `shape`: width, height, channels, side (all
 * enlarged), columns of tiles, enlarged; `joins` and `shares`: for each column of pixels,
 * then for each row, which tile and how much of it.
 */
const JOIN_TILES = makeKernel({
  bindings: [
    'tiles: array<f32>',
    'shape: array<u32>',
    'starts: array<u32>',
    'joins: array<u32>',
    'shares: array<f32>',
    'out planes: array<f32>',
  ],
  count: 'arrayLength(&planes)',
  functions: `
fn valueAt(column: u32, row: u32, channel: u32, x: u32, y: u32) -> f32 {
  let side = shape[3];
  let left = x - starts[column] * shape[5];
  let top = y - starts[shape[4] + row] * shape[5];
  return tiles[(((row * shape[4] + column) * shape[2] + channel) * side + top) * side + left];
}
fn acrossAt(row: u32, channel: u32, x: u32, y: u32) -> f32 {
  let column = joins[x];
  let share = shares[x];
  let first = valueAt(column, row, channel, x, y);
  if (share == 1.0) { return first; }
  let second = valueAt(column + 1u, row, channel, x, y);
  return second + share * (first - second);
}`,
  body: `
  let x = i % shape[0];
  let y = (i / shape[0]) % shape[1];
  let channel = i / (shape[0] * shape[1]);
  let row = joins[shape[0] + y];
  let share = shares[shape[0] + y];
  let upper = acrossAt(row, channel, x, y);
  if (share == 1.0) { planes[i] = upper; return; }
  let lower = acrossAt(row + 1u, channel, x, y);
  planes[i] = lower + share * (upper - lower);`,
});

/** The program of `cutTiles` [I6]. */
export function cutTilesProgram({ planes, channels, plan, out }: CutJob): Program {
  const { width, height, side, columns, rows } = plan;
  return {
    slots: {
      planes: given(planes),
      shape: numbers(width, height, channels, side, columns.length),
      starts: numbers(...columns, ...rows),
      tiles: result(out),
    },
    passes: [{ kernel: CUT_TILES, slots: ['planes', 'shape', 'starts', 'tiles'], threads: out.length }],
  };
}

/** The program of `joinTiles` [I7]. */
export function joinTilesProgram({ tiles, channels, plan, enlarged, out }: JoinJob): Program {
  const { width, height, side, columns, rows } = plan;
  const across = axisJoins(width, columns, plan, enlarged);
  const down = axisJoins(height, rows, plan, enlarged);
  const slots = {
    tiles: given(tiles),
    shape: numbers(
      ...[width * enlarged, height * enlarged, channels, side * enlarged],
      ...[columns.length, enlarged],
    ),
    starts: numbers(...columns, ...rows),
    joins: numbers(...across.tile, ...down.tile),
    shares: given(Float32Array.of(...across.share, ...down.share)),
    planes: result(out),
  };
  return { slots, passes: [{ kernel: JOIN_TILES, slots: Object.keys(slots), threads: out.length }] };
}
