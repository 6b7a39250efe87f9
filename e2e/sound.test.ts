import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { LiveState } from '../contract/live';
import { renderBeep } from '../renderer/sound/beep';
import { dbOfPeak } from '../renderer/sound/decibels';
import { limitSample } from '../renderer/sound/limiter';
import { startChromium, type TestBrowser } from './helpers/chromium';
import { serveHarness, type HarnessPage } from './helpers/harness-page';
import { layerOf, stateOf, stripOf } from './helpers/sound-state';
import { monoWav } from './helpers/wav';
import type { SoundHarness } from './harness/sound/main';

declare const harness: SoundHarness;

const ANCHOR_US = 123_456_789;
const BEEPING = layerOf('card', { kind: 'test-card', beep: true });
const ofCard = { kind: 'layer', layerId: 'card' } as const;

/** Sample i of the code track: no stretch of it is like another. */
const code = (i: number) => (((i * 7919) % 20_001) - 10_000) / 32_768;
const tone = (peak: number) => (i: number) => peak * Math.sin((2 * Math.PI * 1000 * i) / 48_000);

let mediaDir: string;
let server: HarnessPage;
let browser: TestBrowser;
let page: Page;

beforeAll(async () => {
  mediaDir = mkdtempSync(join(tmpdir(), 'fantascope-sound-'));
  writeFileSync(join(mediaDir, 'tone'), monoWav(96_000, tone(0.1)));
  writeFileSync(join(mediaDir, 'loud'), monoWav(96_000, tone(0.9)));
  writeFileSync(
    join(mediaDir, 'steady'),
    monoWav(96_000, () => 0.5),
  );
  writeFileSync(
    join(mediaDir, 'tone44'),
    monoWav(88_200, (i) => tone(0.1)((i * 48_000) / 44_100), 44_100),
  );
  writeFileSync(join(mediaDir, 'noise'), 'this is not a media file');
  writeFileSync(join(mediaDir, 'code.wav'), monoWav(96_000, code));
  makeFilm();
  writeFileSync(join(mediaDir, 'microphone.wav'), monoWav(480_000, tone(0.5)));
  server = await serveHarness(join(import.meta.dirname, 'harness/sound'), mediaDir);
  browser = await startChromium([
    '--autoplay-policy=no-user-gesture-required',
    '--use-fake-ui-for-media-stream',
    '--use-fake-device-for-media-stream=device-count=2,fps=30',
    `--use-file-for-fake-audio-capture=${join(mediaDir, 'microphone.wav')}`,
  ]);
  page = await browser.context.newPage();
  await page.goto(server.origin);
  await page.waitForFunction(() => 'harness' in globalThis);
});

afterAll(async () => {
  await browser?.close();
  await server?.close();
  rmSync(mediaDir, { recursive: true, force: true });
});

beforeEach(async () => {
  await page.evaluate(() => harness.refuse(null));
  await page.evaluate(() => harness.open());
});

/** A film of 44 pictures at 30/s (not a whole number of samples) whose longer sound track is the code. */
function makeFilm(): void {
  const picture = ['-f', 'lavfi', '-i', 'testsrc=s=64x36:r=30:d=1.4666'];
  const sound = ['-i', join(mediaDir, 'code.wav')];
  const coding = ['-c:v', 'libx264', '-c:a', 'flac', '-strict', 'experimental'];
  execFileSync('ffmpeg', [
    '-v',
    'error',
    ...picture,
    ...sound,
    ...coding,
    '-f',
    'mp4',
    join(mediaDir, 'film'),
  ]);
}

const apply = (state: LiveState) => page.evaluate((next) => harness.apply(next), state);
const nowFrame = () => page.evaluate(() => harness.nowFrame());

async function pcm(from: number, frames: number): Promise<Float32Array> {
  const base64 = await page.evaluate(([a, b]) => harness.pcm(a, b), [from, frames] as const);
  const bytes = Buffer.from(base64, 'base64');
  return new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
}

