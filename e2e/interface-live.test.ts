import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { commands, interfaceTests, shot } from './helpers/interface-page';

const FILM = readFileSync(join(import.meta.dirname, '../shows/demo/rabbit320.mp4'));
const { open } = interfaceTests();

describe('an input is timed by its event', () => {
  test.each([
    ['a typed prompt by its last key', 'ink'],
    ['a cue by its key', ''],
  ])('%s, not by the moment of sending', async (_, typed) => {
    const page = await open('camera', '&select=cam');
    await page.evaluate(() => {
      const times: number[] = [];
      Object.assign(window, { times });
      /** A page that is busy: the studio's own listeners hear of the event only later. */
      function note(event: Event) {
        times.push(event.timeStamp);
        const until = performance.now() + 200;
        while (performance.now() < until);
      }
      for (const type of ['input', 'keydown']) {
        window.addEventListener(type, note, { capture: true });
      }
    });
    if (typed === '') await page.keyboard.press('3');
    else await page.getByLabel('Prompt', { exact: true }).pressSequentially(typed, { delay: 10 });
    await expect.poll(async () => (await commands(page)).length).toBeGreaterThan(0);
    const [lastMs, inputUs] = await page.evaluate(() => {
      const { times } = window as unknown as { times: number[] };
      return [times.at(-1) ?? 0, window.link.inputsUs.at(-1) ?? 0];
    });
    // The harness's programme clock is the page's own. A handler's time would be 200 ms off, or more.
    expect(Math.abs(inputUs - lastMs * 1000)).toBeLessThan(100_000);
  });
});

describe('health in detail', () => {
  test('opens by keyboard, tells every figure with its meaning, and closes by Esc', async () => {
    const page = await open('camera');
    await page.getByRole('button', { name: /Health in detail/ }).focus();
    await page.keyboard.press('Enter');
    const details = page.getByLabel('Health in detail').last();
    await details.getByText('Sound jumps').first().waitFor();
    const facts = await factsOf(page);
    expect(facts).toMatchObject({
      Programme: '29.9 fps',
      Composite: '4.0 / 9.0 ms',
      Encode: '4.0 / 9.0 ms',
      Late: '3 · 0.1 %',
      'Left out': '0 · 0.0 %',
      'Not encoded': '0',
      'Sound jumps': '0',
      Renderer: 'Canvas 2D',
      'Distinct pictures': '11.4 fps',
      'Knob→pixel': '84 / 121 ms',
      Age: '4.0 / 9.0 ms',
      Dropped: '37 /s',
      Provider: 'cpu',
      Model: 'animate-mini',
    });
    expect(await page.locator('.fact:not([title])').count()).toBe(0);
    expect(await details.getByLabel('Time of each step').locator('li').count()).toBe(4);
    await shot(page, 'health-dark');
    await page.keyboard.press('Escape');
    await page.locator('.fact').first().waitFor({ state: 'detached' });
  });

  test('is pinned over the canvas, stays through work elsewhere, and is let go by the same button', async () => {
    const page = await open('busy', '&theme=light&select=cam');
    const button = page.getByRole('button', { name: /Health in detail/ });
    await button.click();
    await page.getByRole('button', { name: /^Pin/ }).click();
    const pinned = page.getByRole('complementary', { name: 'Health in detail' });
    await pinned.waitFor();
    await page.getByRole('tab', { name: 'Engine' }).click();
    await page.keyboard.press('Escape');
    expect(await pinned.isVisible()).toBe(true);
    await shot(page, 'health-pinned-light');
    for (const size of [
      { width: 1280, height: 800 },
      { width: 640, height: 400 },
    ]) {
      await page.setViewportSize(size);
      const inside = await page.evaluate(() => {
        const box = document.querySelector('aside.pinned')?.getBoundingClientRect();
        const stage = document.querySelector('.stage')?.getBoundingClientRect();
        return (
          box && stage && box.bottom <= stage.bottom && box.left >= stage.left && box.right <= stage.right
        );
      });
      expect(inside).toBe(true);
    }
    await shot(page, 'health-pinned-zoomed');
    await page.setViewportSize({ width: 1280, height: 800 });
    await button.click();
    await pinned.waitFor({ state: 'detached' });
    expect(await page.locator('.fact').count()).toBe(0);
    await page.getByRole('application').focus();
    await page.keyboard.press('h');
    await pinned.waitFor();
  });
});

