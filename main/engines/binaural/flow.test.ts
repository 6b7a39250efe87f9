import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openTinyBinaural, stereoNoise } from '../testing/binaural-fixtures';
import { fillNormals } from '../runtime/philox';
import { StageTimes } from '../runtime/timing';
import { BufferBank } from './buffer-bank';
import { FlowSampler } from './flow-sampler';
import { FlowStream } from './flow-stream';
import { planSolver } from './solver';
import { BINS } from './stft';
import { PLANES, type VelocityNetwork } from './velocity-graph';

type Described = { every: number; values: string; lastFrame: string; sum: number; sumOfSquares: number };
type Golden = {
  frames: number;
  pose: string;
  noiseSeed: number;
  solved: {
    evaluations: number;
    times: number[];
    output: Described;
    shared?: { output: Described; largestDifference: number };
  }[];
};
const golden = JSON.parse(
  readFileSync(resolve(import.meta.dirname, '../testing/binaural-golden.json'), 'utf8'),
) as Golden;
const { frames: FRAMES } = golden;

/** Caches shared by all solver times, which is wrong. */
class SharedBank extends BufferBank {
  override take() {
    return super.take(0);
  }
  override put(_: number, caches: Parameters<BufferBank['put']>[1]) {
    super.put(0, caches);
  }
}

function floats(base64: string): Float32Array {
  const bytes = Buffer.from(base64, 'base64');
  return new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
}

/** Frames `from` … `to` of planes [4, frames, width]. */
function cut(planes: Float32Array, frames: number, from: number, to: number): Float32Array {
  const out = new Float32Array(PLANES * (to - from) * BINS);
  for (let plane = 0; plane < PLANES; plane++) {
    const at = plane * frames * BINS;
    out.set(planes.subarray(at + from * BINS, at + to * BINS), plane * (to - from) * BINS);
  }
  return out;
}

function largestDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let largest = 0;
  for (let i = 0; i < a.length; i++) largest = Math.max(largest, Math.abs(a[i]! - b[i]!));
  return largest;
}