function peakOf(samples: Float32Array): number {
  return samples.reduce((peak, value) => Math.max(peak, Math.abs(value)), 0);
}

function largestStep(samples: Float32Array): number {
  let largest = 0;
  for (let i = 1; i < samples.length; i++)
    largest = Math.max(largest, Math.abs(samples[i]! - samples[i - 1]!));
  return largest;
}

/** First sample of the next programme second that is at least `aheadFrames` away. */
async function nextSecond(aheadFrames: number, anchorUs = ANCHOR_US): Promise<number> {
  const us = anchorUs + ((await nowFrame()) + aheadFrames) / 0.048;
  return Math.round((Math.ceil(us / 1e6) * 1e6 - anchorUs) * 0.048);
}

/** A state with one strip that plays a medium in a loop from the frame `origin` on. */
function playing(
  mediaId: string,
  originFrame: number,
  change: Parameters<typeof stripOf>[2] = {},
): LiveState {
  return stateOf({
    strips: [stripOf('s', { kind: 'file', mediaId, loop: true }, change)],
    stripOrigins: { s: ANCHOR_US + originFrame / 0.048 },
    media: [mediaId],
  });
}

/** Starts a loop and waits until it sounds. */
async function play(mediaId: string, change: Parameters<typeof stripOf>[2] = {}): Promise<number> {
  await page.evaluate((us) => harness.anchor(us), ANCHOR_US);
  const origin = (await nowFrame()) + 48_000;
  await apply(playing(mediaId, origin, change));
  await pcm(origin, 4800);
  return origin;
}

describe('programme sound', () => {
  test('blocks of 480 samples follow each other without a hole for five seconds', async () => {
    const from = await nowFrame();
    await pcm(from + 5 * 48_000, 480);
    const frames = await page.evaluate(() => harness.blockFrames());
    expect(frames.length).toBeGreaterThanOrEqual(500);
    expect(frames.every((frame, i) => i === 0 || frame === frames[i - 1]! + 480)).toBe(true);
  });

  test('the beep begins on the very sample of the whole programme second', async () => {
    await page.evaluate((us) => harness.anchor(us), ANCHOR_US);
    await apply(stateOf({ layers: [BEEPING], strips: [stripOf('s', ofCard)] }));
    const start = await nextSecond(48_000);
    const samples = await pcm(start - 1000, 6800);
    expect(peakOf(samples.subarray(0, 1000))).toBe(0);
    expect(samples.subarray(1000, 5800)).toEqual(renderBeep());
    expect(peakOf(samples.subarray(5800))).toBe(0);
  });

  test('a new anchor moves the beeps', async () => {
    await page.evaluate((us) => harness.anchor(us), ANCHOR_US);
    await apply(stateOf({ layers: [BEEPING], strips: [stripOf('s', ofCard)] }));
    await pcm((await nowFrame()) + 9600, 480);
    const moved = ANCHOR_US + 345_678;
    await page.evaluate((us) => harness.anchor(us), moved);
    const start = await nextSecond(24_000, moved);
    expect((await pcm(start, 4800)).subarray(0, 4800)).toEqual(renderBeep());
    expect(peakOf(await pcm(start + 4800, 43_200))).toBe(0);
  });

  test('a sync offset delays the strip by exactly its milliseconds', async () => {
    await page.evaluate((us) => harness.anchor(us), ANCHOR_US);
    await apply(stateOf({ layers: [BEEPING], strips: [stripOf('s', ofCard, { syncOffsetMs: 250 })] }));
    const start = await nextSecond(48_000);
    expect(await pcm(start + 12_000, 4800)).toEqual(renderBeep());
    expect(peakOf(await pcm(start, 12_000))).toBe(0);
  });

  test('the strip of a layer is silent while its layer is hidden', async () => {
    await page.evaluate((us) => harness.anchor(us), ANCHOR_US);
    await apply(stateOf({ layers: [{ ...BEEPING, visible: false }], strips: [stripOf('s', ofCard)] }));
    expect(peakOf(await pcm((await nowFrame()) + 4800, 60_000))).toBe(0);
  });
});

