import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { StageTimes } from '../runtime/timing';
import { CausalStream, type ChunkLook } from './causal-stream';
import { latentSize, type Shape } from './contract';
import type { GeneratePipeline } from './pipeline';
import { fillChunkNoise } from './sampling';
import type { StepPasses } from './step-runner';
import { ChunkMemory } from './chunk-memory';
import { always, expectProbe, openTiny, readGolden, worstDifference } from './testing';

const golden = readGolden();
const GOLDEN_SEED = {
  low: Number(BigInt(golden.seed) & 0xffffffffn),
  high: Number(BigInt(golden.seed) >> 32n),
};
const AGREES = 1e-4;

describe('the causal stream on the tiny step graph', { timeout: 120_000 }, () => {
  let pipeline: GeneratePipeline;
  let prompts: Float32Array[];
  let shape: Shape;
  beforeAll(async () => {
    pipeline = await openTiny();
    shape = pipeline.contract;
    prompts = [];
    for (const { prompt } of golden.prompts)
      prompts.push(await pipeline.embed(pipeline.tokenize(prompt).ids));
  }, 60_000);
  afterAll(() => pipeline.release());

  const look = (prompt: number, change: Partial<ChunkLook> = {}): ChunkLook => ({
    hidden: prompts[prompt]!,
    seed: GOLDEN_SEED,
    rewrite: false,
    ...change,
  });
  const chunkOf = (index: number) => {
    const noise = new Float32Array(shape.chunk * latentSize(shape));
    fillChunkNoise(GOLDEN_SEED, index, 0, noise);
    return noise;
  };

  it.each(golden.prompts)(
    '[G3] hears a prompt as the trainer does: $prompt',
    async ({ prompt, ids, hidden }) => {
      expect(pipeline.tokenize(prompt).ids).toEqual(ids);
      const embedded = await pipeline.embed(ids);
      hidden.forEach((value, i) => expect(embedded[i]).toBeCloseTo(value, 5));
    },
  );

  it('[G2] [G4] eight chunks, sliding over the sink, equal the trainer’s roll-out', async () => {
    const stream = new CausalStream(pipeline.runner, shape, new StageTimes());
    for (const probe of golden.shows.find((show) => show.switchBefore === 99)!.chunks) {
      expectProbe((await stream.advance(look(0), always))!, probe, golden.probes);
    }
  });

  it('[G7] a prompt switch equals the trainer’s re-cache, and not the run that keeps the old keys', async () => {
    const anew = golden.shows.find((show) => show.switchBefore === 6 && show.recache)!;
    const kept = golden.shows.find((show) => show.switchBefore === 6 && !show.recache)!;
    for (const show of [anew, kept]) {
      const stream = new CausalStream(pipeline.runner, shape, new StageTimes());
      for (const [c, probe] of show.chunks.entries()) {
        const rewrite = c === show.switchBefore && show.recache;
        const latents = await stream.advance(look(c < show.switchBefore ? 0 : 1, { rewrite }), always);
        expectProbe(latents!, probe, golden.probes);
      }
    }
    const apart = anew.chunks[6]!.values.map((value, i) => Math.abs(value - kept.chunks[6]!.values[i]!));
    expect(Math.max(...apart)).toBeGreaterThan(100 * AGREES);
  });

  it('[G7] after a switch nothing of the old prompt is left in keys and values', async () => {
    const stream = new CausalStream(pipeline.runner, shape, new StageTimes());
    for (let c = 0; c < 6; c++) await stream.advance(look(0), always);
    let asked = 0;
    // Stops between the re-cache and the first denoising pass.
    await stream.advance(look(1, { rewrite: true }), async () => ++asked > 1);
    const expected = new ChunkMemory(shape);
    const pair = await pipeline.runner.windowPass(prompts[1]!, stream.memory);
    for (let c = 0; c < 6; c++) expected.slots.push();
    expected.rewriteKeys(pair.keys, pair.values);
    expect(worstDifference(stream.memory.keys, expected.keys)).toBe(0);
    expect(worstDifference(stream.memory.values, expected.values)).toBe(0);
  });

  it.each(golden.cachedIsMasked.cases)(
    '[G6] $chunks chunks in turn over the memory equal one masked run (window $window, sink $sink)',
    async ({ chunks, window, sink, sigma, velocity }) => {
      const own = { ...shape, window, sink };
      const runner = pipeline.makeRunner(own);
      const memory = new ChunkMemory(own);
      const all = Array.from({ length: chunks }, (_, c) => chunkOf(c));
      for (const latents of all.slice(0, -1)) {
        const { keys, values } = await runner.cleanPass(latents, prompts[0]!, memory);
        memory.push(latents, keys, values);
      }
      const cached = Float32Array.from(await runner.velocity(all.at(-1)!, sigma, prompts[0]!, memory));
      const sample = Float32Array.from(all.flatMap((latents) => [...latents]));
      const sigmas = Array.from({ length: chunks * shape.chunk }, (_, frame) =>
        frame < (chunks - 1) * shape.chunk ? 0 : sigma,
      );
      const masked = await runner.maskedVelocity(sample, sigmas, prompts[0]!);
      expect(worstDifference(cached, masked.slice(-cached.length))).toBeLessThanOrEqual(AGREES);
      expectProbe(cached, velocity, golden.probes);
    },
  );

  it('[G5] frame 12 and frame 12,000 agree when they remember the same', async () => {
    const run = async (chunksBefore: number) => {
      const memory = new ChunkMemory(shape);
      const remembered = [0, 1, 2].map((i) => chunkOf(100 + i));
      // The same three chunks are what is left of a short past and of a long one.
      for (let c = 0; c < chunksBefore; c++) memory.slots.push();
      const pair = await windowOf(remembered, memory);
      memory.rewriteKeys(pair.keys, pair.values);
      return Float32Array.from(await pipeline.runner.velocity(chunkOf(7), 0.625, prompts[0]!, memory));
    };
    const windowOf = async (remembered: Float32Array[], memory: ChunkMemory) => {
      const plain = new ChunkMemory(shape);
      const none = new Float32Array(shape.layers * shape.heads * shape.chunk * shape.tokens * shape.depth);
      for (const latents of remembered) plain.push(latents, none, none);
      expect(memory.slots.inOrder()).toHaveLength(plain.slots.made);
      return pipeline.runner.windowPass(prompts[0]!, plain);
    };
    const early = await run(4);
    // Frames 9 and 12,003 find the same in another order of slots.
    for (const chunksBefore of [4000, 3, 4001]) {
      expect(worstDifference(early, await run(chunksBefore))).toBeLessThanOrEqual(AGREES);
    }
  });

  it('[G4] bytes and tensors stay the same however long it runs', async () => {
    const stream = new CausalStream(pipeline.runner, shape, new StageTimes());
    const { bytes, keys, values } = stream.memory;
    for (let c = 0; c < 12; c++) await stream.advance(look(0, { rewrite: c % 5 === 4 }), always);
    const layouts = pipeline.runner.layouts;
    const workspaces = pipeline.runner.workspaces;
    for (let c = 0; c < 12; c++) await stream.advance(look(0, { rewrite: c % 5 === 4 }), always);
    expect(stream.memory.bytes).toBe(bytes);
    expect(stream.memory.keys).toBe(keys);
    expect(stream.memory.values).toBe(values);
    expect(pipeline.runner.layouts).toBe(layouts);
    expect(pipeline.runner.workspaces).toBe(workspaces);
  });

  it('[G2] the seed changes the film from the chunk on that it comes with', async () => {
    const film = async (seeds: number[]) => {
      const stream = new CausalStream(pipeline.runner, shape, new StageTimes());
      const out: Float32Array[] = [];
      for (const low of seeds) {
        out.push(Float32Array.from((await stream.advance(look(0, { seed: { low, high: 0 } }), always))!));
      }
      return out;
    };
    const [a, b] = [await film([3, 3, 3]), await film([3, 3, 4])];
    for (const i of [0, 1]) expect(worstDifference(a[i]!, b[i]!)).toBe(0);
    expect(worstDifference(a[2]!, b[2]!)).toBeGreaterThan(0.1);
  });

  it('[G9] a film that begins anew is the film that began with that chunk', async () => {
    const stream = new CausalStream(pipeline.runner, shape, new StageTimes());
    for (let c = 0; c < 5; c++) await stream.advance(look(0), always);
    stream.begin(2);
    const again = Float32Array.from((await stream.advance(look(1), always))!);
    const fresh = new CausalStream(pipeline.runner, shape, new StageTimes());
    fresh.begin(2);
    expect(worstDifference(again, (await fresh.advance(look(1), always))!)).toBe(0);
  });

  it.each([1, 2, 3, 4])(
    '[G14] ends within one run: told no after run %i, no further one is made',
    async (after) => {
      let runs = 0;
      const counted: StepPasses = {
        velocity: (...args) => (runs++, pipeline.runner.velocity(...args)),
        cleanPass: (...args) => (runs++, pipeline.runner.cleanPass(...args)),
        windowPass: (...args) => (runs++, pipeline.runner.windowPass(...args)),
      };
      const stream = new CausalStream(counted, shape, new StageTimes());
      const made = await stream.advance(look(0), async () => runs < after);
      expect(runs).toBe(after);
      expect(made).toBeNull();
      expect(stream.memory.slots.made).toBe(0);
    },
  );

  it.each(['velocity', 'keys', 'values'] as const)('[G12] refuses %s that are not numbers', async (where) => {
    const broken: StepPasses = {
      velocity: async (...args) => {
        const velocity = await pipeline.runner.velocity(...args);
        return where === 'velocity' ? velocity.fill(Number.NaN, 5, 6) : velocity;
      },
      cleanPass: async (...args) => {
        const pair = await pipeline.runner.cleanPass(...args);
        if (where !== 'velocity') pair[where].fill(Number.POSITIVE_INFINITY, 9, 10);
        return pair;
      },
      windowPass: (...args) => pipeline.runner.windowPass(...args),
    };
    const stream = new CausalStream(broken, shape, new StageTimes());
    await expect(stream.advance(look(0), always)).rejects.toMatchObject({ code: 'engine.failed' });
    expect(stream.memory.slots.made).toBe(0);
  });
});
