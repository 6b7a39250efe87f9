import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FrameFlag, FrameKind, type Frame } from '../contract/frame';
import { readBarcode } from '../renderer/stage/barcode';
import { startChromium, type TestBrowser } from './helpers/chromium';
import { decodeGrey, probeSignal, toAnnexB } from './helpers/h264';
import { layerOf, liveState } from './helpers/live-state';
import { StageHost, TOKEN } from './helpers/stage-host';
import { until } from './helpers/until';

const FILM = join(import.meta.dirname, '..', 'shows', 'demo', 'rabbit320.mp4');
const CARD = layerOf('card', { kind: 'test-card', beep: true });

let host: StageHost;
let browser: TestBrowser;
let page: Page;

/** Speed is reported, not asserted: it belongs to the machine. */
function reportStats(what: string, from: StageHost): void {
  const stats = from.ofType('stats').at(-1)?.stats;
  console.info(
    what,
    JSON.stringify({
      fps: stats?.fps,
      late: stats?.lateTicks,
      skipped: stats?.skippedTicks,
      compositeMs: stats?.compositeMs,
      encodeMs: stats?.encodeMs,
    }),
  );
}

function ofKind(kind: FrameKind): Frame[] {
  return host.frames.filter(({ header }) => header.kind === kind);
}

beforeAll(async () => {
  host = await StageHost.start('stage');
  host.addMedia('rabbit', FILM);
  browser = await startChromium([
    '--use-fake-ui-for-media-stream',
    '--use-fake-device-for-media-stream=fps=30',
  ]);
  page = await browser.context.newPage();
  host.greeting = [{ type: 'state', state: liveState([CARD]) }];
  await page.goto(`${host.origin}/#token=${TOKEN}`);
  await page.evaluate(() => window.stageHarness.start());
  await until('hello', () => host.ofType('hello').length > 0);
});

afterAll(async () => {
  await browser?.close();
  await host?.stop();
});

describe('stage on air', () => {
  it('sends nothing but statistics while off air', async () => {
    await until('statistics', () => host.ofType('stats').length > 1);
    expect(host.frames).toHaveLength(0);
    expect(host.ofType('hello').at(-1)?.h264).toBe(true);
  });

  it('sends decodable packets whose barcodes are their timestamps', async () => {
    host.send({ type: 'on-air', onAir: true });
    await until('four seconds of packets', () => ofKind(FrameKind.video).length >= 120);
    host.send({ type: 'on-air', onAir: false });
    const packets = ofKind(FrameKind.video);
    const config = host.ofType('video-config').at(-1);
    expect(config).toMatchObject({ width: 1280, height: 720, fps: 30 });
    expect(packets[0]!.header.flags & FrameFlag.key).toBe(FrameFlag.key);
    const pictures = decodeGrey(toAnnexB(Buffer.from(config!.description, 'base64'), packets), 1280, 720);
    expect(pictures).toHaveLength(packets.length);
    pictures.forEach((picture, index) => {
      expect(readBarcode(picture)).toBe(Math.floor(packets[index]!.header.captureUs / 1000));
    });
    for (let index = 1; index < packets.length; index += 1) {
      expect(packets[index]!.header.captureUs).toBeGreaterThan(packets[index - 1]!.header.captureUs);
      expect(packets[index]!.header.sequence).toBe(packets[index - 1]!.header.sequence + 1);
    }
    reportStats('test card, 720p30, on air', host);
  });

  it('is a BT.709 signal of limited range, as players expect', () => {
    const avcC = Buffer.from(host.ofType('video-config').at(-1)!.description, 'base64');
    expect(probeSignal(toAnnexB(avcC, ofKind(FrameKind.video)))).toEqual(['yuv420p', 'tv', 'bt709']);
  });

  it('keeps programme time in the window', async () => {
    const error = await page.evaluate((mainUs) => window.stageHarness.clockErrorUs(mainUs), host.nowUs());
    expect(Math.abs(error)).toBeLessThan(250_000);
  });

  it('sends one slate of two seconds that decodes with the programme’s own description', async () => {
    await until('slate', () => ofKind(FrameKind.slate).length >= 60);
    const slate = ofKind(FrameKind.slate);
    expect(slate).toHaveLength(60);
    expect(slate[0]!.header.flags & FrameFlag.key).toBe(FrameFlag.key);
    const avcC = Buffer.from(host.ofType('video-config').at(-1)!.description, 'base64');
    expect(decodeGrey(toAnnexB(avcC, slate), 320, 180)).toHaveLength(60);
  });

  it('gives a key frame when asked, and within 2 s unasked', async () => {
    const from = host.frames.length;
    host.send({ type: 'on-air', onAir: true });
    await until('a second of packets', () => host.frames.length >= from + 30);
    host.send({ type: 'key-frame' });
    const asked = host.frames.length;
    await until('a key frame', () =>
      host.frames.slice(asked, asked + 30).some(({ header }) => (header.flags & FrameFlag.key) !== 0),
    );
    await until('five seconds', () => host.frames.length >= from + 150);
    host.send({ type: 'on-air', onAir: false });
    const keys = host.frames
      .slice(from)
      .filter(({ header }) => header.kind === FrameKind.video && (header.flags & FrameFlag.key) !== 0)
      .map(({ header }) => header.captureUs);
    for (let index = 1; index < keys.length; index += 1) {
      expect(keys[index]! - keys[index - 1]!).toBeLessThanOrEqual(2_000_001 + 5 * 33_334);
    }
  });
});