describe('mixer', () => {
  test('a tone of −20 dBFS reads −20, and −26 with the fader at −6', async () => {
    await play('tone');
    await expect
      .poll(async () => dbOfPeak((await page.evaluate(() => harness.levels()))['s'] ?? 0))
      .toBeCloseTo(-20, 1);
    await apply(playing('tone', await nowFrame(), { gainDb: -6 }));
    await expect
      .poll(async () => dbOfPeak((await page.evaluate(() => harness.levels()))['s'] ?? 0))
      .toBeCloseTo(-26, 1);
    await expect
      .poll(async () => dbOfPeak((await page.evaluate(() => harness.levels()))['mix'] ?? 0))
      .toBeCloseTo(-26, 1);
  });

  test('a fader move is a straight ramp of 15 ms, also under a storm of moves', async () => {
    const origin = await play('steady');
    const from = (await nowFrame()) - 480;
    const levels = [-20, -6, -40, 0, -3, -60, -12, 6, 0];
    for (const gainDb of levels) await apply(playing('steady', origin, { gainDb }));
    await apply(playing('steady', origin, { gainDb: 0, muted: true }));
    const samples = await pcm(from, 30_000);
    expect(samples[0]).toBeCloseTo(0.5, 6);
    expect(samples.at(-1)).toBe(0);
    // The steepest ramp there is: from 0 to +6 dB in 720 samples.
    expect(largestStep(samples)).toBeLessThan((0.5 * 2) / 720 + 1e-6);
  });

  test('a mute takes 720 samples', async () => {
    const origin = await play('steady');
    const from = await nowFrame();
    await apply(playing('steady', origin, { muted: true }));
    const samples = await pcm(from, 24_000);
    const between = samples.filter((value) => value > 0 && value < 0.4999999).length;
    expect(between).toBeGreaterThanOrEqual(718);
    expect(between).toBeLessThanOrEqual(721);
  });

  test('a new sync offset dips instead of clicking', async () => {
    const origin = await play('steady');
    const from = await nowFrame();
    await apply(playing('steady', origin, { syncOffsetMs: 40 }));
    const samples = await pcm(from, 24_000);
    expect(Math.min(...samples)).toBe(0);
    expect(samples.at(-1)).toBeCloseTo(0.5, 6);
    expect(largestStep(samples)).toBeLessThan(0.5 / 720 + 1e-6);
  });

  test('what is too loud follows the limiter’s curve and stays below full scale', async () => {
    const origin = await play('loud', { gainDb: 6 });
    const start = origin + 96_000 + 480;
    const samples = await pcm(start, 480);
    const gain = Math.fround(10 ** (6 / 20));
    const wanted = samples.map((_, i) =>
      limitSample((Math.round(tone(0.9)(480 + i) * 32_768) / 32_768) * gain),
    );
    expect(peakOf(samples)).toBeLessThanOrEqual(1);
    expect(largestStep(samples.map((value, i) => value - wanted[i]!))).toBeLessThan(1e-5);
  });

  test('a 44.1 kHz file becomes a clean 48 kHz tone across its loop joins', async () => {
    const origin = await play('tone44');
    const samples = await pcm(origin + 90_000, 12_000);
    const error = samples.map((value, i) => value - tone(0.1)((90_000 + i) % 96_000));
    const middle = error.filter((_, i) => Math.abs(90_000 + i - 96_000) > 64);
    expect(peakOf(middle)).toBeLessThan(2e-4);
  });
});

