import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SHIPPED_MODELS_DIR } from '../../engines/testing/fixtures';
import { readCatalogue } from '../known-models';
import { attend, conv, gflops, linear, repeat, sum, type Cost } from './cost';
import { codecDecoder, codecEncoder } from './diffusion-codec';
import { diffusionUnet } from './diffusion-unet';
import { modnet } from './modnet';
import { publicCosts } from './public-costs';
import { taesdDecoder, taesdEncoder } from './taesd';
import { compactUpscaler, residualDenseUpscaler2x } from './upscalers';

const LARGE = 512 ** 2;
const LATENT = 64 ** 2;
const file = join(SHIPPED_MODELS_DIR, 'public-models.json');

describe('one layer', () => {
  it('a convolution costs what its loops do', () => {
    const size = fc.integer({ min: 1, max: 4 });
    fc.assert(
      fc.property(size, size, fc.constantFrom(1, 3, 5), size, (from, to, kernel, area) => {
        let [weighted, weights] = [0, 0];
        for (let at = 0; at < area; at += 1)
          for (let out = 0; out < to; out += 1)
            for (let into = 0; into < from; into += 1)
              for (let tap = 0; tap < kernel * kernel; tap += 1) {
                weighted += 1;
                if (at === 0) weights += 1;
              }
        const cost = conv({ from, to, kernel, area });
        expect(cost).toEqual({ weighted, products: 0, parameters: weights + to });
      }),
    );
  });

  it('groups share the work out, attention costs two products, sums add up', () => {
    expect(conv({ from: 8, to: 8, area: 10, groups: 8, bias: false }).weighted).toBe(720);
    expect(linear(3, 5, 7)).toEqual({ weighted: 105, products: 0, parameters: 20 });
    expect(attend(6, 4, 8).products).toBe(2 * 6 * 4 * 8);
    expect(sum(repeat(3, linear(2, 2)), attend(1, 1, 1))).toEqual({
      weighted: 12,
      products: 2,
      parameters: 18,
    });
    expect(gflops({ weighted: 1.2345e9, products: 1e9, parameters: 0 })).toBe(4.47);
  });
});

describe('the architectures are the published ones', () => {
  // Parameters as the weights of the releases have them.
  it.each<[string, Cost, number]>([
    ['Stable Diffusion 1.5, U-Net', diffusionUnet(LATENT, { text: 768, guidance: 0 }), 859_520_964],
    ['Stable Diffusion 2.1, U-Net', diffusionUnet(LATENT, { text: 1024, guidance: 0 }), 865_910_724],
    ['Stable Diffusion, codec', sum(codecEncoder(LARGE), codecDecoder(LARGE)), 83_653_863],
    ['TAESD, encoder', taesdEncoder(LARGE), 1_222_532],
    ['TAESD, decoder', taesdDecoder(LARGE), 1_222_531],
    ['realesr-general-x4v3', compactUpscaler(32, 4, 1), 1_213_296],
    ['realesr-animevideov3', compactUpscaler(16, 4, 1), 621_424],
    ['RealESRGAN x2 plus', residualDenseUpscaler2x(4), 16_703_171],
  ])('%s has its number of parameters', (_, { parameters }, published) => {
    expect(parameters).toBe(published);
  });

  it('MODNet and the compact network fill the files that the catalogue knows the size of', async () => {
    const { models } = await readCatalogue(file);
    const bytesOf = (id: string) => models.find((model) => model.id === id)?.files[0]?.bytes ?? 0;
    const share = ({ parameters }: Cost, id: string) => (4 * parameters) / bytesOf(id);
    // An export folds MobileNet's norms into its convolutions and adds the graph itself.
    expect(share(modnet(LARGE), 'modnet')).toBeCloseTo(1, 2);
    expect(share(compactUpscaler(32, 4, 1), 'realesr-general-x4v3')).toBeCloseTo(1, 2);
  });

  // Kim et al., BK-SDM (arXiv 2305.15798), figure 2: counted by hooks on layers, so without attention's products.
  it('their multiply-adds are those that were counted elsewhere', () => {
    expect(diffusionUnet(LATENT, { text: 768, guidance: 0 }).weighted / 1e9).toBeCloseTo(338.7, 0);
    expect(codecDecoder(LARGE).weighted / 1e9).toBeCloseTo(1240, 0);
  });

  it('a network that stays at one size costs its weights at each pixel', () => {
    const { weighted, parameters } = compactUpscaler(32, 4, 1000);
    const biases = 33 * 64 + 48;
    const slopes = 33 * 64;
    expect(weighted).toBe(1000 * (parameters - biases - slopes));
  });

  it('four times the pixels cost four times as much, attention sixteen times', () => {
    for (const cost of [taesdEncoder, taesdDecoder, residualDenseUpscaler2x])
      expect(cost(4 * LARGE).weighted).toBe(4 * cost(LARGE).weighted);
    const [large, small] = [codecDecoder(4 * LARGE), codecDecoder(LARGE)];
    expect(large.weighted).toBe(4 * small.weighted);
    expect(large.products).toBe(16 * small.products);
  });
});

describe('public-models.json', () => {
  it('has the derived cost of each model, and none where none is derived', async () => {
    const { models } = await readCatalogue(file);
    const given = models.filter(({ cost }) => cost !== null).map(({ id, cost }) => [id, cost]);
    expect(Object.fromEntries(given)).toEqual(publicCosts());
  });

  it('says in its note why a model has no cost', () => {
    const { models } = JSON.parse(readFileSync(file, 'utf8')) as {
      models: { cost: unknown; note: string }[];
    };
    for (const { cost, note } of models) if (cost === null) expect(note).toContain('Cost not derived:');
  });
});
