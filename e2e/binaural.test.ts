import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import type { LiveState } from '../contract/live';
import { DEFAULT_BINAURAL, type BinauralSettings } from '../contract/project';
import { STOPPED_ENGINE } from '../contract/testing/idle-state';
import { EngineProcess } from '../main/engines/runtime/engine-process';
import { bundleEntry } from '../main/engines/testing/bundle-entry';
import { forkChild } from '../main/engines/testing/fork-child';
import { NETWORK_DELAY_FRAMES } from '../renderer/sound/binaural/binaural-messages';
import { startChromium, type TestBrowser } from './helpers/chromium';
import { serveHarness, type HarnessPage } from './helpers/harness-page';
import { stateOf, stripOf } from './helpers/sound-state';
import { monoWav } from './helpers/wav';
import type { SoundHarness } from './harness/sound/main';

declare const harness: SoundHarness;

const ANCHOR_US = 123_456_789;
const PLACED_STREAM = 41;
const tone = (hertz: number) => (i: number) => 0.2 * Math.sin((2 * Math.PI * hertz * i) / 48_000);
/** Sample i of the code track: no stretch of it is like another. */
const code = (i: number) => (((i * 7919) % 20_001) - 10_000) / 32_768;

let mediaDir: string;
let server: HarnessPage;
let browser: TestBrowser;
let page: Page;
let bundle: Awaited<ReturnType<typeof bundleEntry>>;
let engine: EngineProcess;

beforeAll(async () => {
  mediaDir = mkdtempSync(join(tmpdir(), 'fantascope-binaural-'));
  writeFileSync(join(mediaDir, 'tone'), monoWav(96_000, tone(500)));
  writeFileSync(join(mediaDir, 'code'), monoWav(96_000, code));
  server = await serveHarness(join(import.meta.dirname, 'harness/sound'), mediaDir);
  bundle = await bundleEntry();
  engine = new EngineProcess({
    spawn: forkChild,
    entryFile: bundle.entryFile,
    init: {
      type: 'init',
      engine: 'binaural',
      token: '',
      origin: server.origin,
      modelsDir: resolve(import.meta.dirname, '../native-models'),
      model: DEFAULT_BINAURAL.model,
      threads: 1,
    },
  });
  engine.start();
  engine.control({
    type: 'control',
    streamId: PLACED_STREAM,
    version: 3,
    epoch: 1,
    settings: { kind: 'binaural', seed: 1 },
  });
  browser = await startChromium(['--autoplay-policy=no-user-gesture-required']);
  page = await browser.context.newPage();
  await page.goto(server.origin);
  await page.waitForFunction(() => 'harness' in globalThis);
  await vi.waitUntil(() => engine.live().state === 'ready', { timeout: 60_000 });
});

afterAll(async () => {
  await browser?.close();
  await server?.close();
  await engine?.stop();
  bundle?.dispose();
  rmSync(mediaDir, { recursive: true, force: true });
});

beforeEach(() => page.evaluate(() => harness.open()));

const apply = (state: LiveState) => page.evaluate((next) => harness.apply(next), state);
const nowFrame = () => page.evaluate(() => harness.nowFrame());
const placed = () => page.evaluate(() => harness.placed());

async function pcm(from: number, frames: number, channel = 0): Promise<Float32Array> {
  const args = [from, frames, channel] as const;
  const base64 = await page.evaluate(([a, b, c]) => harness.pcm(a, b, c), args);
  const bytes = Buffer.from(base64, 'base64');
  return new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
}

/** Two looping strips from frame `origin` on: `tone`, placed or not, and `code`, as it is. */
function scene(origin: number, binaural: Partial<BinauralSettings> | null, mutes: string[] = []): LiveState {
  const strip = (id: string) =>
    stripOf(
      id,
      { kind: 'file', mediaId: id, loop: true },
      {
        muted: mutes.includes(id),
        binaural: id === 'tone' && binaural ? { ...DEFAULT_BINAURAL, network: false, ...binaural } : null,
      },
    );
  const originUs = ANCHOR_US + origin / 0.048;
  const state = stateOf({
    strips: ['tone', 'code'].map(strip),
    stripOrigins: { tone: originUs, code: originUs },
    media: ['tone', 'code'],
  });
  const live = { epoch: 1, controlVersion: 3, controlInputUs: 0, unknownWords: [] };
  const tonePlace = { ...state.strips['tone']!, streamId: PLACED_STREAM, binaural: binaural ? live : null };
  return {
    ...state,
    strips: { ...state.strips, tone: tonePlace },
    engines: { ...state.engines, binaural: binaural?.network ? engine.live() : STOPPED_ENGINE },
  };
}

async function begin(binaural: Partial<BinauralSettings> | null, mutes: string[] = []): Promise<number> {
  await page.evaluate((us) => harness.anchor(us), ANCHOR_US);
  const origin = (await nowFrame()) + 48_000;
  await apply(scene(origin, binaural, mutes));
  await pcm(origin, 9600);
  return origin;
}

