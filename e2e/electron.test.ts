import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { _electron, type ElectronApplication, type Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';

const ROOT = resolve(import.meta.dirname, '..');
const ELECTRON_DIR = join(ROOT, 'node_modules/electron');

function electronBinary(): string | null {
  const pathFile = join(ELECTRON_DIR, 'path.txt');
  if (!existsSync(pathFile)) return null;
  const binary = join(ELECTRON_DIR, 'dist', readFileSync(pathFile, 'utf8').trim());
  return existsSync(binary) ? binary : null;
}

/** Why Electron cannot run here; null when it can. */
function missing(binary: string | null): string | null {
  if (binary === null) return "Electron's binary is not installed";
  const needsDisplay = process.platform === 'linux' && !process.env.DISPLAY && !process.env.WAYLAND_DISPLAY;
  return needsDisplay ? 'there is no display' : null;
}

describe('the studio in Electron itself', () => {
  const binary = electronBinary();
  const cause = missing(binary);
  const userData = mkdtempSync(join(tmpdir(), 'fantascope-electron-e2e-'));
  let app: ElectronApplication;
  let page: Page;

  beforeAll(async () => {
    if (binary === null || cause !== null) return;
    const isRoot = process.getuid?.() === 0;
    app = await _electron.launch({
      executablePath: binary,
      args: [...(isRoot ? ['--no-sandbox'] : []), ROOT, '--user-data', userData],
    });
    page = await app.firstWindow();
    await page.waitForLoadState('load');
  });
  afterAll(async () => {
    if (cause === null) await app.close();
    rmSync(userData, { recursive: true, force: true });
  });
  beforeEach((context) => {
    if (cause !== null) context.skip(cause);
  });

  test('the window shows the loopback origin, isolated and without Node', async () => {
    expect(new URL(page.url()).hostname).toBe('127.0.0.1');
    const seen = await page.evaluate(() => ({
      isolated: crossOriginIsolated,
      hasNode: 'process' in globalThis || 'require' in globalThis,
      verbs: Object.keys((globalThis as { fantascope?: object }).fantascope ?? {}).sort(),
    }));
    expect(seen).toEqual({ isolated: true, hasNode: false, verbs: ['pathForFile', 'shell'] });
  });

  test('the preferences that Electron reports are the hardened ones', async () => {
    const preferences = await app.evaluate(({ BrowserWindow }) => {
      const contents = BrowserWindow.getAllWindows()[0]?.webContents;
      // not in electron.d.ts, but how Electron's own tests read them back
      return (
        contents as unknown as { getLastWebPreferences(): Record<string, unknown> }
      ).getLastWebPreferences();
    });
    expect(preferences).toMatchObject({ sandbox: true, contextIsolation: true, nodeIntegration: false });
  });

  test('the window is never slowed down', async () => {
    const throttled = await app.evaluate(({ BrowserWindow }) =>
      BrowserWindow.getAllWindows()[0]?.webContents.getBackgroundThrottling(),
    );
    expect(throttled).toBe(false);
  });
});
