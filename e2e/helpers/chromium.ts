import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium, type BrowserContext } from 'playwright-core';

/** Where Chromium is looked for; `FANTASCOPE_CHROMIUM` overrides it. */
const EXECUTABLE = process.env['FANTASCOPE_CHROMIUM'] ?? '/usr/bin/chromium';

/** Quiet, offline, without the sandbox that root cannot have. */
const BASE_FLAGS = [
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** A headless Chromium; `close` ends it and removes its profile. */
export type TestBrowser = { context: BrowserContext; close: () => Promise<void> };

/**
 * Starts the machine's Chromium headless under Playwright, with these flags besides the base
 * ones. Playwright mirrors socket payloads and turns throttling off, so neither throughput
 * nor throttling can be judged here.
 */
export async function startChromium(flags: readonly string[] = []): Promise<TestBrowser> {
  const profile = mkdtempSync(join(tmpdir(), 'fantascope-chromium-'));
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: EXECUTABLE,
    headless: true,
    args: [...BASE_FLAGS, ...sandboxFlags(), ...flags],
    viewport: { width: 1280, height: 800 },
  });
  return {
    context,
    close: async () => {
      await context.close();
      // Removing the profile races Chromium's last writes.
      rmSync(profile, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
    },
  };
}

function sandboxFlags(): string[] {
  return process.getuid?.() === 0 ? ['--no-sandbox'] : [];
}
