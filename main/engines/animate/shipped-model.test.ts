import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { StageTimes } from '../runtime/timing';
import { SHIPPED_MODELS_DIR, copyOf, gradientPicture } from '../testing/fixtures';
import { AnimatePipeline } from './pipeline';
import { renderOne, type PlainLook } from './testing';

const SIDE = 256;
const MODEL = 'animate-mini';

describe('the shipped animate model', { timeout: 120_000 }, () => {
  let copy: ReturnType<typeof copyOf>;
  let pipeline: AnimatePipeline;
  beforeAll(async () => {
    // A copy without the training code: the model must need nothing but its own files.
    copy = copyOf(SHIPPED_MODELS_DIR, ['catalogue.json', 'contracts', 'models']);
    expect(existsSync(join(copy.dir, 'train'))).toBe(false);
    pipeline = await AnimatePipeline.open(copy.dir, MODEL, 1, new StageTimes());
  }, 120_000);
  afterAll(async () => {
    await pipeline.release();
    copy.dispose();
  });

  async function render(prompt: string, change: Partial<PlainLook> = {}): Promise<Uint8ClampedArray> {
    const look = { prompt: pipeline.tokenize(prompt), strength: 1, seed: 2, ...change };
    const size = { width: SIDE, height: SIDE };
    return renderOne(pipeline, { ...size, rgba: gradientPicture(SIDE, SIDE) }, size, look);
  }

  it('the prompt changes the picture; the same prompt gives the same one', async () => {
    const ink = await render('ink monochrome');
    const neon = await render('neon night');
    expect(meanDifference(ink, neon)).toBeGreaterThan(10);
    expect(await render('ink monochrome')).toEqual(ink);
  });

  it('the seed changes the picture', async () => {
    expect(await render('ink', { seed: 3 })).not.toEqual(await render('ink'));
  });

  it('strength 0 is nearer to the source than strength 1', async () => {
    const source = new Uint8ClampedArray(gradientPicture(SIDE, SIDE));
    const none = meanDifference(await render('thermal', { strength: 0 }), source);
    const full = meanDifference(await render('thermal'), source);
    expect(none).toBeLessThan(full);
  });

  it('hears every word it lists, and every synonym', () => {
    const { words, synonyms } = JSON.parse(
      readFileSync(join(copy.dir, 'models/animate/vocabulary.json'), 'utf8'),
    ) as { words: Record<string, number>; synonyms: Record<string, string> };
    for (const word of [...Object.keys(words), ...Object.keys(synonyms)]) {
      expect(pipeline.tokenize(word).unheard, word).toEqual([]);
    }
  });
});

function meanDifference(a: Uint8ClampedArray, b: Uint8ClampedArray): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += Math.abs(a[i]! - b[i]!);
  return sum / (a.length * 0.75);
}
