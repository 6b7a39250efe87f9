import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FrameFlag, FrameKind } from '../contract/frame';
import type { LayerLive } from '../contract/live';
import { readBarcode } from '../renderer/stage/barcode';
import { makeBarcodeFilm } from './helpers/barcode-film';
import { startChromium, type TestBrowser } from './helpers/chromium';
import { decodeGrey, toAnnexB } from './helpers/h264';
import { layerLive, layerOf, liveState } from './helpers/live-state';
import { StageHost, TOKEN } from './helpers/stage-host';
import { until } from './helpers/until';

const RATE = 25;
const SECONDS = 3;
const FRAME_MS = 1000 / RATE;

let dir: string;
let host: StageHost;
let browser: TestBrowser;

function play(live: Partial<LayerLive>, loop = true): void {
  const film = layerOf('film', { kind: 'film', mediaId: 'code', loop });
  const state = liveState([film], { onAir: true });
  host.send({ type: 'state', state: { ...state, layers: { film: layerLive(1, live) } } });
}

/** Programme time and film time in ms of the next `count` pictures from a key frame on. */
async function pictures(count: number): Promise<{ programmeMs: number; filmMs: number | null }[]> {
  const from = host.frames.length;
  host.send({ type: 'key-frame' });
  const packets = () => {
    const video = host.frames.slice(from).filter(({ header }) => header.kind === FrameKind.video);
    const key = video.findIndex(({ header }, index) => index > 0 && (header.flags & FrameFlag.key) !== 0);
    return key < 0 ? [] : video.slice(key, key + count);
  };
  await until('packets', () => packets().length === count);
  const avcC = Buffer.from(host.ofType('video-config').at(-1)!.description, 'base64');
  const decoded = decodeGrey(toAnnexB(avcC, packets()), 640, 360);
  return packets().map(({ header }, index) => ({
    programmeMs: header.captureUs / 1000,
    filmMs: readBarcode(decoded[index]!),
  }));
}

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'fantascope-film-'));
  makeBarcodeFilm(join(dir, 'code.mp4'), SECONDS, RATE);
  host = await StageHost.start('stage');
  host.addMedia('code', join(dir, 'code.mp4'));
  browser = await startChromium();
  const page = await browser.context.newPage();
  await page.goto(`${host.origin}/#token=${TOKEN}`);
  await page.evaluate(() => window.stageHarness.start());
  await until('hello', () => host.ofType('hello').length > 0);
});

afterAll(async () => {
  await browser?.close();
  await host?.stop();
  rmSync(dir, { recursive: true, force: true });
});

describe('film on stage', () => {
  it('shows at each tick the picture of that time, through its end and beginning', async () => {
    const originUs = host.nowUs() - 500_000;
    play({ originUs });
    await until('film', () => host.ofType('layer').at(-1)?.layer.condition === 'ok');
    const shown = await pictures(150);
    // On a loaded machine decoding may lag a little; a clock error would be in all pictures.
    const errors = shown.map(({ programmeMs, filmMs }) => {
      const wanted =
        (((programmeMs - originUs / 1000) % (SECONDS * 1000)) + SECONDS * 1000) % (SECONDS * 1000);
      const late = wanted - filmMs!;
      return late < -SECONDS * 500 ? late + SECONDS * 1000 : late;
    });
    expect(shown.every(({ filmMs }) => filmMs !== null)).toBe(true);
    const right = errors.filter((error) => error >= -1 && error <= FRAME_MS + 1);
    expect(right.length / errors.length).toBeGreaterThan(0.9);
    expect(new Set(shown.map(({ filmMs }) => filmMs)).size).toBeGreaterThan(RATE * SECONDS * 0.8);
  });

  it('stands still while paused and goes on where a seek puts it', async () => {
    play({ originUs: 0, pausedAtUs: 1_240_000 });
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(new Set((await pictures(10)).map(({ filmMs }) => filmMs))).toEqual(new Set([1240]));
    play({ originUs: 0, pausedAtUs: 80_000 });
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(new Set((await pictures(10)).map(({ filmMs }) => filmMs))).toEqual(new Set([80]));
  });

  it('ends on its last picture when it does not loop', async () => {
    play({ originUs: host.nowUs() - 10_000_000 }, false);
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(new Set((await pictures(5)).map(({ filmMs }) => filmMs))).toEqual(
      new Set([SECONDS * 1000 - FRAME_MS]),
    );
  });
});
