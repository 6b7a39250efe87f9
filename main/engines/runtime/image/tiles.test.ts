import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { axisJoins, planTiles, tileCount, type TilePlan } from './tile-plan';
import { cutTiles, joinTiles } from './tiles';

const plans = fc
  .record({
    width: fc.integer({ min: 1, max: 40 }),
    height: fc.integer({ min: 1, max: 40 }),
    side: fc.integer({ min: 1, max: 16 }),
    overlapShare: fc.double({ min: 0, max: 0.5, noNaN: true }),
  })
  .map(({ width, height, side, overlapShare }) =>
    planTiles(width, height, side, Math.floor(side * overlapShare)),
  );

function ramp(length: number): Float32Array {
  return Float32Array.from({ length }, (_, i) => Math.fround(Math.sin(i * 1.7)));
}

function cut(planes: Float32Array, channels: number, plan: TilePlan): Float32Array {
  const out = new Float32Array(tileCount(plan) * channels * plan.side ** 2);
  cutTiles({ planes, channels, plan, out });
  return out;
}

describe('tiles', () => {
  it('[I6] begin at both edges, share at least the overlap, and are as few as can be', () => {
    fc.assert(
      fc.property(plans, ({ width, side, overlap, columns }) => {
        expect(columns[0]).toBe(0);
        if (width <= side) return columns.length === 1;
        expect(columns.at(-1)).toBe(width - side);
        columns.slice(1).forEach((start, i) => {
          expect(columns[i]! + side - start).toBeGreaterThanOrEqual(overlap);
          expect(start).toBeGreaterThan(columns[i]!);
        });
        return (columns.length - 1) * (side - overlap) + overlap < width;
      }),
    );
  });

  it('[I6] a tile holds the pixels of its place, and the edge beyond the picture', () => {
    const planes = ramp(2 * 5 * 3);
    const plan = planTiles(5, 3, 4, 2);
    expect(plan.columns).toEqual([0, 1]);
    const tiles = cut(planes, 2, plan);
    for (let tile = 0; tile < 2; tile++) {
      for (let channel = 0; channel < 2; channel++) {
        for (let y = 0; y < 4; y++) {
          for (let x = 0; x < 4; x++) {
            const found = tiles[((tile * 2 + channel) * 4 + y) * 4 + x];
            expect(found).toBe(planes[(channel * 3 + Math.min(y, 2)) * 5 + tile + x]);
          }
        }
      }
    }
  });

  it('[I7] cut and joined again, planes are the same bit for bit', () => {
    fc.assert(
      fc.property(plans, fc.integer({ min: 1, max: 3 }), (plan, channels) => {
        const planes = ramp(channels * plan.width * plan.height);
        const out = new Float32Array(planes.length);
        joinTiles({ tiles: cut(planes, channels, plan), channels, plan, enlarged: 1, out });
        expect(out).toEqual(planes);
      }),
    );
  });

  it('[I7] a join is a weighted mean of the tiles there, in float64', () => {
    fc.assert(
      fc.property(plans, fc.integer({ min: 1, max: 3 }), (plan, enlarged) => {
        const { columns, rows } = plan;
        const side = plan.side * enlarged;
        const tiles = ramp(tileCount(plan) * side * side);
        const width = plan.width * enlarged;
        const out = new Float32Array(width * plan.height * enlarged);
        joinTiles({ tiles, channels: 1, plan, enlarged, out });
        const across = axisJoins(plan.width, columns, plan, enlarged);
        const down = axisJoins(plan.height, rows, plan, enlarged);
        out.forEach((value, i) => {
          const x = i % width;
          const y = Math.floor(i / width);
          let sum = 0;
          for (const [row, rowShare] of tilesAt(down, y)) {
            for (const [column, columnShare] of tilesAt(across, x)) {
              const tile = (row * columns.length + column) * side * side;
              const at = (y - rows[row]! * enlarged) * side + x - columns[column]! * enlarged;
              sum += rowShare * columnShare * tiles[tile + at]!;
            }
          }
          expect(Math.abs(value - sum)).toBeLessThanOrEqual(1e-6);
        });
      }),
      { numRuns: 30 },
    );
  });

  it('[I7] shares fall without a jump over the overlap and tiles are only used where they lie', () => {
    fc.assert(
      fc.property(plans, fc.integer({ min: 1, max: 4 }), (plan, enlarged) => {
        const { tile, share } = axisJoins(plan.width, plan.columns, plan, enlarged);
        const step = 1 / Math.max(1, plan.overlap * enlarged) + 1e-6;
        tile.forEach((number, at) => {
          for (const [used] of tilesAt({ tile, share }, at)) {
            const inside = at - plan.columns[used]! * enlarged;
            expect(inside).toBeGreaterThanOrEqual(0);
            expect(inside).toBeLessThan(plan.side * enlarged);
          }
          const isWithinJoin = at > 0 && tile[at - 1] === number;
          const isSteep = plan.columns.slice(1).some((start, i) => start - plan.columns[i]! < plan.overlap);
          if (isWithinJoin && !isSteep) expect(share[at - 1]! - share[at]!).toBeLessThanOrEqual(step);
        });
      }),
    );
  });

  it('[I7] a seam between tiles that differ is spread over the overlap', () => {
    const plan = planTiles(24, 1, 16, 8);
    const tiles = new Float32Array(2 * 256).fill(1, 256);
    const out = new Float32Array(24);
    joinTiles({ tiles, channels: 1, plan, enlarged: 1, out });
    const steps = [...out].slice(1).map((value, i) => value - out[i]!);
    expect(Math.max(...steps)).toBeLessThanOrEqual(1 / 8 + 1e-6);
    expect([out[0], out[23]]).toEqual([0, 1]);
  });
});

function tilesAt({ tile, share }: { tile: Uint32Array; share: Float32Array }, at: number) {
  const first: [number, number] = [tile[at]!, share[at]!];
  return share[at]! < 1 ? [first, [tile[at]! + 1, 1 - share[at]!] as [number, number]] : [first];
}
