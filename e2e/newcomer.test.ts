import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { emptyProject, FULL_FRAME, type Layer, type Project } from '../contract/project';
import type { GreyPicture } from '../renderer/stage/barcode';
import { startChromium, type TestBrowser } from './helpers/chromium';
import { stillCamera, type FakeCamera } from './helpers/fake-camera';
import { programmeShot } from './helpers/programme-shot';
import { difference, probe } from './helpers/recording';
import { StudioProcess } from './helpers/studio-process';
import { until } from './helpers/until';

/** How long a newcomer may wait for the first animated picture. */
const PATIENCE_MS = 60_000;

let camera: FakeCamera;
let browser: TestBrowser;
let studio: StudioProcess;
let page: Page;

beforeAll(async () => {
  camera = stillCamera();
  browser = await startChromium(camera.flags);
});
afterAll(async () => {
  await browser?.close();
  camera?.remove();
});
afterEach(async () => {
  await page?.close();
  await studio?.stop();
});

/** Opens the studio's page in a browser whose owner lets it have camera and microphone. */
async function open(project: Partial<Project>): Promise<void> {
  studio = await StudioProcess.start({ args: ['--serve'], project });
  await browser.context.grantPermissions(['camera', 'microphone'], { origin: new URL(studio.url).origin });
  page = await browser.context.newPage();
  await page.goto(studio.url);
}

function health(): Promise<string> {
  return page.getByRole('group', { name: 'Health' }).innerText();
}

async function untilApplied(): Promise<void> {
  const progress = page.getByRole('region', { name: 'Prompt deck' }).getByRole('status');
  await progress.filter({ hasText: 'Applied' }).waitFor({ timeout: PATIENCE_MS });
}

/** The level that a strip's meter shows, 0 to 1. */
function meterLevel(strip: string): Promise<number> {
  return page
    .getByRole('slider', { name: `${strip} level` })
    .evaluate((slider) =>
      Number(
        slider.parentElement?.querySelector<HTMLElement>('.meter')?.style.getPropertyValue('--level') ?? 0,
      ),
    );
}

describe('a newcomer', () => {
  test('gets from the empty studio to an animated camera, plays a prompt, records, and takes it all back', async () => {
    await open({});
    await page.getByRole('button', { name: /Animate my camera/ }).click();
    await untilApplied();
    await animates();
    await hears();
    await playsPrompts();
    await records();
    await takesBack();
  });

  test('gets there by keyboard alone', async () => {
    await open({});
    const start = page.getByRole('button', { name: /Animate my camera/ });
    await start.waitFor();
    await until(
      'Tab to reach the start',
      async () => {
        await page.keyboard.press('Tab');
        return start.evaluate((element) => element === document.activeElement);
      },
      20_000,
    );
    await page.keyboard.press('Enter');
    await untilApplied();
    await page.keyboard.press('p');
    await page.keyboard.press('Control+a');
    await page.keyboard.type('neon night');
    await studio.until('the typed prompt', (state) => engineOf(state.project)?.prompt === 'neon night');
    await untilApplied();
  });
});

describe('a camera that is not there', () => {
  test('is told in words on its layer, and the programme goes on', async () => {
    await open(lostCameraProject());
    await page.getByText('Not connected').first().waitFor();
    const first = await programmeShot(page);
    await until('the programme to move on', async () => difference(first, await programmeShot(page)) > 0.3);
    expect(Number.parseFloat(await health())).toBeGreaterThan(0);
  });

  test('a new project leaves it in its file and begins in another', async () => {
    await open(lostCameraProject());
    const before = studio.state.projectFile;
    await page.getByRole('button', { name: /^Project / }).click();
    await page.getByRole('menuitem', { name: 'New project' }).click();
    await page.getByRole('button', { name: /Animate my camera/ }).waitFor();
    const now = studio.state.projectFile;
    expect(dirname(now)).toBe(join(studio.userData, 'projects'));
    await until('the new project to be saved', () => existsSync(now));
    expect((JSON.parse(await readFile(before, 'utf8')) as Project).name).toBe('Lost');
    await page.getByRole('button', { name: /^Project / }).click();
    await page.getByRole('menuitem', { name: 'Lost' }).click();
    await studio.until('the project again', (state) => state.projectFile === before);
    await page.getByText('Not connected').first().waitFor();
  });
});

