import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { StageTimes } from '../runtime/timing';
import { SHIPPED_MODELS_DIR, copyOf } from '../testing/fixtures';
import { CausalStream } from './causal-stream';
import { ChunkMemory } from './chunk-memory';
import { latentSize } from './contract';
import { GeneratePipeline } from './pipeline';
import { fillChunkNoise } from './sampling';
import { always, worstDifference } from './testing';

const MODEL = 'scenes';

describe('the shipped scenes model', { timeout: 180_000 }, () => {
  let copy: ReturnType<typeof copyOf>;
  let pipeline: GeneratePipeline;
  let hidden: Float32Array;
  beforeAll(async () => {
    // A copy without the training code: the model must need nothing but its own files.
    copy = copyOf(SHIPPED_MODELS_DIR, ['catalogue.json', 'contracts', 'models/scenes', 'models/animate']);
    expect(existsSync(join(copy.dir, 'train'))).toBe(false);
    pipeline = await GeneratePipeline.open(copy.dir, MODEL, 1, new StageTimes());
    hidden = await pipeline.embed(pipeline.tokenize('mountains dusk').ids);
  }, 120_000);
  afterAll(async () => {
    await pipeline.release();
    copy.dispose();
  });

  const SEED = { low: 3, high: 0 };

  it('[G6] chunks in turn over the memory equal one masked run', async () => {
    const { contract, runner } = pipeline;
    const { chunk, window } = contract;
    const stream = new CausalStream(runner, contract, new StageTimes());
    const film: Float32Array[] = [];
    for (let c = 0; c < window / chunk - 1; c++) {
      film.push(Float32Array.from((await stream.advance({ hidden, seed: SEED, rewrite: false }, always))!));
    }
    const noise = new Float32Array(chunk * latentSize(contract));
    fillChunkNoise(SEED, film.length, 0, noise);
    const cached = Float32Array.from(await runner.velocity(noise, 0.625, hidden, stream.memory));
    const sample = Float32Array.from([...film, noise].flatMap((latents) => [...latents]));
    const sigmas = Array.from({ length: window }, (_, frame) => (frame < window - chunk ? 0 : 0.625));
    const masked = await runner.maskedVelocity(sample, sigmas, hidden);
    expect(worstDifference(cached, masked.slice(-cached.length))).toBeLessThanOrEqual(1e-4);
  });

  it('[G5] frame 12 and frame 12,000 agree when they remember the same', async () => {
    const { contract, runner } = pipeline;
    const latents = Array.from({ length: contract.window / contract.chunk - 1 }, (_, i) => {
      const out = new Float32Array(contract.chunk * latentSize(contract));
      fillChunkNoise(SEED, 100 + i, 0, out);
      return out;
    });
    const plain = new ChunkMemory(contract);
    const none = new Float32Array(plain.keys.length / plain.slots.capacity);
    for (const chunk of latents) plain.push(chunk, none, none);
    const run = async (chunksBefore: number) => {
      const memory = new ChunkMemory(contract);
      for (let c = 0; c < chunksBefore; c++) memory.slots.push();
      const { keys, values } = await runner.windowPass(hidden, plain);
      memory.rewriteKeys(keys, values);
      return Float32Array.from(await runner.velocity(latents[0]!, 0.625, hidden, memory));
    };
    const early = await run(4);
    for (const before of [4000, 4001])
      expect(worstDifference(early, await run(before))).toBeLessThanOrEqual(1e-4);
  });

  it('the prompt and the seed change the film', async () => {
    const chunkOf = async (prompt: string, low: number) => {
      const stream = pipeline.makeStream();
      const look = {
        hidden: await pipeline.embed(pipeline.tokenize(prompt).ids),
        seed: { low, high: 0 },
        rewrite: false,
      };
      return Float32Array.from((await stream.advance(look, always))!);
    };
    const first = await chunkOf('mountains dusk', 1);
    expect(worstDifference(first, await chunkOf('mountains dusk', 1))).toBe(0);
    expect(worstDifference(first, await chunkOf('city night', 1))).toBeGreaterThan(0.1);
    expect(worstDifference(first, await chunkOf('mountains dusk', 2))).toBeGreaterThan(0.1);
  });

  it('hears every word it lists, and every synonym', () => {
    const { words, synonyms } = pipeline.vocabulary;
    for (const word of [...Object.keys(words), ...Object.keys(synonyms)]) {
      expect(pipeline.tokenize(word).unheard, word).toEqual([]);
    }
  });
});