const energy = (samples: Float32Array) => samples.reduce((sum, x) => sum + x * x, 0);
const largestStep = (samples: Float32Array) =>
  samples.reduce((most, x, i) => (i === 0 ? 0 : Math.max(most, Math.abs(x - samples[i - 1]!))), 0);

describe('a strip around the listener', () => {
  test('[B7] a source on the right is louder in the right ear, and nothing is delayed without the network', async () => {
    await begin({ azimuthDeg: -90, room: 0 }, ['code']);
    const from = (await nowFrame()) + 4800;
    const [left, right] = [await pcm(from, 9600, 0), await pcm(from, 9600, 1)];
    expect(energy(right)).toBeGreaterThan(1.3 * energy(left));
    expect((await placed()).delayFrames).toBe(0);
  });

  test('[B17] placing a strip, moving it and taking it away make no step', async () => {
    const origin = await begin(null, ['code']);
    const from = (await nowFrame()) - 480;
    await apply(scene(origin, { azimuthDeg: 60 }, ['code']));
    for (const azimuthDeg of [-60, 170, 0, 30, 35, 40]) {
      await pcm((await nowFrame()) + 2400, 480);
      await apply(scene(origin, { azimuthDeg }, ['code']));
    }
    await apply(scene(origin, null, ['code']));
    const to = (await nowFrame()) + 14_400;
    const steadyStep = largestStep(await pcm(from - 4800, 4800));
    // Closer than 1.5 m nothing gets; fading two renders adds at most their sum.
    expect(largestStep(await pcm(from, to - from))).toBeLessThan(2.5 * steadyStep);
  });

  test('[B18] with the network every strip is exactly D late, the mix says so, and the network is heard', async () => {
    const origin = await begin(null, ['tone']);
    await apply(scene(origin, { network: true, azimuthDeg: 40 }, ['tone']));
    await pcm((await nowFrame()) + 24_000, 480);
    expect((await placed()).delayFrames).toBe(NETWORK_DELAY_FRAMES);
    const from = (await nowFrame()) + 4800;
    const late = await pcm(from, 4800);
    const wrong = late.findIndex(
      (x, i) => Math.abs(x - code((from + i - NETWORK_DELAY_FRAMES - origin) % 96_000)) > 2e-5,
    );
    expect(wrong).toBe(-1);
    await expect
      .poll(async () => (await placed()).strips[0]?.networkShare ?? 0, { timeout: 20_000 })
      .toBeGreaterThan(0.5);
    expect((await placed()).strips[0]).toMatchObject({ stripId: 'tone', delayMs: 128 });

    await apply(scene(origin, null, ['tone']));
    await pcm((await nowFrame()) + 24_000, 480);
    expect((await placed()).delayFrames).toBe(0);
    const again = (await nowFrame()) + 4800;
    const prompt = await pcm(again, 4800);
    expect(prompt.findIndex((x, i) => Math.abs(x - code((again + i - origin) % 96_000)) > 2e-5)).toBe(-1);
  });

  test('[B18] by its stamps the sound joins on where the delay begins: nothing is lost but the dip', async () => {
    const origin = await begin(null, ['tone']);
    await apply(scene(origin, { network: true }, ['tone']));
    await pcm((await nowFrame()) + 24_000, 480);
    const change = (await page.evaluate((d) => harness.firstFrameWithDelay(d), NETWORK_DELAY_FRAMES))!;
    const right = async (mixFrame: number, contentFrame: number) => {
      const [got] = await pcm(mixFrame, 1);
      return Math.abs(got! - code((contentFrame - origin) % 96_000)) < 2e-5;
    };
    // 120 ms before the change and 60 ms after what was heard has passed, each sample is its own.
    for (const offset of [5760, 6000, 7000]) {
      expect(await right(change - offset, change - offset)).toBe(true);
      expect(await right(change + NETWORK_DELAY_FRAMES + offset, change + offset)).toBe(true);
    }
  });

  test('[B17] an engine that is killed leaves the render, and is heard again when it is back', async () => {
    const origin = await begin({ network: true }, ['code']);
    await expect
      .poll(async () => (await placed()).strips[0]?.networkShare ?? 0, { timeout: 20_000 })
      .toBeGreaterThan(0.5);
    process.kill(engine.pid!, 'SIGKILL');
    const from = (await nowFrame()) + 9600;
    const steady = energy(await pcm(from - 9600, 4800));
    expect(energy(await pcm(from, 4800))).toBeGreaterThan(0.1 * steady);
    await expect.poll(() => engine.live().state, { timeout: 30_000 }).toBe('restarting');
    await apply(scene(origin, { network: true }, ['code']));
    await expect.poll(() => engine.live().state, { timeout: 60_000 }).toBe('ready');
    await apply(scene(origin, { network: true }, ['code']));
    await expect
      .poll(async () => (await placed()).strips[0]?.networkShare ?? 0, { timeout: 20_000 })
      .toBeGreaterThan(0.5);
  });
});
