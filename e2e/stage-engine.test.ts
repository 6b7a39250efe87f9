import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ENGINE_PICTURE_SIZE } from '../contract/engine';
import { FrameKind, type Frame } from '../contract/frame';
import type { LayerLive, LiveState } from '../contract/live';
import { DEFAULT_ANIMATE, type AnimateSettings } from '../contract/project';
import { readBarcode, type GreyPicture } from '../renderer/stage/barcode';
import { startChromium, type TestBrowser } from './helpers/chromium';
import { FakeEngine } from './helpers/fake-engine';
import { decodeGrey, toAnnexB } from './helpers/h264';
import { layerLive, layerOf, liveState } from './helpers/live-state';
import { StageHost, TOKEN } from './helpers/stage-host';
import { until } from './helpers/until';

const SIDE = ENGINE_PICTURE_SIZE;
let host: StageHost;
let browser: TestBrowser;
let page: Page;
let engine: FakeEngine;

/** Grey of one value: cannot be taken for the test card. */
function flat(value: number): Uint8Array {
  const payload = new Uint8Array(SIDE * SIDE * 4).fill(value);
  for (let at = 3; at < payload.length; at += 4) payload[at] = 255;
  return payload;
}

function show(
  settings: Partial<AnimateSettings>,
  live: Partial<LayerLive> = {},
  url: string | null = engine.url,
): void {
  const card = layerOf(
    'card',
    { kind: 'test-card', beep: false },
    { engine: { ...DEFAULT_ANIMATE, ...settings } },
  );
  const state = liveState([card], { onAir: true });
  const animate: LiveState['engines']['animate'] = {
    ...state.engines.animate,
    state: url === null ? 'restarting' : 'ready',
    url,
  };
  host.send({
    type: 'state',
    state: { ...state, layers: { card: layerLive(7, live) }, engines: { ...state.engines, animate } },
  });
}

/** The next `count` packets, from a key frame on, decoded to 320 × 180 grey. */
async function programme(count: number): Promise<GreyPicture[]> {
  host.send({ type: 'key-frame' });
  const from = host.frames.length;
  const packets = (): Frame[] => {
    const video = host.frames.slice(from).filter(({ header }) => header.kind === FrameKind.video);
    const key = video.findIndex(({ header }, index) => index > 0 && (header.flags & 1) !== 0);
    return key < 0 ? [] : video.slice(key);
  };
  await until('packets', () => packets().length >= count);
  const avcC = Buffer.from(host.ofType('video-config').at(-1)!.description, 'base64');
  return decodeGrey(toAnnexB(avcC, packets().slice(0, count)), 320, 180);
}

function grey(picture: GreyPicture, x: number, y: number): number {
  return picture.data[Math.floor(y * picture.height) * picture.width + Math.floor(x * picture.width)]!;
}

function lastCondition(): string | undefined {
  return host.ofType('layer').at(-1)?.layer.condition;
}

function engineStats() {
  return host.ofType('stats').at(-1)?.stats.engines[0];
}

beforeAll(async () => {
  host = await StageHost.start('stage');
  engine = await FakeEngine.start(TOKEN, () => ({ payload: flat(128) }));
  browser = await startChromium();
  page = await browser.context.newPage();
  await page.goto(`${host.origin}/#token=${TOKEN}`);
  await page.evaluate(() => window.stageHarness.start());
  await until('hello', () => host.ofType('hello').length > 0);
});

afterAll(async () => {
  await browser?.close();
  await engine?.stop();
  await host?.stop();
});