/** The engine's picture differs from the camera's, which by itself stands still. */
async function animates(): Promise<void> {
  const layerId = studio.state.project.scenes[0]!.layers[0]!.id;
  const mix = (value: number) => studio.command({ type: 'engine.update', layerId, patch: { mix: value } });
  const animated = await programmeShot(page);
  await mix(0);
  let source = await programmeShot(page);
  await until('the source alone to stand still', async () => {
    const before = source;
    source = await programmeShot(page);
    return difference(before, source) < 0.5;
  });
  expect(difference(animated, source)).toBeGreaterThan(4);
  expect(spread(animated)).toBeGreaterThan(8);
  await mix(1);
}

/** The microphone's meter moves. */
async function hears(): Promise<void> {
  const levels = new Set<number>();
  await until('the microphone’s meter to move', async () => {
    levels.add(await meterLevel('Microphone'));
    return levels.size > 3 && Math.max(...levels) > 0.2;
  });
}

/** What is typed is sent by itself; words the model does not know are marked and named. */
async function playsPrompts(): Promise<void> {
  const prompt = page.getByLabel('Prompt', { exact: true });
  await prompt.fill('neon night flibbertigibbet');
  await page.getByText('Not known to the model: flibbertigibbet').waitFor();
  expect(await page.locator('.marked [data-kind="unknown"]').allInnerTexts()).toEqual(['flibbertigibbet']);
  await prompt.fill('neon night');
  await page.getByText('Not known to the model').waitFor({ state: 'detached' });
  await untilApplied();
  await until('knob→pixel in the top bar', async () => /\d+\/\d+\s+ms\s+knob→pixel/.test(await health()));
}

/** A recording begun and ended by hand is a film with sound. */
async function records(): Promise<void> {
  await page.getByRole('button', { name: 'Record', exact: true }).click();
  await studio.until('4 s of recording', (state) => state.recording.durationUs > 4e6);
  await page.getByRole('region', { name: 'Outputs' }).getByRole('button', { name: 'Stop' }).click();
  const { recording } = await studio.until('the file', (state) => state.recording.state === 'idle');
  expect(recording.error).toBeNull();
  const { streams, format } = await probe(recording.file!);
  expect(streams.map((stream) => stream.codec_type).sort()).toEqual(['audio', 'video']);
  expect(Number(format.duration)).toBeGreaterThan(3);
}

/** Undo goes back to the empty studio. */
async function takesBack(): Promise<void> {
  const undo = page.getByRole('button', { name: /^Undo/ });
  while (studio.state.canUndo) {
    const { version } = studio.state;
    await undo.click();
    await studio.until('the step back', (state) => state.version > version);
  }
  await page.getByRole('button', { name: /Animate my camera/ }).waitFor();
  expect(studio.state.project).toMatchObject({ scenes: [{ layers: [] }], strips: [] });
}

/** How far a picture is from being one flat grey: the mean distance from its mean, grey levels. */
function spread({ data }: GreyPicture): number {
  const mean = data.reduce((sum, value) => sum + value, 0) / data.length;
  return data.reduce((sum, value) => sum + Math.abs(value - mean), 0) / data.length;
}

function engineOf(project: Project) {
  return project.scenes[0]?.layers[0]?.engine;
}

/** A camera that no machine has over a test card that runs. */
function lostCameraProject(): Partial<Project> {
  const common = { visible: true, locked: false, opacity: 1, blend: 'normal', engine: null } as const;
  const layers: Layer[] = [
    {
      ...common,
      id: 'card',
      name: 'Card',
      source: { kind: 'test-card', beep: false },
      transform: FULL_FRAME,
    },
    {
      ...common,
      id: 'gone',
      name: 'Gone camera',
      source: { kind: 'camera', device: { deviceId: 'nobody', label: 'Camera of another machine' } },
      transform: { ...FULL_FRAME, width: 0.3, height: 0.3 },
    },
  ];
  const { scenes } = emptyProject();
  return { name: 'Lost', scenes: [{ ...scenes[0]!, layers }] };
}
