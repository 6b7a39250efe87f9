import type { Locator, Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { faintWords } from './helpers/faint-words';
import { commands, interfaceTests, shot } from './helpers/interface-page';

const { open } = interfaceTests();

describe('every screen', () => {
  const SCREENS = ['empty', 'camera', 'busy', 'engine-failed', 'engines', 'reconnecting', 'connecting'];

  test.each(SCREENS)(
    '%s: nothing but lists scrolls and nothing leaves the window at 1280×800',
    async (name) => {
      const page = await open(name, '&select=cam');
      if (name !== 'empty' && name !== 'connecting') await page.getByRole('tab', { name: 'Engine' }).click();
      const loose = await page.evaluate(() =>
        [...document.querySelectorAll('body *')]
          .filter((element) => {
            const style = getComputedStyle(element);
            const scrolls = ['auto', 'scroll'].includes(style.overflowY);
            const list = element.matches('ul, ol');
            const tall = scrolls && !list && element.scrollHeight > element.clientHeight + 1;
            const outside =
              element.getBoundingClientRect().right > innerWidth + 1 && !element.closest('ul, ol, .words');
            return tall || outside;
          })
          .map((element) => element.className.toString()),
      );
      await shot(page, `${name}-dark-1280`);
      expect(loose).toEqual([]);
    },
  );

  test.each(['Words', 'Motion'])(
    'the page "%s" of an animated layer fits, with all that it can show',
    async (name) => {
      const page = await open('animate', '&select=cam');
      await page.getByRole('tab', { name }).click();
      await shot(page, `animate-${name.toLowerCase()}-dark-1280`);
      const tall = await page.evaluate(() =>
        [...document.querySelectorAll('.inspector-page')].some((e) => e.scrollHeight > e.clientHeight + 1),
      );
      expect(tall).toBe(false);
    },
  );

  test.each(SCREENS)('%s: every control can be reached and has a name', async (name) => {
    const page = await open(name, '&select=cam');
    const nameless = await page.evaluate(() =>
      [
        ...document.querySelectorAll<HTMLElement>(
          'button, input, select, textarea, [role=slider], [role=button]',
        ),
      ]
        .filter((element) => {
          const labels = element instanceof HTMLInputElement ? [...(element.labels ?? [])] : [];
          const select = element instanceof HTMLSelectElement ? [...element.labels] : [];
          const words = [
            element.getAttribute('aria-label'),
            element.textContent,
            ...[...labels, ...select].map((label) => label.textContent),
          ];
          const named = words.some((text) => (text ?? '').trim() !== '');
          // Tabs share one stop of the Tab key; arrows go between them.
          const reached = element.tabIndex >= 0 || element.role === 'tab';
          return !named || !reached;
        })
        .map((element) => element.outerHTML.slice(0, 160)),
    );
    expect(nameless).toEqual([]);
  });

  test.each(['light', 'contrast'])('%s theme: words keep their contrast', async (theme) => {
    const page = await open('busy', `&theme=${theme}&select=l3`, { width: 1920, height: 1080 });
    await shot(page, `busy-${theme}-1920`);
    // A theme fades in: what counts is what it comes to.
    await expect.poll(() => page.evaluate(faintWords)).toEqual([]);
  });

  test('dark theme: words keep their contrast', async () => {
    const page = await open('busy', '&select=l3');
    await expect.poll(() => page.evaluate(faintWords)).toEqual([]);
  });

  test('at 200 % zoom the desk becomes one column and the picture stays in sight', async () => {
    const page = await open('busy', '&select=cam', { width: 640, height: 400 });
    await page
      .getByRole('button', { name: /^Record|^Stop$/ })
      .first()
      .scrollIntoViewIfNeeded();
    await shot(page, 'busy-dark-zoomed');
    const picture = await page.getByLabel('Programme picture').boundingBox();
    expect(picture && picture.y >= 0 && picture.y + picture.height <= 400).toBe(true);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(640);
  });
});

describe('by hand', () => {
  test('one click starts an animated camera with a microphone and a prompt', async () => {
    const page = await open('empty');
    await page.getByRole('button', { name: /Animate my camera/ }).click();
    await page.getByLabel('Prompt', { exact: true }).waitFor();
    expect(await page.getByLabel('Prompt', { exact: true }).inputValue()).not.toBe('');
    expect((await commands(page)).map((command) => command.type)).toEqual(['layer.add', 'strip.add']);
  });

  test('a layer that is dragged snaps to the edge, and Esc puts it back', async () => {
    const page = await open('camera', '&select=title');
    const canvas = await page.getByRole('application').boundingBox();
    if (!canvas) throw new Error('The canvas must be on the page.');
    const at = (x: number, y: number) => [canvas.x + x * canvas.width, canvas.y + y * canvas.height] as const;
    await page.mouse.move(...at(0.3, 0.82));
    await page.mouse.down();
    await page.mouse.move(...at(0.26, 0.7), { steps: 4 });
    await page.mouse.move(...at(0.245, 0.6), { steps: 4 });
    const snapped = await page.evaluate(() => window.studio.selected?.transform.x);
    expect(snapped).toBeCloseTo(0, 9);
    await shot(page, 'drag-snapping');
    await page.keyboard.press('Escape');
    await page.mouse.up();
    expect(await page.evaluate(() => window.studio.selected?.transform)).toMatchObject({ x: 0.06, y: 0.74 });
  });

  test('a corner grip resizes around the corner across, a side grip one way only', async () => {
    const page = await open('camera', '&select=title');
    const before = await placeOf(page);
    await drag(page, page.locator('.handle[data-at=se]'), { x: 61, y: -23 });
    const corner = await placeOf(page);
    expect(corner.x).toBeCloseTo(before.x, 9);
    expect(corner.y).toBeCloseTo(before.y, 9);
    expect((corner.width - before.width) * corner.frame.width).toBeCloseTo(61, 3);
    expect((corner.height - before.height) * corner.frame.height).toBeCloseTo(-23, 3);
    await drag(page, page.locator('.handle[data-at=w]'), { x: 37, y: 50 });
    const side = await placeOf(page);
    expect((side.x - corner.x) * side.frame.width).toBeCloseTo(37, 3);
    expect(side.x + side.width).toBeCloseTo(corner.x + corner.width, 9);
    expect(side.y).toBeCloseTo(corner.y, 9);
    expect(side.height).toBeCloseTo(corner.height, 9);
    await shot(page, 'resized');
  });

  test('the turn grip turns the layer around its middle, with Shift by steps of 15°, and Esc turns it back', async () => {
    const page = await open('camera', '&select=title');
    const box = await page.locator('.overlay .box').boundingBox();
    if (!box) throw new Error('The selected layer must have a box.');
    const centre = { x: box.x + box.width / 2, y: box.y + box.height / 2 };
    /** On a circle around the middle, from the top clockwise. */
    const to = (deg: number, reach = 100) => {
      const angle = (deg * Math.PI) / 180;
      return [centre.x + reach * Math.sin(angle), centre.y - reach * Math.cos(angle)] as const;
    };
    const grip = await page.locator('.handle.turn').boundingBox();
    if (!grip) throw new Error('The selected layer must have a turn grip.');
    await page.mouse.move(grip.x + grip.width / 2, grip.y + grip.height / 2);
    await page.mouse.down();
    await page.mouse.move(...to(20), { steps: 3 });
    await page.mouse.move(...to(40), { steps: 3 });
    const turned = await placeOf(page);
    expect(turned.rotationDeg).toBeCloseTo(40, 0);
    expect([turned.x, turned.y, turned.width, turned.height]).toEqual([0.06, 0.74, 0.5, 0.16]);
    await shot(page, 'turning');
    await page.keyboard.down('Shift');
    await page.mouse.move(...to(52), { steps: 2 });
    expect((await placeOf(page)).rotationDeg).toBe(45);
    await page.keyboard.up('Shift');
    await page.keyboard.press('Escape');
    await page.mouse.up();
    expect((await placeOf(page)).rotationDeg).toBe(0);
  });

  test('arrow keys move the selected layer by 10 pixels, with Shift by 1', async () => {
    const page = await open('camera', '&select=title');
    await page.getByRole('application').focus();
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('Shift+ArrowRight');
    const x = await page.evaluate(() => window.studio.selected?.transform.x ?? 0);
    expect(x * 1280).toBeCloseTo(0.06 * 1280 + 11, 6);
  });

  test('typing sends one prompt after a pause, a cue key plays its prompt, the history goes back', async () => {
    const page = await open('camera', '&select=cam');
    const prompt = page.getByLabel('Prompt', { exact: true });
    await prompt.fill('');
    await prompt.pressSequentially('ink', { delay: 10 });
    await expect.poll(async () => (await prompts(page)).at(-1)).toBe('ink');
    await prompt.press('Escape');
    await page.keyboard.press('3');
    await expect.poll(() => prompt.inputValue()).toBe('comic candy');
    expect((await commands(page)).at(-1)).toEqual({ type: 'cue.play', cueId: 'cue-2', layerId: 'cam' });
    await page.getByRole('button', { name: 'The prompt before' }).click();
    await expect.poll(async () => (await prompts(page)).at(-1)).toBe('ink');
  });

  test('a slider steps by arrow, finely with Shift, and resets by double-click', async () => {
    const page = await open('camera', '&select=cam');
    const strength = page.getByRole('slider', { name: 'Strength' }).last();
    await strength.focus();
    await page.keyboard.press('ArrowRight');
    expect(await strength.getAttribute('aria-valuenow')).toBe('0.81');
    await page.keyboard.press('Shift+ArrowLeft');
    expect(await strength.getAttribute('aria-valuenow')).toBe('0.809');
    await strength.dblclick({ position: { x: 4, y: 10 } });
    expect(await strength.getAttribute('aria-valuenow')).toBe('0.8');
  });

  test('a fader takes typing in dB, and a press on its track does not jump', async () => {
    const page = await open('camera');
    const field = page.getByLabel('Microphone level in dB');
    await field.fill('-12,5 dB');
    await field.press('Enter');
    const fader = page.getByRole('slider', { name: 'Microphone level' });
    expect(await fader.getAttribute('aria-valuetext')).toBe('−12.5 dB');
    await fader.click({ position: { x: 10, y: 2 } });
    expect(await fader.getAttribute('aria-valuenow')).toBe('-12.5');
  });

  test('what an engine runs on is chosen, the token of its server sent apart', async () => {
    const page = await open('engines', '&select=back');
    await page.evaluate(() => {
      const kept: unknown[] = [];
      Object.assign(window, { tokens: kept });
      window.link.studio.setEngineToken = async (engine, token) => {
        kept.push([engine, token]);
        return { ok: true, value: null };
      };
    });
    await page.getByRole('tab', { name: 'Engine' }).click();
    await page.getByRole('button', { name: 'choose what the engine runs on' }).click();
    await page.getByLabel('Provider').selectOption('webgpu');
    await page.getByLabel('Model server').fill('grpcs://user:secret@gpu.example');
    await page.getByRole('button', { name: 'Keep', exact: true }).click();
    expect(await page.evaluate(() => window.link.engineRun.remote)).toBeNull();
    await page.getByLabel('Model server').fill('grpcs://gpu.example:8001');
    const token = page.getByLabel('Token');
    expect(await token.getAttribute('type')).toBe('password');
    await token.fill('hunter2-token');
    await shot(page, 'engine-run-dialog');
    await page.getByRole('button', { name: 'Keep', exact: true }).click();
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    expect(await page.evaluate(() => window.link.engineRun)).toEqual({
      provider: 'webgpu',
      remote: { url: 'grpcs://gpu.example:8001' },
      quality: null,
    });
    expect(await page.evaluate(() => (window as unknown as { tokens: unknown[] }).tokens)).toEqual([
      ['animate', 'hunter2-token'],
    ]);
    expect(await page.content()).not.toContain('hunter2-token');
  });

  test('a destination is added with its key sent apart from the project', async () => {
    const page = await open('camera');
    await page.evaluate(() => {
      const kept: unknown[] = [];
      Object.assign(window, { keys: kept });
      window.link.studio.setStreamKey = async (id, key) => {
        kept.push([typeof id, key]);
        return { ok: true, value: null };
      };
    });
    await page.getByRole('button', { name: 'Add a destination' }).first().click();
    await page.getByLabel('Address').fill('rtmp://live.example.com/app');
    const key = page.getByLabel('Stream key');
    expect(await key.getAttribute('type')).toBe('password');
    await key.fill('sk_live_123');
    await shot(page, 'destination-dialog');
    await page.getByRole('button', { name: 'Add', exact: true }).last().click();
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    expect(await page.evaluate(() => (window as unknown as { keys: unknown[] }).keys)).toEqual([
      ['string', 'sk_live_123'],
    ]);
    expect(JSON.stringify(await commands(page))).not.toContain('sk_live_123');
    expect(await page.content()).not.toContain('sk_live_123');
  });

  test('stopping a live destination asks, and Enter says no', async () => {
    const page = await open('busy');
    const outputs = page.getByRole('region', { name: 'Outputs' });
    const stop = outputs.getByRole('list').getByRole('button', { name: 'Stop', exact: true }).first();
    await stop.click();
    await page.getByRole('alertdialog').waitFor();
    await shot(page, 'stop-live-dialog');
    await page.keyboard.press('Enter');
    await page.getByRole('alertdialog').waitFor({ state: 'detached' });
    expect((await commands(page)).filter((command) => command.type === 'live.stop')).toEqual([]);
    await stop.click();
    await page.getByRole('alertdialog').getByRole('button', { name: 'Stop' }).click();
    await page.getByRole('alertdialog').waitFor({ state: 'detached' });
    expect((await commands(page)).at(-1)).toEqual({ type: 'live.stop', destinationId: 'd1' });
  });

  test('work on a scene off air leaves the programme in sight, and a take puts it on', async () => {
    const page = await open('busy');
    await page.getByRole('button', { name: 'Scene Pause: more' }).click();
    await page.getByRole('menuitem', { name: 'Work on it without taking' }).click();
    await page.getByText('Working on “Pause”').waitFor();
    expect(await page.getByText('Start your show').count()).toBe(0);
    expect((await commands(page)).filter((command) => command.type === 'scene.take')).toEqual([]);
    await shot(page, 'off-air-scene');
    await page.getByRole('button', { name: 'Take', exact: true }).click();
    expect((await commands(page)).at(-1)).toEqual({ type: 'scene.take', sceneId: 'scene-3' });
  });

  test('layers are reordered by keyboard', async () => {
    const page = await open('camera', '&select=title');
    await page.locator('[data-row]').first().focus();
    await page.keyboard.press('Alt+ArrowDown');
    expect((await commands(page)).at(-1)).toEqual({ type: 'layer.move', layerId: 'title', index: 0 });
  });

  test('a new project is begun from the menu at the project’s name', async () => {
    const page = await open('camera');
    await projectMenu(page, 'New project');
    await page.getByRole('button', { name: /^Project Untitled 2/ }).waitFor();
    await page.getByRole('button', { name: /Animate my camera/ }).waitFor();
    expect((await commands(page)).at(-1)).toEqual({ type: 'project.new', name: 'Untitled 2' });
  });

  test('the menu shows recent projects but the open one, and opens one', async () => {
    const page = await open('camera');
    await page.getByRole('button', { name: /^Project / }).click();
    const recent = page.getByRole('group', { name: 'Recent' }).getByRole('menuitem');
    await expect.poll(() => recent.allInnerTexts()).toEqual(['Untitled', expect.stringMatching(/players/)]);
    await shot(page, 'project-menu');
    await recent.first().click();
    await page.getByRole('button', { name: /^Project Untitled/ }).waitFor();
  });

  test('a project is opened by its path, and one that is not there is told in words', async () => {
    const page = await open('camera');
    await projectMenu(page, 'Open…');
    await page.getByRole('list', { name: 'Projects' }).getByText('second-night').waitFor();
    await shot(page, 'open-project');
    const field = page.getByLabel('Or the path of a project file');
    await field.fill('/nowhere.json');
    await field.press('Enter');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await page.getByText('There is no project file "/nowhere.json".').waitFor();
    await projectMenu(page, 'Open…');
    await page.getByRole('button', { name: /travelling lantern players/ }).click();
    await page.getByRole('button', { name: /^Project The travelling lantern players/ }).waitFor();
  });

  test('save as goes on under a new name in a new file, and never over one that is listed', async () => {
    const page = await open('camera');
    await projectMenu(page, 'Save as…');
    const name = page.getByLabel('Name', { exact: true });
    expect(await name.inputValue()).toBe('Evening show 2');
    await name.fill('Show');
    expect(await page.getByRole('button', { name: 'Save', exact: true }).isDisabled()).toBe(true);
    await name.fill('Late show');
    await page.getByText('/home/me/late-show.json').waitFor();
    await shot(page, 'save-as');
    await name.press('Enter');
    await page.getByRole('button', { name: /^Project Late show/ }).waitFor();
    expect(await page.evaluate(() => window.link.state.projectFile)).toBe('/home/me/late-show.json');
  });

  test('rename from the menu takes typing at once, and Esc forgets it', async () => {
    const page = await open('camera');
    await projectMenu(page, 'Rename');
    const field = page.getByLabel('Project name');
    await expect.poll(() => field.evaluate((element) => element === document.activeElement)).toBe(true);
    await page.keyboard.type('Matinee');
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: /^Project Evening show/ }).waitFor();
    await projectMenu(page, 'Rename');
    await field.fill('Matinee');
    await field.press('Enter');
    await page.getByRole('button', { name: /^Project Matinee/ }).waitFor();
    expect((await commands(page)).map((command) => command.type)).toEqual(['project.rename']);
  });

  test('another project is refused on air, with the reason', async () => {
    const page = await open('busy');
    await projectMenu(page, 'New project');
    await page.getByText('Another project cannot be opened while on air. Stop all outputs first.').waitFor();
    await shot(page, 'refused-on-air');
    expect(await page.evaluate(() => window.link.state.project.name)).toMatch(/^The very long evening/);
  });

  test('keys that write belong to the field that is written in', async () => {
    const page = await open('camera', '&select=cam');
    await page.getByLabel('Prompt', { exact: true }).focus();
    await page.keyboard.press('r');
    expect((await commands(page)).some((command) => command.type === 'recording.start')).toBe(false);
    await page.keyboard.press('Escape');
    await page.keyboard.press('r');
    await expect.poll(async () => (await commands(page)).at(-1)?.type).toBe('recording.start');
  });

  test('the keyboard map opens by its key and closes by Esc', async () => {
    const page = await open('camera');
    await page.keyboard.press('?');
    await page.getByRole('dialog').waitFor();
    await shot(page, 'keyboard-map');
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
  });
});

