import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll } from 'vitest';
import type { Command } from '../../contract/commands';
import { startChromium, type TestBrowser } from './chromium';
import { serveHarness, type HarnessPage } from './harness-page';

/** Set to a folder to keep pictures of every screen. */
const SHOTS = process.env['FANTASCOPE_SHOTS'];
const E2E = resolve(import.meta.dirname, '..');

/** How a test opens the interface on a scenario. */
export type InterfaceTests = {
  /** Opens a scenario; `more` goes on with its query, `prepare` sees the page before it loads. */
  open(
    scenario: string,
    more?: string,
    size?: { width: number; height: number },
    prepare?: (page: Page) => Promise<unknown>,
  ): Promise<Page>;
};

/** Serves the interface and runs a browser for the tests of this file; each test's pages are closed after it. */
export function interfaceTests(): InterfaceTests {
  let browser: TestBrowser;
  let harness: HarnessPage;
  const pages: Page[] = [];
  beforeAll(async () => {
    harness = await serveHarness(join(E2E, 'harness/interface'), E2E, [svelte({ configFile: false })]);
    browser = await startChromium();
  });
  afterAll(async () => {
    await browser.close();
    await harness.close();
  });
  afterEach(async () => {
    for (const page of pages.splice(0)) await page.close();
  });
  return {
    async open(scenario, more = '', size = { width: 1280, height: 800 }, prepare) {
      const page = await browser.context.newPage();
      pages.push(page);
      await page.setViewportSize(size);
      await prepare?.(page);
      await page.goto(`${harness.origin}/?scenario=${scenario}${more}`);
      await page.getByRole('region', { name: 'Outputs' }).waitFor();
      return page;
    },
  };
}

/** The commands that the interface has given. */
export async function commands(page: Page): Promise<Command[]> {
  return page.evaluate(() => window.link.commands);
}

/** Keeps a picture of the page, where pictures are asked for. */
export async function shot(page: Page, name: string): Promise<void> {
  if (!SHOTS) return;
  mkdirSync(SHOTS, { recursive: true });
  await page.screenshot({ path: resolve(SHOTS, `${name}.png`) });
}