describe('film sound', () => {
  const film = layerOf('film', { kind: 'film', mediaId: 'film', loop: true });
  const filmState = (originUs: number, pausedAtUs: number | null = null) =>
    stateOf({
      layers: [film],
      strips: [stripOf('s', { kind: 'layer', layerId: 'film' })],
      media: ['film'],
      layerOrigins: { film: { originUs, pausedAtUs } },
    });
  const DURATION_US = 1_466_667;

  test('every loop join is exact to the sample', async () => {
    await page.evaluate((us) => harness.anchor(us), ANCHOR_US);
    const originUs = ANCHOR_US + ((await nowFrame()) + 48_000) / 0.048 + 7.3;
    await apply(filmState(originUs));
    const starts = [0, 1, 2, 3].map((k) => Math.round((originUs + k * DURATION_US - ANCHOR_US) * 0.048));
    const samples = await pcm(starts[0]!, starts[3]! - starts[0]!);
    const wanted = new Float32Array(samples.length);
    for (let k = 0; k < 3; k++) {
      for (let i = starts[k]!; i < starts[k + 1]!; i++) wanted[i - starts[0]!] = code(i - starts[k]!);
    }
    const wrong = samples.findIndex((value, i) => Math.abs(value - wanted[i]!) > 2e-6);
    expect(wrong).toBe(-1);
  });

  test('a pause is silent, and a seek goes on at its place', async () => {
    await page.evaluate((us) => harness.anchor(us), ANCHOR_US);
    const originUs = ANCHOR_US + ((await nowFrame()) + 24_000) / 0.048;
    await apply(filmState(originUs));
    const started = Math.round((originUs - ANCHOR_US) * 0.048);
    expect(peakOf(await pcm(started + 9600, 4800))).toBeGreaterThan(0.1);
    await apply(filmState(originUs, 300_000));
    const pausedAt = await nowFrame();
    expect(peakOf(await pcm(pausedAt + 9600, 24_000))).toBe(0);
    const seekUs = Math.round(ANCHOR_US + (await nowFrame()) / 0.048 - 500_000);
    await apply(filmState(seekUs));
    const first = Math.round((seekUs - ANCHOR_US) * 0.048);
    const at = (await nowFrame()) + 16_000;
    const length = 2400;
    const samples = await pcm(at, length);
    const round = Math.floor((at - first) / (DURATION_US * 0.048));
    const roundStart = Math.round((seekUs + round * DURATION_US - ANCHOR_US) * 0.048);
    const wrong = samples.findIndex((value, i) => Math.abs(value - code(at + i - roundStart)) > 2e-6);
    expect(wrong).toBe(-1);
  });

  test('a file that is missing or is no sound is told, and the mix goes on', async () => {
    await page.evaluate((us) => harness.anchor(us), ANCHOR_US);
    await apply(playing('nowhere', 0));
    await expect.poll(() => page.evaluate(() => harness.errors().at(-1)?.code)).toBe('media.missing');
    await apply(playing('noise', 0));
    await expect.poll(() => page.evaluate(() => harness.errors().at(-1)?.code)).toBe('media.unsupported');
    expect(peakOf(await pcm((await nowFrame()) + 4800, 480))).toBe(0);
  });
});

