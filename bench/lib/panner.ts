import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { startChromium } from '../../e2e/helpers/chromium';
import { serveHarness } from '../../e2e/helpers/harness-page';
import type { BinauralBench } from './binaural-page/main';

declare const bench: BinauralBench;

/** Milliseconds a second of sound of eight orbiting sources took, ours and the browser's panner, in turn. */
export type PannerRuns = { ours: number[]; panner: number[] };

/** Renders offline in the machine's Chromium, our worklet and HRTF panners in turn. */
export async function runAgainstPanner(rounds: number, seconds: number): Promise<PannerRuns> {
  const empty = mkdtempSync(join(tmpdir(), 'fantascope-bench-'));
  const server = await serveHarness(resolve('bench/lib/binaural-page'), empty);
  const browser = await startChromium();
  const runs: PannerRuns = { ours: [], panner: [] };
  try {
    const page = await browser.context.newPage();
    await page.goto(server.origin);
    await page.waitForFunction(() => 'bench' in globalThis);
    // The first panner of a page waits for its head responses.
    await page.evaluate(() => bench.panner(2));
    await page.evaluate(() => bench.ours(2));
    for (let round = 0; round < rounds; round++) {
      runs.ours.push((await page.evaluate((s) => bench.ours(s), seconds)) / seconds);
      runs.panner.push((await page.evaluate((s) => bench.panner(s), seconds)) / seconds);
    }
    return runs;
  } finally {
    await browser.close();
    await server.close();
    rmSync(empty, { recursive: true, force: true });
  }
}
