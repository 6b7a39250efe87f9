import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { StageTimes } from '../runtime/timing';
import { TINY_MODEL, TINY_MODELS_DIR, copyOf, gradientPicture, readGoldenCases } from '../testing/fixtures';
import { AnimatePipeline, type Look } from './pipeline';

describe('animate pipeline on the tiny graphs', { timeout: 30_000 }, () => {
  const times = new StageTimes();
  let pipeline: AnimatePipeline;
  beforeAll(async () => {
    pipeline = await AnimatePipeline.open(TINY_MODELS_DIR, TINY_MODEL, 1, times);
  });
  afterAll(() => pipeline.release());

  async function render(width: number, height: number, look: Look): Promise<Uint8ClampedArray> {
    const out = new Uint8ClampedArray(width * height * 4);
    await pipeline.render(
      { width, height, rgba: gradientPicture(width, height) },
      { width, height },
      look,
      out,
    );
    return out;
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
    const out = new Uint8ClampedArray(32 * 32 * 4);
    const size = { width: 32, height: 32 };
    for (const prompt of looks)
      await own.render({ ...size, rgba: gradientPicture(32, 32) }, size, { ...base, prompt }, out);
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
      const out = new Uint8ClampedArray(64 * 64 * 4);
      const look = { ...base, prompt: changed.tokenize('ink') };
      const size = { width: 64, height: 64 };
      await changed.render({ ...size, rgba: gradientPicture(64, 64) }, size, look, out);
      await changed.release();
      expect(out).not.toEqual(await render(64, 64, { ...base, prompt: pipeline.tokenize('ink') }));
    } finally {
      copy.dispose();
    }
  });
});