describe('engines', () => {
  test.each(['engines', 'engines-trouble'])(
    '%s: the figures of four engines stand in one line, and the scene on air stays in sight',
    async (name) => {
      const page = await open(name);
      const tops = await page
        .getByRole('group', { name: 'Health' })
        .locator('.lamp')
        .evaluateAll((lamps) => lamps.map((lamp) => lamp.getBoundingClientRect().top));
      expect(tops).toHaveLength(4);
      expect(new Set(tops).size).toBe(1);
      const scene = await page.getByRole('navigation', { name: 'Scenes' }).boundingBox();
      expect(scene?.width).toBeGreaterThanOrEqual(120);
    },
  );

  test('one click starts a made backdrop, its first prompt typed already', async () => {
    const page = await open('empty');
    await page.getByRole('button', { name: /Make a backdrop/ }).click();
    expect(await page.getByLabel('Prompt', { exact: true }).inputValue()).toBe('mountains dusk');
    expect(await commands(page)).toMatchObject([
      { type: 'layer.add', layer: { source: { kind: 'generate' } } },
    ]);
  });

  test('of a layer with two engines the deck plays the chosen one, and its words play by a click', async () => {
    const page = await open('engines', '&select=back');
    await page.getByRole('tab', { name: 'Source' }).click();
    await page.getByRole('group', { name: 'Time' }).getByRole('button', { name: 'night' }).click();
    const made = {
      type: 'generate.update',
      layerId: 'back',
      patch: { prompt: 'mountains night balloon flumph' },
    };
    await expect.poll(async () => (await commands(page)).at(-1)).toEqual(made);
    await shot(page, 'made-picture-dark');
    await page.getByRole('button', { name: 'Begin anew' }).first().click();
    await page.getByRole('button', { name: 'Repainted' }).click();
    await page.getByLabel('Prompt', { exact: true }).fill('ink');
    const painted = { type: 'engine.update', layerId: 'back', patch: { prompt: 'ink' } };
    await expect.poll(async () => (await commands(page)).at(-1)).toEqual(painted);
    expect(await commands(page)).toContainEqual({ type: 'generate.reset', layerId: 'back' });
  });

  test('cues are timed in their list and run by the clock', async () => {
    const page = await open('engines', '&select=back');
    await page.getByRole('button', { name: 'Cue list' }).click();
    const time = page.getByLabel('Time of cue 4');
    await time.fill('1:15,5');
    await time.press('Enter');
    const timed = { id: 'cue-3', atMs: 75_500, layerId: 'back' };
    expect((await commands(page)).at(-1)).toMatchObject({ type: 'cue.set', cue: timed });
    await shot(page, 'cue-list-dark');
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Run', exact: true }).click();
    await page.getByText('Halt the cues').waitFor({ state: 'attached' });
    expect((await commands(page)).at(-1)).toEqual({ type: 'cues.run' });
  });

  test('a sound is moved around the listener by keys and by hand, and Esc puts it back', async () => {
    const page = await open('engines');
    await page.getByRole('button', { name: 'Microphone: placed 35° left' }).click();
    const dot = page.getByRole('button', { name: /^Microphone: 35° left/ });
    await dot.focus();
    await page.keyboard.press('ArrowLeft');
    await page.keyboard.press('Shift+ArrowUp');
    const at = () => page.evaluate(() => window.studio.project?.strips[0]?.binaural);
    expect(await at()).toMatchObject({ azimuthDeg: 40, distanceM: 1.21 });
    const box = await page.getByRole('button', { name: /^Microphone: 40° left/ }).boundingBox();
    if (!box) throw new Error('The sound must be on the map.');
    await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
    await page.mouse.down();
    await page.mouse.move(box.x + 110, box.y + 30, { steps: 3 });
    expect((await at())?.azimuthDeg).toBeLessThan(0);
    await shot(page, 'sound-map-dark');
    await page.keyboard.press('Escape');
    await page.mouse.up();
    expect(await at()).toMatchObject({ azimuthDeg: 40, distanceM: 1.21 });
    const given = (await commands(page)).map((command) => command.type);
    expect(new Set(given)).toEqual(new Set(['strip.update']));
  });

  test('the password of OBS goes to the secret store and nowhere else', async () => {
    const page = await open('engines-trouble');
    await page.evaluate(() => {
      const kept: string[] = [];
      Object.assign(window, { kept });
      window.link.studio.setObsPassword = async (password) => {
        kept.push(password);
        return { ok: true, value: null };
      };
    });
    await page.getByRole('button', { name: 'Open settings' }).click();
    await page.getByLabel('Password').fill('obs-secret-1');
    await page.getByLabel('Address').fill('10.0.0.4');
    await shot(page, 'obs-dialog-dark');
    await page.getByRole('button', { name: 'Keep and send' }).click();
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    const given = await commands(page);
    expect(given.map((command) => command.type)).toEqual(['obs.configure', 'obs.start']);
    expect(await page.evaluate(() => (window as unknown as { kept: string[] }).kept)).toEqual([
      'obs-secret-1',
    ]);
    expect(JSON.stringify(given) + (await page.content())).not.toContain('obs-secret-1');
  });

  test('what does not work here is explained where it is looked for', async () => {
    const page = await open('engines-trouble', '&theme=light&select=caps');
    await page.getByRole('tab', { name: 'Engine' }).click();
    await page.getByText('The model “captions-mini” is not on this machine').waitFor();
    await shot(page, 'captions-missing-light');
    await page.getByRole('button', { name: 'Why?' }).click();
    await page.getByText(/v4l2loopback is not loaded/).waitFor();
    await expect.poll(() => page.evaluate(faintWords)).toEqual([]);
    await shot(page, 'camera-ways-light');
  });
});

