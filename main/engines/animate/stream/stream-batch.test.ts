import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fillNormals } from '../../runtime/philox';
import { flowLevels, lcmLevels, turboLevels, type Level, type Prediction } from './levels';
import { StreamBatch, type Guidance, type Plan, type Row, type RunRows } from './stream-batch';

const SIZE = 24;
const NONE: Guidance = { mode: 'none', scale: 1, delta: 1 };

function normals(seed: number, stream = 0): Float32Array {
  const values = new Float32Array(SIZE);
  fillNormals({ low: seed, high: 0 }, stream, values);
  return values;
}

/** A network of one row: not linear, and different for each level, prompt and frame. */
function network(tag: number, sample: Float32Array, level: Level, negative: boolean): Float32Array {
  const shift = negative ? -0.4 : 0.2 + 0.01 * tag;
  return sample.map((x, i) => Math.tanh(0.7 * x + shift) - 0.3 * Math.cos(level.time / 500 + i));
}

class Counted {
  readonly calls: number[] = [];
  readonly run: RunRows<number> = async (rows) => {
    this.calls.push(rows.length);
    return rows.map(({ tag, sample, level, negative }) => network(tag, sample, level, negative));
  };
}

/** The loop over one frame's levels alone, written out from the papers' formulas in double precision. */
function alone(
  prediction: Prediction,
  plan: Plan,
  tag: number,
  source: Float32Array,
  noises: Float32Array[],
): Float64Array {
  const { mode, scale, delta } = plan.guidance;
  const first = plan.levels[0]!;
  let x: ArrayLike<number> = Float32Array.from(
    source,
    (z, i) => first.signal * z + first.noise * noises[0]![i]!,
  );
  let reference: ArrayLike<number> = source;
  let clean = new Float64Array(SIZE);
  const toClean = (level: Level, sample: number, output: number) => {
    const { signal: a, noise: b } = level;
    const f = {
      epsilon: (sample - b * output) / a,
      v: a * sample - b * output,
      clean: output,
      flow: sample - b * output,
    };
    return level.cOut * f[prediction] + level.cSkip * sample;
  };
  const toOutput = (level: Level, sample: number, z: number) => {
    const { signal: a, noise: b } = level;
    return { epsilon: (sample - a * z) / b, v: (a * sample - z) / b, clean: z, flow: (sample - z) / b }[
      prediction
    ];
  };
  for (const [k, level] of plan.levels.entries()) {
    const sample = Float32Array.from(x);
    const output = network(tag, sample, level, false);
    const against = network(tag, sample, level, true);
    if (mode === 'onetime' && k === 0)
      reference = Float64Array.from(sample, (s, i) => toClean(level, s, against[i]!));
    clean = Float64Array.from(sample, (s, i) => {
      if (mode === 'none') return toClean(level, s, output[i]!);
      const isRun = mode === 'full' || (mode === 'onetime' && k === 0);
      const base = (mode === 'full' ? 1 : delta) * (isRun ? against[i]! : toOutput(level, s, reference[i]!));
      return toClean(level, s, base + scale * (output[i]! - base));
    });
    const next = plan.levels[k + 1];
    if (next)
      x = Float64Array.from(
        clean,
        (z, i) => next.signal * z + (plan.renoise ? next.noise * noises[k + 1]![i]! : 0),
      );
  }
  return clean;
}

const LISTS: Record<number, [lcm: number[], sigmas: number[]]> = {
  1: [[32], [1]],
  2: [
    [32, 45],
    [1, 0.8],
  ],
  4: [
    [0, 16, 32, 45],
    [1, 0.9, 0.8, 0.7],
  ],
};

function planOf(prediction: Prediction, n: number, guidance: Guidance = NONE): Plan {
  const [lcm, sigmas] = LISTS[n]!;
  const levels = prediction === 'flow' ? flowLevels(sigmas) : lcmLevels(lcm);
  return { levels, guidance, renoise: true, start: 'source' };
}

function worst(a: ArrayLike<number>, b: ArrayLike<number>): number {
  return Array.from(a, (value, i) => Math.abs(value - b[i]!)).reduce(
    (most, apart) => Math.max(most, apart),
    0,
  );
}

