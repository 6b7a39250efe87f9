import { spawnSync } from 'node:child_process';
import type { Page } from 'playwright-core';
import type { GreyPicture } from '../../renderer/stage/barcode';

/** What the programme's canvas shows now, in grey at a small size. */
export async function programmeShot(page: Page, { width = 160, height = 90 } = {}): Promise<GreyPicture> {
  const png = await page.getByLabel('Programme picture').screenshot();
  const scaled = spawnSync(
    'ffmpeg',
    [
      ...['-v', 'error', '-f', 'png_pipe', '-i', '-'],
      ...['-vf', `scale=${width}:${height}:flags=area,format=gray`, '-f', 'rawvideo', '-'],
    ],
    { input: png, timeout: 30_000 },
  );
  if (scaled.status !== 0) throw new Error(`ffmpeg could not read the screenshot: ${scaled.stderr}`);
  return { data: new Uint8Array(scaled.stdout), width, height };
}