describe('stage with film and camera', () => {
  it('plays both, holds a camera that is gone, and leaks no frame', async () => {
    const film = layerOf('film', { kind: 'film', mediaId: 'rabbit', loop: true });
    const inset = { ...film.transform, x: 0.6, y: 0.6, width: 0.35, height: 0.35 };
    const camera = layerOf(
      'camera',
      { kind: 'camera', device: { deviceId: '', label: '' } },
      { transform: inset },
    );
    const title = layerOf(
      'title',
      {
        kind: 'text',
        text: 'On air, end to end',
        size: 0.08,
        colour: '#f3ece4',
        background: '#14110fcc',
        align: 'left',
        weight: 600,
      },
      { transform: { ...film.transform, x: 0.05, y: 0.8, width: 0.5, height: 0.14 } },
    );
    host.send({ type: 'state', state: liveState([film, camera, title]) });
    await page.evaluate(() => window.stageHarness.camera('camera'));
    const said = (layerId: string, condition: string) => () =>
      host.ofType('layer').some(({ layer }) => layer.layerId === layerId && layer.condition === condition);
    await until('film', said('film', 'ok'));
    await until('camera', said('camera', 'ok'));
    const settled = host.ofType('stats').length;
    await until('statistics', () => host.ofType('stats').length > settled + 4);
    for (const { stats } of host.ofType('stats').slice(settled))
      expect(stats.openFrames).toBeLessThanOrEqual(9);
    await page.screenshot({ path: join(tmpdir(), 'fantascope-stage.png') });
    reportStats('film, camera and text, 720p30, off air', host);
    await page.evaluate(() => window.stageHarness.unplug());
    await until('loss', said('camera', 'lost'));
    host.send({ type: 'state', state: liveState([CARD]) });
    await until('no frame held', () => host.ofType('stats').at(-1)?.stats.openFrames === 0);
  });

  it('says so when a film is missing', async () => {
    host.send({
      type: 'state',
      state: liveState([layerOf('gone', { kind: 'film', mediaId: 'gone', loop: true })]),
    });
    await until('condition', () =>
      host
        .ofType('layer')
        .some(({ layer }) => layer.layerId === 'gone' && layer.error?.code === 'media.missing'),
    );
  });
});

describe('stage under trouble', () => {
  it('goes on after hostile messages and a cut socket, with a new description and key frame', async () => {
    host.send({ type: 'state', state: liveState([CARD], { onAir: true }) });
    host.greeting = [{ type: 'state', state: liveState([CARD], { onAir: true }) }];
    host.sendRaw('{"type":');
    host.sendRaw('{"type":"state","state":{}}');
    host.sendRaw('null');
    host.sendRaw(new Uint8Array(7));
    const before = host.frames.length;
    await until('packets', () => host.frames.length > before + 30);
    const configs = host.ofType('video-config').length;
    host.cut();
    const cutAt = host.frames.length;
    await until('a new description', () => host.ofType('video-config').length > configs);
    await until('packets again', () => host.frames.length > cutAt + 30);
    const first = host.frames.slice(cutAt).find(({ header }) => header.kind === FrameKind.video);
    expect(first!.header.flags & FrameFlag.key).toBe(FrameFlag.key);
    expect(await page.evaluate(() => window.stageHarness.connections)).toEqual([false, true, false, true]);
  });

  it('gives the sound programme times', async () => {
    await page.evaluate(() => window.stageHarness.sound(200));
    await until('sound', () => ofKind(FrameKind.pcm).length > 100);
    const blocks = ofKind(FrameKind.pcm);
    for (let index = 1; index < blocks.length; index += 1) {
      expect(blocks[index]!.header.captureUs - blocks[index - 1]!.header.captureUs).toBeCloseTo(10_000, 3);
    }
    expect(await page.evaluate(() => window.stageHarness.anchors.length)).toBe(1);
    expect(host.ofType('sound-clock').length).toBeGreaterThan(0);
    await until('levels', () =>
      host.ofType('stats').some(({ stats }) => Math.abs((stats.levelsDb['mix'] ?? -120) + 6.02) < 0.1),
    );
  });
});
