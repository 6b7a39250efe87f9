import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { StageTimes } from '../runtime/timing';
import { TINY_MODEL, TINY_MODELS_DIR, copyOf, gradientPicture, readGoldenCases } from '../testing/fixtures';
import { AnimatePipeline } from './pipeline';
import { lookOf, renderOne, type PlainLook } from './testing';

describe('animate pipeline on the tiny graphs', { timeout: 30_000 }, () => {
  const times = new StageTimes();
  let pipeline: AnimatePipeline;
  beforeAll(async () => {
    pipeline = await AnimatePipeline.open(TINY_MODELS_DIR, TINY_MODEL, 1, times);
  });
  afterAll(() => pipeline.release());

  async function render(width: number, height: number, look: PlainLook): Promise<Uint8ClampedArray> {
    const source = { width, height, rgba: gradientPicture(width, height) };
    return renderOne(pipeline, source, { width, height }, look);
  }

  it.each(readGoldenCases())('[A1] equals the numpy derivation within one step: $prompt', async (golden) => {
    const prompt = pipeline.tokenize(golden.prompt);
    expect(prompt.ids).toEqual(golden.ids);
    const { width, height, strength, seed } = golden;
    const out = await render(width, height, { prompt, strength, seed });
    const expected = Buffer.from(golden.rgbBase64, 'base64');
    let worst = 0;
    for (let i = 0; i < width * height; i++) {
      for (let c = 0; c < 3; c++) worst = Math.max(worst, Math.abs(out[i * 4 + c]! - expected[i * 3 + c]!));
      expect(out[i * 4 + 3]).toBe(255);
    }
    expect(worst).toBeLessThanOrEqual(1);
  });

  const base = { strength: 0.5, seed: 2 };

  it('[A1] prompt, strength and seed each change the picture, and nothing else does', async () => {
    const prompt = pipeline.tokenize('ink');
    const first = await render(64, 64, { ...base, prompt });
    expect(await render(64, 64, { ...base, prompt })).toEqual(first);
    expect(await render(64, 64, { ...base, prompt: pipeline.tokenize('neon') })).not.toEqual(first);
    expect(await render(64, 64, { ...base, prompt, strength: 0.9 })).not.toEqual(first);
    expect(await render(64, 64, { ...base, prompt, seed: 3 })).not.toEqual(first);
  });

  it.each([1, 2, 4])('[S3] frames in one batch of %i levels come out as each does alone', async (steps) => {
    const size = { width: 64, height: 32 };
    const source = { ...size, rgba: gradientPicture(64, 32) };
    const looks: PlainLook[] = ['ink', 'neon', 'rain', 'snow', 'ink'].map((text, i) => ({
      prompt: pipeline.tokenize(text),
      strength: 0.2 * i,
      seed: i,
      steps,
      guidance: { mode: 'onetime', scale: 1.3, delta: 0.9 },
      negative: pipeline.tokenize('fog'),
    }));
    const before = pipeline.evaluations;
    const outs = looks.map(() => new Uint8ClampedArray(4 * 64 * 32));
    const order: unknown[] = [];
    const step = async () => {
      for (const { tag } of await pipeline.step((tag) => outs[tag as number]!)) order.push(tag);
    };
    for (const [i, look] of looks.entries()) {
      await pipeline.enter(i, source, size, await lookOf(pipeline, look, size));
      await step();
    }
    while (pipeline.underWay > 0) await step();
    expect(order).toEqual([0, 1, 2, 3, 4]);
    expect(pipeline.evaluations - before).toBe(looks.length * (steps + 1));
    for (const [i, look] of looks.entries()) {
      const alone = await renderOne(pipeline, source, size, look);
      const apart = alone.map((byte, at) => Math.abs(byte - outs[i]![at]!));
      // A rounding of the last place may fall the other way in a batch.
      expect(Math.max(...apart)).toBeLessThanOrEqual(1);
      expect(apart.filter((byte) => byte > 0).length).toBeLessThan(0.002 * apart.length);
    }
  });

  it('[S6] every guidance changes the picture, γ = 1 does not, and a negative prompt is heard', async () => {
    const look = (
      mode: 'none' | 'full' | 'self' | 'onetime',
      scale: number,
      negative = 'snow',
    ): PlainLook => ({
      prompt: pipeline.tokenize('ink'),
      strength: 0.5,
      seed: 2,
      guidance: { mode, scale, delta: 1 },
      negative: pipeline.tokenize(negative),
    });
    const plain = await render(64, 64, look('none', 1.5));
    for (const mode of ['full', 'self', 'onetime'] as const) {
      expect(await render(64, 64, look(mode, 1.5))).not.toEqual(plain);
      const one = await render(64, 64, look(mode, 1));
      expect(Math.max(...one.map((byte, i) => Math.abs(byte - plain[i]!)))).toBeLessThanOrEqual(1);
    }
    expect(await render(64, 64, look('full', 1.5))).not.toEqual(
      await render(64, 64, look('full', 1.5, 'rain')),
    );
    expect(await render(64, 64, look('self', 1.5))).toEqual(await render(64, 64, look('self', 1.5, 'rain')));
  });

  it('frames that are dropped do not come out', async () => {
    const size = { width: 32, height: 32 };
    const look = { ...base, prompt: pipeline.tokenize('ink'), steps: 2 };
    for (const tag of ['kept', 'dropped']) {
      const plain = await lookOf(pipeline, look, size);
      await pipeline.enter(tag, { ...size, rgba: gradientPicture(32, 32) }, size, plain);
    }
    expect(pipeline.drop((tag) => tag === 'dropped')).toEqual(['dropped']);
    const out = new Uint8ClampedArray(4 * 32 * 32);
    expect(await pipeline.step(() => out)).toEqual([]);
    expect(await pipeline.step(() => out)).toEqual([{ tag: 'kept', broken: null }]);
    expect(pipeline.underWay).toBe(0);
  });

  it('says where pictures are packed, and why there', () => {
    expect(['cpu', 'webgpu']).toContain(pipeline.images.backend);
    expect(pipeline.images.reason).toMatch(/^\S.*\.$/);
  });

  it('[A3] takes any size of the contract’s multiple and keeps sizes apart', async () => {
    const prompt = pipeline.tokenize('ink');
    const small = await render(48, 32, { ...base, prompt });
    await render(32, 48, { ...base, prompt });
    await render(256, 256, { ...base, prompt });
    expect(await render(48, 32, { ...base, prompt })).toEqual(small);
  });

  it('[A4] the text encoder runs once per token sequence', async () => {
    const counted = new StageTimes(() => 0);
    const own = await AnimatePipeline.open(TINY_MODELS_DIR, TINY_MODEL, 1, counted);
    const looks = ['snow', 'snowy', 'rain', 'snow'].map((text) => own.tokenize(text));
    let embeddings = 0;
    const since = counted.since.bind(counted);
    counted.since = (stage, start) => {
      if (stage === 'prompt') embeddings++;
      return since(stage, start);
    };
    const size = { width: 32, height: 32 };
    for (const prompt of looks)
      await renderOne(own, { ...size, rgba: gradientPicture(32, 32) }, size, { ...base, prompt });
    await own.release();
    expect(embeddings).toBe(2);
  });

  it.each([
    [40, 32],
    [32, 0],
    [2048, 32],
  ])('[A3] refuses a %i×%i picture with argument.invalid', async (width, height) => {
    await expect(render(width, height, { ...base, prompt: pipeline.tokenize('') })).rejects.toMatchObject({
      code: 'argument.invalid',
    });
    // The pipeline is free again afterwards.
    await render(32, 32, { ...base, prompt: pipeline.tokenize('') });
  });

  it('[A7] refuses a picture with more than 1 % values that are not numbers', async () => {
    const look = { prompt: pipeline.tokenize('ink'), strength: Number.NaN, seed: 2 };
    await expect(render(32, 32, look)).rejects.toMatchObject({ code: 'engine.failed' });
  });

  it('reports the mean time of every stage', () => {
    expect(Object.keys(times.means())).toEqual(
      expect.arrayContaining(['unpack', 'encode', 'denoise', 'decode', 'pack']),
    );
  });

  it('another model file gives another picture', async () => {
    const copy = copyOf(TINY_MODELS_DIR);
    try {
      const file = join(copy.dir, 'models/animate/unet.onnx');
      const bytes = readFileSync(file);
      // The middle of the file is the convolution's weights; the top bit of each byte flips
      // signs and halves or doubles values, which all stay finite.
      for (let i = 10_000; i < 14_000; i++) bytes[i] = bytes[i]! ^ 0x80;
      writeFileSync(file, bytes);
      const catalogueFile = join(copy.dir, 'catalogue.json');
      const catalogue = JSON.parse(readFileSync(catalogueFile, 'utf8'));
      for (const entry of catalogue.models[0].files) {
        if (entry.role === 'unet') entry.sha256 = createHash('sha256').update(bytes).digest('hex');
      }
      writeFileSync(catalogueFile, JSON.stringify(catalogue));
      const changed = await AnimatePipeline.open(copy.dir, TINY_MODEL, 1, new StageTimes());
      const look = { ...base, prompt: changed.tokenize('ink') };
      const size = { width: 64, height: 64 };
      const out = await renderOne(changed, { ...size, rgba: gradientPicture(64, 64) }, size, look);
      await changed.release();
      expect(out).not.toEqual(await render(64, 64, { ...base, prompt: pipeline.tokenize('ink') }));
    } finally {
      copy.dispose();
    }
  });
});