describe('devices', () => {
  const anyMicrophone = { kind: 'microphone', device: { deviceId: '', label: '' } } as const;
  const camera = (id: string, device = { deviceId: '', label: '' }) =>
    layerOf(id, { kind: 'camera', device });
  const cameraReport = () => page.evaluate(() => harness.camera());
  const applyCameras = (state: LiveState) => page.evaluate((next) => harness.applyCameras(next), state);
  const heard = async () => dbOfPeak((await page.evaluate(() => harness.levels()))['s'] ?? 0);

  test('a microphone is heard, is told when it goes, and comes back by itself', async () => {
    await apply(stateOf({ strips: [stripOf('s', anyMicrophone)] }));
    await expect.poll(heard, { timeout: 15_000 }).toBeGreaterThan(-40);
    await page.evaluate(() => harness.unplug());
    await expect.poll(() => page.evaluate(() => harness.errors().at(-1)?.code)).toBe('device.lost');
    await expect.poll(() => page.evaluate(() => harness.opened()), { timeout: 15_000 }).toBe(2);
    await expect.poll(heard, { timeout: 15_000 }).toBeGreaterThan(-40);
  });

  test('a refused microphone is asked for again only when told to', async () => {
    await page.evaluate(() => harness.refuse('NotAllowedError'));
    await apply(stateOf({ strips: [stripOf('s', anyMicrophone)] }));
    await expect.poll(() => page.evaluate(() => harness.errors().at(-1)?.code)).toBe('device.denied');
    await page.evaluate(() => harness.refuse(null));
    await pcm((await nowFrame()) + 48_000, 480);
    expect(await page.evaluate(() => harness.opened())).toBe(0);
    await page.evaluate(() => harness.retry());
    await expect.poll(heard, { timeout: 15_000 }).toBeGreaterThan(-40);
  });

  test('two layers share one camera, and both get it back after it was lost', async () => {
    await applyCameras(stateOf({ layers: [camera('a'), camera('b')] }));
    await expect
      .poll(
        async () =>
          Math.min((await cameraReport()).counts['a'] ?? 0, (await cameraReport()).counts['b'] ?? 0),
        { timeout: 15_000 },
      )
      .toBeGreaterThan(20);
    expect((await cameraReport()).sizes['a']).toEqual([1280, 720]);
    expect(await page.evaluate(() => harness.opened())).toBe(1);
    await page.evaluate(() => harness.unplug());
    await expect
      .poll(async () => (await cameraReport()).lost.map((lost) => [lost.layerId, lost.error?.code]))
      .toEqual([
        ['a', 'device.lost'],
        ['b', 'device.lost'],
      ]);
    await expect
      .poll(async () => (await cameraReport()).streams, { timeout: 15_000 })
      .toEqual({ a: 2, b: 2 });
    const before = (await cameraReport()).counts['a'] ?? 0;
    await expect
      .poll(async () => (await cameraReport()).counts['a'], { timeout: 15_000 })
      .toBeGreaterThan(before + 10);
  });

  test('a camera is found by its label when its id changed, and a stranger is missing', async () => {
    const list = await page.evaluate(() => harness.devices());
    expect(list?.cameras).toHaveLength(2);
    const label = list!.cameras[1]!.label;
    await applyCameras(
      stateOf({
        layers: [
          camera('a', { deviceId: 'old', label }),
          camera('b', { deviceId: 'old', label: 'No such camera' }),
        ],
      }),
    );
    await expect
      .poll(async () => (await cameraReport()).counts['a'] ?? 0, { timeout: 15_000 })
      .toBeGreaterThan(5);
    expect((await cameraReport()).lost.map((lost) => [lost.layerId, lost.error?.code])).toEqual([
      ['b', 'device.missing'],
    ]);
  });

  test('a layer that goes closes its camera', async () => {
    await applyCameras(stateOf({ layers: [camera('a')] }));
    await expect
      .poll(async () => (await cameraReport()).counts['a'] ?? 0, { timeout: 15_000 })
      .toBeGreaterThan(5);
    await applyCameras(stateOf({}));
    const after = (await cameraReport()).counts['a']!;
    await pcm((await nowFrame()) + 24_000, 480);
    expect((await cameraReport()).counts['a']).toBeLessThanOrEqual(after + 3);
  });

  test('the programme goes on without loudspeakers', async () => {
    const from = await nowFrame();
    await page.evaluate(() => harness.loseSpeakers());
    await expect.poll(() => page.evaluate(() => harness.errors().at(-1)?.code)).toBe('device.lost');
    await pcm(from + 2 * 48_000, 480);
    const frames = await page.evaluate(() => harness.blockFrames());
    expect(frames.every((frame, i) => i === 0 || frame === frames[i - 1]! + 480)).toBe(true);
  });
});