describe('a film', () => {
  test('goes where the slider is dragged and the time typed, and moves on by itself', async () => {
    const page = await open('busy', '&select=l0', undefined, serveFilm);
    await page.getByRole('tab', { name: 'Source' }).click();
    const slider = page.getByRole('slider', { name: 'Position' });
    await slider.waitFor();
    const film = page.getByRole('group', { name: 'Film', exact: true });
    await film.getByRole('button', { name: 'Pause' }).click();
    const field = page.getByLabel('Position, value');
    await field.fill('0:04,5');
    await field.press('Enter');
    expect((await commands(page)).at(-1)).toEqual({
      type: 'layer.seek',
      layerId: 'l0',
      positionUs: 4_500_000,
    });
    expect(await slider.getAttribute('aria-valuenow')).toBe('4.5');
    await shot(page, 'film-position-dark');
    const box = await slider.boundingBox();
    if (!box) throw new Error('The slider must be on the page.');
    await page.mouse.move(box.x + box.width * 0.2, box.y + box.height / 2);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width * 0.5, box.y + box.height / 2, { steps: 4 });
    await page.mouse.up();
    const most = Number(await slider.getAttribute('aria-valuemax'));
    const half = Number(await slider.getAttribute('aria-valuenow'));
    expect(half / most).toBeCloseTo(0.5, 1);
    await new Promise((done) => setTimeout(done, 600));
    expect(Number(await slider.getAttribute('aria-valuenow'))).toBe(half);
    await film.getByRole('button', { name: 'Play' }).click();
    await expect.poll(async () => Number(await slider.getAttribute('aria-valuenow'))).toBeGreaterThan(half);
  });
});

describe('a microphone that is away', () => {
  test('keeps its name in the list, and its strip says so in words', async () => {
    const page = await open('busy', '&theme=light');
    await page.getByText('Mic missing', { exact: true }).waitFor();
    await page.evaluate(() =>
      window.studio.command({
        type: 'strip.update',
        stripId: 's1',
        patch: { source: { kind: 'microphone', device: { deviceId: 'gone', label: 'Bar microphone' } } },
      }),
    );
    await page.getByRole('button', { name: 'Audience microphone behind the bar: settings' }).click();
    const list = page.getByRole('combobox', { name: 'Microphone' });
    expect(await list.evaluate((one: HTMLSelectElement) => one.selectedOptions[0]?.text)).toBe(
      'Bar microphone (not connected)',
    );
    await shot(page, 'strip-trouble-light');
    await list.selectOption({ label: 'Shure MV7+ Podcast Microphone, Analog Stereo' });
    expect((await commands(page)).at(-1)).toMatchObject({
      patch: {
        source: { device: { deviceId: 'm1', label: 'Shure MV7+ Podcast Microphone, Analog Stereo' } },
      },
    });
  });

  test('is found again by its name when its id has changed', async () => {
    const page = await open('camera');
    const label = 'Shure MV7+ Podcast Microphone, Analog Stereo';
    await page.evaluate(
      (name) =>
        window.studio.command({
          type: 'strip.update',
          stripId: 'mic',
          patch: { source: { kind: 'microphone', device: { deviceId: 'old', label: name } } },
        }),
      label,
    );
    await page.getByRole('button', { name: 'Microphone: settings' }).click();
    const list = page.getByRole('combobox', { name: 'Microphone' });
    expect(await list.evaluate((one: HTMLSelectElement) => one.value)).toBe('m1');
  });
});

describe('the button of a notice', () => {
  test('"Choose a folder" opens the recording settings at the folder', async () => {
    const page = await open('engine-failed');
    await page.getByRole('button', { name: 'Choose a folder' }).click();
    const folder = page.getByRole('textbox', { name: 'Folder' });
    await expect.poll(() => folder.evaluate((one) => one === document.activeElement)).toBe(true);
    await shot(page, 'choose-folder-dark');
    await folder.fill('/shows/tonight');
    await folder.press('Tab');
    expect((await commands(page)).at(-1)).toEqual({
      type: 'recording.configure',
      recording: { folder: '/shows/tonight' },
    });
  });
});

/** Term → value of the figures that are open. */
async function factsOf(page: Page): Promise<Record<string, string>> {
  return page.evaluate(() =>
    Object.fromEntries(
      [...document.querySelectorAll('.fact')].map((fact) => [
        fact.querySelector('dt')?.firstChild?.textContent?.trim() ?? '',
        fact.querySelector('dd')?.textContent?.trim() ?? '',
      ]),
    ),
  );
}

/** Serves the film of the scenario, with byte ranges, as the studio does. */
async function serveFilm(page: Page): Promise<void> {
  await page.route('**/media/m1', async (route) => {
    const range = /bytes=(\d+)-(\d*)/.exec(route.request().headers()['range'] ?? '');
    const from = Number(range?.[1] ?? 0);
    const to = Math.min(Number(range?.[2] || FILM.length - 1), FILM.length - 1);
    await route.fulfill({
      status: 206,
      contentType: 'video/mp4',
      headers: { 'accept-ranges': 'bytes', 'content-range': `bytes ${from}-${to}/${FILM.length}` },
      body: FILM.subarray(from, to + 1),
    });
  });
}