describe('the flow', { timeout: 60_000 }, () => {
  let network: VelocityNetwork;
  const start = new Float32Array(PLANES * FRAMES * BINS);
  const pose = floats(golden.pose);
  beforeAll(async () => {
    network = await openTinyBinaural();
    fillNormals({ low: 2, high: 0 }, 0, start);
    start.forEach((x, i) => (start[i] = 0.5 * x));
  });
  afterAll(() => network.release());

  /** Spectra of the whole stream, run in pieces of these lengths. */
  async function solve(evaluations: number, lengths: number[], bank?: BufferBank): Promise<Float32Array> {
    const sampler = new FlowSampler(network, planSolver(evaluations, network.contract.t0), bank);
    const out = new Float32Array(start.length);
    let from = 0;
    for (const length of lengths) {
      const to = from + length;
      const part = await sampler.run(
        cut(start, FRAMES, from, to),
        pose.slice(4 * from, 4 * to),
        length,
        golden.noiseSeed,
      );
      for (let plane = 0; plane < PLANES; plane++) {
        const piece = part.subarray(plane * length * BINS, (plane + 1) * length * BINS);
        out.set(piece, (plane * FRAMES + from) * BINS);
      }
      from = to;
    }
    return out;
  }

  function expectDescribed(values: Float32Array, described: Described): void {
    const sparse = values.filter((_, i) => i % described.every === 0);
    expect(largestDifference(sparse, floats(described.values))).toBeLessThan(1e-4);
    const last = cut(values, FRAMES, FRAMES - 1, FRAMES);
    expect(largestDifference(last, floats(described.lastFrame))).toBeLessThan(1e-4);
    expect(values.reduce((sum, x) => sum + x, 0)).toBeCloseTo(described.sum, 1);
  }

  it.each(golden.solved)(
    '[B10] [B11] $evaluations evaluations give what the reference gives',
    async (known) => {
      expect(planSolver(known.evaluations, network.contract.t0).times).toEqual(known.times);
      expectDescribed(await solve(known.evaluations, [FRAMES]), known.output);
    },
  );

  it('[B12] any chunking gives what one shot gives, to 1e-5, for every number of evaluations', async () => {
    for (const evaluations of [1, 2, 3, 6]) {
      const whole = await solve(evaluations, [FRAMES]);
      await fc.assert(
        fc.asyncProperty(chunkings(FRAMES), async (lengths) => {
          expect(largestDifference(await solve(evaluations, lengths), whole)).toBeLessThan(1e-5);
        }),
        { numRuns: 6 },
      );
    }
  });

  it('[B12] one set of caches for all solver times is not the flow', async () => {
    const shared = new SharedBank(network.contract.caches);
    const wrong = await solve(2, [16, 16, 16], shared);
    expect(largestDifference(wrong, await solve(2, [FRAMES]))).toBeGreaterThan(0.1);
    expectDescribed(wrong, golden.solved.find(({ evaluations }) => evaluations === 2)!.shared!.output);
  });

  it('[B10] the seed makes the noise, and a frame its own', async () => {
    const sampler = new FlowSampler(network, planSolver(2, 0.5));
    const run = async (seed: number, frame: number) => {
      sampler.restart(frame);
      return (await sampler.run(start.slice(0, PLANES * BINS), pose.slice(0, 4), 1, seed)).slice();
    };
    const first = await run(1, 0);
    expect(await run(1, 0)).toEqual(first);
    expect(largestDifference(await run(2, 0), first)).toBeGreaterThan(1e-4);
    expect(largestDifference(await run(1, 1), first)).toBeGreaterThan(1e-4);
  });

  it('[B11] early skip spends the evaluations on the last part of the way', () => {
    const { rule, times, h } = planSolver(6, 0.5);
    expect(rule).toBe('midpoint');
    expect(h).toBeCloseTo(1 / 6, 12);
    [0.5, 0.583, 0.667, 0.75, 0.833, 0.917].forEach((t, i) => expect(times[i]).toBeCloseTo(t, 3));
    expect(planSolver(3, 0)).toMatchObject({ rule: 'euler', times: [0, 1 / 3, 2 / 3] });
    expect(() => planSolver(7, 0)).toThrow(RangeError);
    expect(() => planSolver(2, 1)).toThrow(RangeError);
  });

  it('[B13] a stream of sound gives the same however it is cut, to 1e-5', async () => {
    const blocks = 40;
    const stereo = stereoNoise(blocks, 5);
    const poses = Float32Array.from({ length: 4 * blocks }, (_, i) => [1, 0, 0, 1.5][i % 4]!);
    const run = async (lengths: number[]) => {
      const stream = new FlowStream(network, planSolver(2, network.contract.t0), new StageTimes());
      const out: number[] = [];
      for (const length of lengths) {
        const from = stream.nextBlock;
        const piece = {
          blocks: length,
          poses: poses.slice(4 * from, 4 * (from + length)),
          stereo: stereo.slice(256 * from, 256 * (from + length)),
        };
        out.push(...(await stream.push(piece, 1)));
      }
      return out;
    };
    const whole = await run([blocks]);
    expect(Math.max(...whole.map(Math.abs))).toBeGreaterThan(0.01);
    await fc.assert(
      fc.asyncProperty(chunkings(blocks), async (lengths) => {
        expect(largestDifference(await run(lengths), whole)).toBeLessThan(1e-5);
      }),
      { numRuns: 8 },
    );
  });
});

/** Lengths of at least 1 that add up. */
function chunkings(total: number): fc.Arbitrary<number[]> {
  return fc.array(fc.integer({ min: 1, max: 24 }), { minLength: 1, maxLength: total }).map((lengths) => {
    const cuts: number[] = [];
    let left = total;
    for (const length of lengths) {
      if (left === 0) break;
      cuts.push(Math.min(length, left));
      left -= cuts.at(-1)!;
    }
    return left > 0 ? [...cuts, left] : cuts;
  });
}