describe('StreamBatch', () => {
  const predictions: Prediction[] = ['epsilon', 'v', 'clean', 'flow'];
  const cases = predictions.flatMap((prediction) =>
    [1, 2, 4].flatMap((n) => [1, 2].map((buffer) => [prediction, n, buffer] as const)),
  );

  it.each(cases)(
    '[S3] %s, %i levels, frame buffer %i: equals the loop over each frame alone',
    async (prediction, n, buffer) => {
      const counted = new Counted();
      const batch = new StreamBatch<number>(prediction, counted.run);
      const noises = Array.from({ length: n }, (_, slot) => normals(2, slot));
      const plan = planOf(prediction, n);
      const found = new Map<number, Float32Array>();
      const order: number[] = [];
      for (let k = 0; k < 12; k++) {
        for (let f = 0; f < buffer; f++) {
          const tag = buffer * k + f;
          batch.enter({ tag, plan, source: normals(100 + tag), noises });
        }
        for (const { tag, clean } of await batch.step()) {
          found.set(tag, clean.slice());
          order.push(tag);
          batch.recycle(clean);
        }
      }
      expect(order).toEqual(Array.from({ length: buffer * (12 - n + 1) }, (_, tag) => tag));
      // Warm-up grows the batch; from then on each run holds all levels.
      expect(counted.calls).toEqual(Array.from({ length: 12 }, (_, k) => buffer * Math.min(n, k + 1)));
      // The same frames one by one through the same code: bit for bit.
      for (const [tag, clean] of found) {
        const single = new StreamBatch<number>(prediction, counted.run);
        single.enter({ tag, plan, source: normals(100 + tag), noises });
        let done: { clean: Float32Array }[] = [];
        for (let level = 0; level < n; level++) done = await single.step();
        expect(clean).toEqual(done[0]!.clean);
        expect(worst(clean, alone(prediction, plan, tag, normals(100 + tag), noises))).toBeLessThan(1e-4);
      }
    },
  );

  it.each([
    ['none', 4],
    ['full', 8],
    ['self', 4],
    ['onetime', 5],
  ] as const)(
    '[S6] %s takes %i rows a frame with four levels, and gives what its formula says',
    async (mode, rows) => {
      for (const prediction of ['epsilon', 'v', 'flow'] as const) {
        const guidance: Guidance = { mode, scale: 1.4, delta: 0.7 };
        const counted = new Counted();
        const batch = new StreamBatch<number>(prediction, counted.run);
        const noises = [0, 1, 2, 3].map((slot) => normals(2, slot));
        const plan = planOf(prediction, 4, guidance);
        for (let tag = 0; tag < 8; tag++) {
          batch.enter({ tag, plan, source: normals(50 + tag), noises });
          for (const { tag: done, clean } of await batch.step()) {
            const expected = alone(prediction, plan, done, normals(50 + done), noises);
            const scale = Math.max(1, ...Array.from(expected, Math.abs));
            expect(worst(clean, expected) / scale).toBeLessThan(2e-5);
          }
        }
        expect(counted.calls.at(-1)).toBe(rows);
      }
    },
  );

  it('[S6] with γ = 1 and δ = 1 all four are the same', async () => {
    const noises = [0, 1, 2, 3].map((slot) => normals(2, slot));
    const results: Float32Array[] = [];
    for (const mode of ['none', 'full', 'self', 'onetime'] as const) {
      const batch = new StreamBatch<number>('flow', new Counted().run);
      batch.enter({
        tag: 1,
        plan: planOf('flow', 4, { mode, scale: 1, delta: 1 }),
        source: normals(9),
        noises,
      });
      for (let level = 0; level < 3; level++) await batch.step();
      results.push((await batch.step())[0]!.clean.slice());
    }
    for (const result of results) expect(worst(result, results[0]!)).toBeLessThan(1e-5);
  });

  it.each(['self', 'onetime'] as const)(
    '[S6] %s is what the paper’s stock of residual noise gives, shifted with the frames',
    async (mode) => {
      const n = 4;
      const levels = turboLevels(LISTS[n]![0]);
      const [scale, delta] = [1.4, 0.8];
      const noises = [0, 1, 2, 3].map((slot) => normals(2, slot));
      const plan: Plan = { levels, guidance: { mode, scale, delta }, renoise: true, start: 'source' };
      const batch = new StreamBatch<number>('epsilon', new Counted().run);
      // The reference: buffer, and stock beside it, as StreamDiffusion's pipeline keeps them, in doubles.
      const zero = () => new Float64Array(SIZE);
      const [a, b] = [levels.map(({ signal }) => signal), levels.map(({ noise }) => noise)];
      let [samples, stock]: [Float64Array[], Float64Array[]] = [[], []];
      for (let tag = 0; tag < 10; tag++) {
        const source = normals(70 + tag);
        batch.enter({ tag: 0, plan, source, noises });
        const [done] = await batch.step();
        samples = [Float64Array.from(source, (z, i) => a[0]! * z + b[0]! * noises[0]![i]!), ...samples].slice(
          0,
          n,
        );
        stock = [Float64Array.from(noises[0]!), ...stock].slice(0, n);
        if (mode === 'onetime') {
          stock[0] = Float64Array.from(network(0, Float32Array.from(samples[0]!), levels[0]!, true));
        }
        const nextSamples: Float64Array[] = [];
        const nextStock: Float64Array[] = [];
        let out = zero();
        for (const [k, x] of samples.entries()) {
          const text = network(0, Float32Array.from(x), levels[k]!, false);
          const epsilon = Float64Array.from(
            text,
            (t, i) => delta * stock[k]![i]! + scale * (t - delta * stock[k]![i]!),
          );
          const clean = Float64Array.from(x, (s, i) => (s - b[k]! * epsilon[i]!) / a[k]!);
          if (k === n - 1) out = clean;
          else {
            nextSamples.push(
              Float64Array.from(clean, (z, i) => a[k + 1]! * z + b[k + 1]! * noises[k + 1]![i]!),
            );
            const moved = Float64Array.from(stock[k]!, (s, i) => (b[k]! * s - b[k]! * epsilon[i]!) / a[k]!);
            nextStock.push(
              Float64Array.from(moved, (d, i) => noises[k + 1]![i]! + (d * a[k + 1]!) / b[k + 1]!),
            );
          }
        }
        samples = nextSamples;
        stock = nextStock;
        if (!done) continue;
        const size = Math.max(1, ...Array.from(out, Math.abs));
        expect(worst(done.clean, out) / size).toBeLessThan(2e-5);
      }
    },
  );

  it('[S4] frames with other plans go beside each other, each as if alone', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.constantFrom(1, 2, 4), { minLength: 1, maxLength: 12 }), async (steps) => {
        const batch = new StreamBatch<number>('flow', new Counted().run);
        const noises = [0, 1, 2, 3].map((slot) => normals(2, slot));
        const done: number[] = [];
        const check = async () => {
          for (const { tag, clean } of await batch.step()) {
            done.push(tag);
            const plan = planOf('flow', steps[tag]!);
            expect(worst(clean, alone('flow', plan, tag, normals(tag), noises))).toBeLessThan(1e-5);
          }
        };
        for (const [tag, n] of steps.entries()) {
          batch.enter({ tag, plan: planOf('flow', n), source: normals(tag), noises });
          await check();
        }
        while (batch.size > 0) await check();
        expect(done.toSorted((x, y) => x - y)).toEqual(steps.map((_, tag) => tag));
      }),
      { numRuns: 30 },
    );
  });

  it('[S5] what enters or is dropped while the network runs is neither mixed up nor gone on with', async () => {
    let running = () => {};
    const held = async (rows: readonly Row<number>[]) => {
      const copies = rows.map(({ tag, sample, level, negative }) =>
        network(tag, sample.slice(), level, negative),
      );
      await new Promise<void>((resolve) => (running = resolve));
      return copies;
    };
    const batch = new StreamBatch<number>('flow', held);
    const noises = [0, 1].map((slot) => normals(2, slot));
    const plan = planOf('flow', 1);
    batch.enter({ tag: 1, plan, source: normals(1), noises });
    batch.enter({ tag: 2, plan, source: normals(2), noises });
    const step = batch.step();
    batch.enter({ tag: 3, plan, source: normals(3), noises });
    expect(batch.drop((tag) => tag === 1)).toEqual([1]);
    running();
    const done = await step;
    expect(done.map(({ tag }) => tag)).toEqual([2]);
    expect(worst(done[0]!.clean, alone('flow', plan, 2, normals(2), noises))).toBeLessThan(1e-5);
    expect(batch.size).toBe(1);
  });

  it('[S3] without noise put back the estimate is only scaled; from noise alone a frame starts without its source', async () => {
    const batch = new StreamBatch<number>('epsilon', new Counted().run);
    const noises = [0, 1].map((slot) => normals(2, slot));
    const plan: Plan = { ...planOf('epsilon', 2), renoise: false };
    batch.enter({ tag: 0, plan, source: normals(1), noises });
    await batch.step();
    const [plain] = await batch.step();
    expect(worst(plain!.clean, alone('epsilon', plan, 0, normals(1), noises))).toBeLessThan(1e-4);
    const free: Plan = { ...planOf('epsilon', 1), start: 'noise' };
    const [a, b] = [1, 2].map((seed) => ({ tag: 0, plan: free, source: normals(seed), noises }));
    batch.enter(a!);
    batch.enter(b!);
    const [first, second] = await batch.step();
    expect(first!.clean).toEqual(second!.clean);
  });

  it('refuses a frame without its noises, and self-negative guidance without a source', () => {
    const batch = new StreamBatch<number>('flow', new Counted().run);
    const entering = { tag: 0, plan: planOf('flow', 2), source: normals(1), noises: [normals(2)] };
    expect(() => batch.enter(entering)).toThrow(
      'must have a noise of 24 numbers for each of its 2 levels, has 1',
    );
    const plan: Plan = { ...planOf('flow', 1, { mode: 'self', scale: 1, delta: 1 }), start: 'noise' };
    expect(() => batch.enter({ ...entering, plan })).toThrow('needs a source picture');
  });

  it('a run that fails leaves no frame under way', async () => {
    const batch = new StreamBatch<number>('flow', async () => {
      throw new Error('Out of memory');
    });
    batch.enter({ tag: 0, plan: planOf('flow', 1), source: normals(1), noises: [normals(2)] });
    await expect(batch.step()).rejects.toThrow('Out of memory');
    expect(batch.size).toBe(0);
    expect(await batch.step()).toEqual([]);
  });
});