describe('a layer with an engine', () => {
  it('sends the whole source, squashed to the square, with its stream and epoch', async () => {
    show({}, { epoch: 3 });
    await until('pictures at the engine', () => engine.received.length > 5);
    const { header, payload } = engine.received.at(-1)!;
    expect(header).toMatchObject({
      streamId: 7,
      epoch: 3,
      width: SIDE,
      height: SIDE,
      seed: DEFAULT_ANIMATE.seed,
    });
    // The card's barcode is where it is on the card, in both axes: nothing was cut off.
    const data = new Uint8Array(SIDE * SIDE).map((_, index) => payload[index * 4]!);
    expect(readBarcode({ data, width: SIDE, height: SIDE })).toBe(Math.floor(header.captureUs / 1000));
  });

  it('shows the engine’s picture over the whole layer', async () => {
    await until('an answer on stage', () => lastCondition() === 'ok');
    const picture = (await programme(2)).at(-1)!;
    for (const [x, y] of [
      [0.02, 0.03],
      [0.5, 0.5],
      [0.98, 0.97],
    ] as const) {
      expect(Math.abs(grey(picture, x, y) - 128)).toBeLessThan(4);
    }
  });

  it('never has more than two pictures under way, and drops the older ones', async () => {
    engine.delayMs = 150;
    const before = engineStats()?.dropped ?? 0;
    await until('drops', () => (engineStats()?.dropped ?? 0) > before + 10);
    expect(engine.mostInFlight).toBeLessThanOrEqual(2);
    engine.delayMs = 20;
  });

  it('mixes and wipes', async () => {
    show({ mix: 0.5 }, { epoch: 3 });
    engine.answer = () => ({ payload: flat(0) });
    const mixed = (await programme(12)).at(-1)!;
    // The card's grey bar is 191; half of it is left under black.
    expect(Math.abs(grey(mixed, 0.05, 0.2) - 95)).toBeLessThan(5);
    show({ mix: 1, wipe: 0.5 }, { epoch: 3 });
    const wiped = (await programme(12)).at(-1)!;
    expect(Math.abs(grey(wiped, 0.05, 0.2) - 191)).toBeLessThan(5);
    expect(grey(wiped, 0.8, 0.95)).toBeLessThan(5);
  });

  it('drops pictures of an older epoch', async () => {
    engine.answer = (frame) => ({ payload: flat(255), epoch: frame.header.epoch - 1 });
    show({}, { epoch: 4 });
    await new Promise((resolve) => setTimeout(resolve, 1500));
    const picture = (await programme(2)).at(-1)!;
    // For 1 s the picture of before the cut is held, then the source shows through: never the late white.
    expect(readBarcode(picture)).not.toBeNull();
    engine.answer = () => ({ payload: flat(128) });
  });

  it('measures knob→pixel once for each change', async () => {
    const inputUs = host.nowUs();
    show({}, { epoch: 4, controlVersion: 9, controlInputUs: inputUs });
    await new Promise((resolve) => setTimeout(resolve, 300));
    engine.apply(9);
    await until('a measurement', () => engineStats()?.knobToPixelMs?.n === 1);
    expect(engineStats()!.knobToPixelMs!.p50).toBeGreaterThanOrEqual(300);
    const settled = host.ofType('stats').length;
    await until('more statistics', () => host.ofType('stats').length > settled + 1);
    expect(engineStats()!.knobToPixelMs!.n).toBe(1);
    expect(engineStats()!.appliedVersion).toBe(9);
    console.info('engine at 20 ms', JSON.stringify(engineStats()));
  });

  it('shows the source within a second or so after the engine died, and the engine when it is back', async () => {
    await engine.stop();
    show({}, { epoch: 4, controlVersion: 9 }, null);
    await until('waiting', () => lastCondition() === 'waiting');
    await new Promise((resolve) => setTimeout(resolve, 1200));
    expect(readBarcode((await programme(2)).at(-1)!)).not.toBeNull();
    engine = await FakeEngine.start(TOKEN, () => ({ payload: flat(128) }));
    show({}, { epoch: 4, controlVersion: 9 });
    await until('ok', () => lastCondition() === 'ok');
    expect(readBarcode((await programme(2)).at(-1)!)).toBeNull();
  });

  it('tells what the engine says is wrong, until its next picture', async () => {
    engine.answer = () => null;
    const error = {
      origin: 'engine',
      code: 'engine.failed',
      message: 'The model must give numbers, got NaN.',
    };
    engine.sendText({ type: 'failed', streamId: 7, error });
    await until('error', () => host.ofType('layer').at(-1)?.layer.error?.code === 'engine.failed');
    engine.answer = () => ({ payload: flat(128) });
    await until('ok', () => lastCondition() === 'ok');
  });
});