async function projectMenu(page: Page, item: string): Promise<void> {
  await page.getByRole('button', { name: /^Project / }).click();
  await page.getByRole('menuitem', { name: item, exact: true }).click();
}

/** Where the selected layer stands, and the size of the canvas in pixels. */
async function placeOf(page: Page) {
  const transform = await page.evaluate(() => window.studio.selected?.transform);
  const frame = await page.getByRole('application').boundingBox();
  if (!transform || !frame) throw new Error('A layer must be selected on a canvas.');
  return { ...transform, frame };
}

/** Drags the middle of an element by so many pixels, with Ctrl held so that nothing snaps. */
async function drag(page: Page, grip: Locator, way: { x: number; y: number }): Promise<void> {
  const box = await grip.boundingBox();
  if (!box) throw new Error('The grip must be on the page.');
  const from = { x: box.x + box.width / 2, y: box.y + box.height / 2 };
  await page.mouse.move(from.x, from.y);
  await page.keyboard.down('Control');
  await page.mouse.down();
  await page.mouse.move(from.x + way.x, from.y + way.y, { steps: 5 });
  await page.mouse.up();
  await page.keyboard.up('Control');
}

async function prompts(page: Page): Promise<string[]> {
  const all = await commands(page);
  return all.flatMap((command) =>
    command.type === 'engine.update' && command.patch.prompt !== undefined ? [command.patch.prompt] : [],
  );
}
