import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openTestDevice } from '../../../testing/software-gpu';
import { checkJob } from '../check-job';
import { CPU_BACKEND } from '../cpu-backend';
import type { ImageJobs, ImageOp, WarpJob } from '../image-ops';
import { byteThresholds } from '../packing';
import { FILTERS } from '../resample-weights';
import { planTiles, tileCount } from '../tile-plan';
import { i420Bytes } from '../yuv';
import { GpuBackend } from './gpu-backend';

const SIZES = [
  { width: 1, height: 1 },
  { width: 1, height: 7 },
  { width: 33, height: 2 },
  { width: 67, height: 41 },
];
const RUNS = { numRuns: 12 };

function bytes(length: number, seed: number): Uint8Array {
  let state = seed;
  return Uint8Array.from(
    { length },
    () => (state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0) >>> 24,
  );
}

function floats(length: number, seed: number, reach = 1): Float32Array {
  const high = bytes(length, seed);
  const low = bytes(length, seed + 1);
  return Float32Array.from(high, (byte, i) => reach * ((byte * 256 + low[i]!) / 32_768 - 1));
}

describe('GPU backend against the CPU', { timeout: 60_000 }, () => {
  let gpu: GpuBackend | undefined;
  let missing = '';
  beforeAll(async () => {
    const opened = await openTestDevice();
    if (typeof opened === 'string') missing = opened;
    else gpu = new GpuBackend(opened);
  }, 60_000);
  afterAll(() => gpu?.close());
  beforeEach((context) => {
    if (!gpu) context.skip(missing);
  });

  /** Runs a job on both: the CPU's results, and the farthest that the GPU's is off [I10]. */
  async function compare<Op extends ImageOp>(op: Op, job: ImageJobs[Op]): Promise<number> {
    checkJob(op, job);
    const broken = CPU_BACKEND.run(op, job);
    const wanted = job.out.slice();
    job.out.fill(77);
    expect(await gpu!.run(op, job)).toBe(broken);
    return [...wanted].reduce((worst, value, i) => {
      return Math.max(worst, Math.abs(value - job.out[i]!) / Math.max(1, Math.abs(value)));
    }, 0);
  }

  it.each(SIZES)('[I2] unpacks $width×$height bit for bit', async ({ width, height }) => {
    const rgba = bytes(4 * width * height, 3);
    for (const line of [
      { scale: 1 / 127.5, offset: -1 },
      { scale: 0.0173, offset: 0.4 },
    ]) {
      const out = new Float32Array(3 * width * height);
      expect(await compare('unpack', { rgba, line, out })).toBe(0);
    }
  });

  it('[I3] packs exactly where bytes change, on any line', async () => {
    const line = fc.record({
      scale: fc.double({ min: 1e-3, max: 1e3, noNaN: true }),
      offset: fc.double({ min: -300, max: 300, noNaN: true }),
    });
    await fc.assert(
      fc.asyncProperty(line, async (chosen) => {
        const bits = new Int32Array(byteThresholds(chosen).buffer).subarray(1);
        const near = Int32Array.from(
          { length: 3 * bits.length },
          (_, i) => bits[i % bits.length]! + (i % 3) - 1,
        );
        const planar = new Float32Array(near.buffer);
        const out = new Uint8ClampedArray((4 * planar.length) / 3);
        expect(await compare('pack', { planar, line: chosen, out })).toBe(0);
      }),
      RUNS,
    );
  });

  it('[I3] packs any bits: NaN of all kinds, infinities, the smallest and the largest', async () => {
    const bits = fc.uint32Array({ minLength: 3 * 40, maxLength: 3 * 40 });
    const special = Uint32Array.of(
      ...[0x7f800000, 0xff800000, 0x7fc00000, 0x7f800001, 0xffffffff, 0x00000001],
      ...[0x80000001, 0x7f7fffff, 0xff7fffff, 0x80000000, 0x00800000, 0x3f000000],
    );
    await fc.assert(
      fc.asyncProperty(bits, async (words) => {
        words.set(special, 20);
        const planar = new Float32Array(words.buffer, words.byteOffset, words.length);
        const job = { planar, line: { scale: 127.5, offset: 127.5 }, out: new Uint8ClampedArray(160) };
        expect(await compare('pack', job)).toBe(0);
      }),
      RUNS,
    );
  });

  it.each(SIZES)('[I4] resizes $width×$height exactly', async ({ width, height }) => {
    const source = { width, height, rgba: bytes(4 * width * height, 5) };
    for (const filter of FILTERS) {
      for (const to of SIZES) {
        const out = new Uint8Array(4 * to.width * to.height);
        expect(await compare('resize', { source, ...to, filter, out })).toBe(0);
      }
    }
  });

  it.each(SIZES)('[I5] converts $width×$height exactly, there and back', async ({ width, height }) => {
    const source = { width, height, rgba: bytes(4 * width * height, 7) };
    expect(await compare('toYuv', { source, planes: 'luma', out: new Uint8Array(width * height) })).toBe(0);
    const yuv = new Uint8Array(i420Bytes(width, height));
    expect(await compare('toYuv', { source, planes: 'i420', out: yuv })).toBe(0);
    const any = bytes(yuv.length, 8);
    const out = new Uint8Array(4 * width * height);
    expect(await compare('fromYuv', { yuv: any, width, height, out })).toBe(0);
  });

  it.each(SIZES)('[I6] [I7] cuts $width×$height exactly and joins within 1e-6', async ({ width, height }) => {
    const channels = 2;
    const plan = planTiles(width, height, 16, 5);
    const planes = floats(channels * width * height, 9);
    const out = new Float32Array(tileCount(plan) * channels * 256);
    expect(await compare('cutTiles', { planes, channels, plan, out })).toBe(0);
    const tiles = floats(9 * out.length, 10);
    const joined = new Float32Array(9 * planes.length);
    const job = { tiles, channels, plan, enlarged: 3, out: joined };
    expect(await compare('joinTiles', job)).toBeLessThanOrEqual(1e-6);
  });

  function warpJob(
    { width, height }: { width: number; height: number },
    reach: number,
    seed: number,
  ): WarpJob {
    const channels = 5;
    const pixels = width * height;
    const field = floats((channels + 1) * pixels, seed, 3);
    for (let i = channels * pixels; i < field.length; i++) field[i] = 0.1 + Math.abs(field[i]!);
    const forward = floats(2 * pixels, seed + 1, reach);
    const backward = floats(2 * pixels, seed + 2, reach);
    const out = new Float32Array(field.length);
    const key = { low: 0xdeadbeef, high: 5 };
    return { width, height, channels, field, forward, backward, seed: key, frame: seed, out };
  }

  it.each(SIZES)('[I8] [I9] warps $width×$height within 1e-6', async (size) => {
    for (const reach of [0.3, 3, 40]) {
      expect(await compare('warpNoise', warpJob(size, reach, 11))).toBeLessThanOrEqual(1e-6);
    }
  });

  it('[I8] a flow into a single pixel, and one that is not finite, are warped like on the CPU', async () => {
    const size = { width: 16, height: 16 };
    const job = warpJob(size, 0, 12);
    job.forward.forEach((_, i) => (job.forward[i] = i < 256 ? 4 - (i % 16) : 4 - Math.floor((i - 256) / 16)));
    expect(await compare('warpNoise', job)).toBeLessThanOrEqual(1e-5);
    const broken = warpJob(size, 2, 13);
    broken.forward.set([NaN, Infinity, -Infinity, 3e38, 16_384, -16_384, 0.5, 1.5, -0.5]);
    broken.backward.set([NaN, Infinity, -Infinity, 3e38, 16_384, -16_384, 0.5, 1.5, -0.5]);
    expect(await compare('warpNoise', broken)).toBeLessThanOrEqual(1e-6);
  });

  it('jobs asked for at once do not mix', async () => {
    const line = { scale: 1, offset: 0 };
    const jobs = [1, 2, 3, 4].map((seed) => ({ rgba: bytes(4 * 50 * seed, seed), line }));
    const asked = jobs.map(({ rgba }) => ({ rgba, line, out: new Float32Array((3 * rgba.length) / 4) }));
    await Promise.all(asked.map((job) => gpu!.run('unpack', job)));
    for (const { rgba, out } of asked) {
      const wanted = new Float32Array(out.length);
      CPU_BACKEND.run('unpack', { rgba, line, out: wanted });
      expect(out).toEqual(wanted);
    }
  });

  it('[I12] a device that is destroyed fails its jobs in words, and says that it is lost', async (context) => {
    const opened = await openTestDevice();
    if (typeof opened === 'string') return context.skip(opened);
    const doomed = new GpuBackend(opened);
    const job = { rgba: bytes(400, 1), line: { scale: 1, offset: 0 }, out: new Float32Array(300) };
    await doomed.run('unpack', job);
    const running = doomed.run('unpack', job);
    opened.device.destroy();
    await running.catch(() => {});
    await expect(doomed.run('unpack', job)).rejects.toMatchObject({ code: 'gpu.failed' });
    expect(await doomed.lost).toMatch(/\w/);
    await doomed.close();
  });
});
