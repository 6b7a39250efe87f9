import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FrameKind } from '../contract/frame';
import { DEFAULT_ANIMATE } from '../contract/project';
import { startChromium, type TestBrowser } from './helpers/chromium';
import { FakeEngine } from './helpers/fake-engine';
import { serveHarness, type HarnessPage } from './helpers/harness-page';
import { layerOf, liveState } from './helpers/live-state';
import { StageHost, TOKEN } from './helpers/stage-host';
import { until } from './helpers/until';

/** Set to a folder to keep pictures. */
const SHOTS = process.env['FANTASCOPE_SHOTS'];
const HERE = import.meta.dirname;

let host: StageHost;
let engine: FakeEngine;
let desk: HarnessPage;
let browser: TestBrowser;

beforeAll(async () => {
  host = await StageHost.start('stage');
  engine = await FakeEngine.start(TOKEN, ({ payload }) => ({ payload }));
  desk = await serveHarness(join(HERE, 'harness/interface'), HERE, [svelte({ configFile: false })]);
  const card = layerOf('card', { kind: 'test-card', beep: false }, { engine: DEFAULT_ANIMATE });
  const state = liveState([card], { onAir: true });
  const animate = { ...state.engines.animate, state: 'ready' as const, url: engine.url };
  host.greeting = [{ type: 'state', state: { ...state, engines: { ...state.engines, animate } } }];
  browser = await startChromium();
});

afterAll(async () => {
  await browser?.close();
  await desk?.close();
  await engine?.stop();
  await host?.stop();
});

async function ticks(page: Page): Promise<number> {
  return page.evaluate(() => window.stageHarness.stats.at(-1)?.ticks ?? 0);
}

async function pause(ms: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, ms));
}

describe('a stage that another window replaced', () => {
  it('rests, leaves the engine, and goes on when it takes the stage back', async () => {
    const page = await browser.context.newPage();
    await page.goto(`${host.origin}/#token=${TOKEN}`);
    await page.evaluate(() => window.stageHarness.start());
    await until('packets', () => host.frames.length > 30 && engine.received.length > 10);

    host.replace();
    await until('the news', () => page.evaluate(() => window.stageHarness.replacements.at(-1) === true));
    await pause(1500);
    const rested = { ticks: await ticks(page), sent: engine.received.length };
    await pause(2000);
    expect(await ticks(page)).toBe(rested.ticks);
    expect(engine.received.length).toBe(rested.sent);
    expect(await page.evaluate(() => window.stageHarness.connections.at(-1))).toBe(false);

    const before = { frames: host.frames.length, configs: host.ofType('video-config').length };
    await page.evaluate(() => window.stageHarness.takeBack());
    await until('packets again', () => host.frames.length > before.frames + 30);
    await until('the engine again', () => engine.received.length > rested.sent + 10);
    expect(host.ofType('video-config').length).toBeGreaterThan(before.configs);
    const first = host.frames.slice(before.frames).find(({ header }) => header.kind === FrameKind.video);
    expect(first!.header.flags & 1).toBe(1);
    expect(await page.evaluate(() => window.stageHarness.replacements)).toEqual([false, true, false]);
    // A stage that rests is not dead: it still tells its figures.
    expect(await page.evaluate(() => window.stageHarness.deaths)).toBe(0);
    await page.close();
  });

  it('is offered by the interface with one button', async () => {
    const page = await browser.context.newPage();
    await page.goto(`${desk.origin}/?scenario=replaced`);
    const veil = page.getByRole('status').filter({ hasText: 'Another window has taken over the stage' });
    await veil.waitFor();
    if (SHOTS) {
      mkdirSync(SHOTS, { recursive: true });
      await page.screenshot({ path: join(SHOTS, 'replaced.png') });
    }
    await veil.getByRole('button', { name: 'Use this window' }).click();
    await veil.waitFor({ state: 'detached' });
    await page.close();
  });
});
