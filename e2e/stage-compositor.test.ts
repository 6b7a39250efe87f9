import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startChromium, type TestBrowser } from './helpers/chromium';
import { StageHost } from './helpers/stage-host';

let host: StageHost;
let browser: TestBrowser;
let page: Page;

beforeAll(async () => {
  host = await StageHost.start('compositor');
  // Software WebGPU stands in for a real adapter; without this flag there is none.
  browser = await startChromium(['--enable-unsafe-webgpu']);
  page = await browser.context.newPage();
  await page.goto(host.origin);
  await page.waitForFunction(() => 'compositorHarness' in window);
});

afterAll(async () => {
  await browser?.close();
  await host?.stop();
});

describe('compositor backends', () => {
  it('blend as W3C Compositing says, computed by hand', async () => {
    // Ground at x = 0.5 is (192, 96, 48); the top at its upper edge is close to (255, 64, 0) at α ≈ 1.
    const sampled = await page.evaluate(async () => {
      const at = async (name: string) =>
        (await window.compositorHarness.sample('canvas2d', name, [[0.5, 0.205]]))[0]!;
      return {
        add: await at('add'),
        multiply: await at('multiply'),
        screen: await at('screen'),
        lighten: await at('lighten'),
        darken: await at('darken'),
        overlay: await at('overlay'),
        empty: await at('empty'),
      };
    });
    const near = (got: number[], expected: number[]) =>
      got.forEach((value, channel) => expect(Math.abs(value - expected[channel]!)).toBeLessThanOrEqual(6));
    near(sampled.empty, [0, 0, 0]);
    near(sampled.add, [255, 160, 48]);
    near(sampled.multiply, [192, 24, 0]);
    near(sampled.screen, [255, 136, 48]);
    near(sampled.lighten, [255, 96, 48]);
    near(sampled.darken, [192, 64, 0]);
    near(sampled.overlay, [255, 48, 0]);
  });

  for (const label of ['webgl2', 'webgpu-readback']) {
    it(`give the same pixels: ${label} and canvas2d, all modes, turned, cropped`, async () => {
      const differences = await page.evaluate((way) => window.compositorHarness.compare(way), label);
      expect(differences).not.toBeNull();
      console.info(label, JSON.stringify(differences));
      for (const [name, { mean, offShare }] of Object.entries(differences!)) {
        expect(mean, name).toBeLessThan(1.5);
        // Edges are antialiased in different ways.
        expect(offShare, name).toBeLessThan(0.015);
      }
    });
  }

  it('are chosen by drawing: what fails the pixels is out', async () => {
    const { chosen, results } = await page.evaluate(() => window.compositorHarness.choose());
    console.info('chosen', chosen, JSON.stringify(results));
    expect(results.map(({ label }) => label)).toEqual([
      'canvas2d',
      'webgl2',
      'webgpu-canvas',
      'webgpu-readback',
    ]);
    expect(results.find(({ label }) => label === 'canvas2d')?.ok).toBe(true);
    expect(results.find(({ label }) => label === chosen)?.ok).toBe(true);
    for (const result of results) if (!result.ok) expect(result.reason).not.toBe('');
  });

  it('hand over to Canvas2D with the next picture when a context is lost', async () => {
    const { before, after, codes, pixel } = await page.evaluate(() => window.compositorHarness.lose());
    expect(before).toBe('webgl2');
    expect(after).toBe('canvas2d');
    expect(codes).toEqual(['compositor.lost']);
    expect(pixel.some((value) => value > 20)).toBe(true);
  });
});
