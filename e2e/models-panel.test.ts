import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { faintWords } from './helpers/faint-words';
import { commands, interfaceTests, shot } from './helpers/interface-page';

const { open } = interfaceTests();

async function panel(
  scenario = 'models',
  more = '',
  size?: { width: number; height: number },
): Promise<Page> {
  const page = await open(scenario, more, size);
  await page.keyboard.press('m');
  await page.getByRole('dialog', { name: 'Models' }).waitFor();
  return page;
}

const calls = (page: Page) =>
  page.evaluate(() => window.link.modelCalls.filter(([verb]) => verb !== 'watch'));
const row = (page: Page, name: RegExp | string) => page.getByRole('option', { name });
const about = (page: Page) => page.getByRole('region', { name: /^About/ });
const selected = (page: Page) => about(page).getByRole('heading').innerText();

describe('the list', () => {
  test('groups by task, those that no engine uses last, and opens on what is in need', async () => {
    const page = await panel();
    const groups = page.getByRole('listbox', { name: 'Models' }).getByRole('group');
    expect(await groups.evaluateAll((all) => all.map((one) => one.getAttribute('aria-label')))).toEqual([
      'Animate a picture',
      'Endless picture',
      'Captions',
      'Placed voices',
      'Cut people out, no engine uses these yet',
      'Enlarge a picture, no engine uses these yet',
    ]);
    expect(await selected(page)).toBe('Scenes wide');
    await about(page).getByText('closed the connection after 1.1 of 2.5 GB').waitFor();
    await page.getByText('4.2 GB used here · 118 GB free').waitFor();
    await shot(page, 'models-dark-1280');
  });

  test('arrows, Home and End go through it; what is selected stays in sight', async () => {
    const page = await panel('models-many');
    const list = page.getByRole('listbox');
    await list.press('End');
    expect(await selected(page)).toMatch(/^Model 40/);
    await list.press('ArrowDown');
    const end = await page.locator('[role=option][aria-selected=true]').boundingBox();
    const box = await list.boundingBox();
    expect(end && box && end.y >= box.y && end.y + end.height <= box.y + box.height).toBe(true);
    await shot(page, 'models-many-dark-1280');
    await list.press('Home');
    expect(await list.evaluate((element) => element.scrollTop)).toBe(0);
    await list.press('PageDown');
    const active = await list.getAttribute('aria-activedescendant');
    expect(active).toBe(await page.locator('[role=option][aria-selected=true]').getAttribute('id'));
  });

  test('is narrowed by text, by what fits and by what is here; Esc empties the field first', async () => {
    const page = await panel();
    const find = page.getByLabel('Find a model');
    await find.fill('german captions');
    await expect.poll(() => page.getByRole('option').count()).toBe(1);
    await find.press('ArrowDown');
    expect(await page.evaluate(() => document.activeElement?.getAttribute('role'))).toBe('listbox');
    await find.fill('nothing like it');
    await page.getByText('No model is like that.').waitFor();
    await shot(page, 'models-no-match-dark');
    await find.press('Escape');
    await page.getByRole('button', { name: 'Fits this machine' }).click();
    expect(await row(page, /^Animate cinema/).count()).toBe(0);
    await page.getByRole('button', { name: 'On this disk' }).click();
    expect(await page.getByRole('option').count()).toBe(6);
    await find.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
  });

  test.each([
    ['models', 'light', 1280, 800],
    ['models', 'dark', 1920, 1080],
    ['models', 'light', 1920, 1080],
    ['models', 'contrast', 1280, 800],
    ['models-many', 'light', 1920, 1080],
  ])(
    '%s in %s at %d×%d: words keep their contrast and nothing leaves the window',
    async (name, theme, width, height) => {
      const page = await panel(name, `&theme=${theme}`, { width, height });
      await row(page, /^Stable|^Model 02/).click();
      await shot(page, `${name}-${theme}-${width}`);
      await expect.poll(() => page.evaluate(faintWords)).toEqual([]);
      const outside = await page.evaluate(() => {
        const frame = document.querySelector('.model-panel')?.getBoundingClientRect();
        return [...document.querySelectorAll('.model-panel :not(.done, wbr)')]
          .map((element) => [element.getBoundingClientRect(), element.className.toString()] as const)
          .filter(([box]) => frame && (box.right > frame.right || box.left < frame.left))
          .map(([, name]) => name);
      });
      expect(outside).toEqual([]);
    },
  );

  test('at 200 % zoom it becomes one column that scrolls', async () => {
    const page = await panel('models', '', { width: 640, height: 400 });
    await page.getByRole('button', { name: 'Close', exact: true }).scrollIntoViewIfNeeded();
    await shot(page, 'models-zoomed');
    expect(
      await page.locator('.model-panel').evaluate((element) => element.scrollWidth - element.clientWidth),
    ).toBe(0);
  });

  test.each([
    ['models-none', 'No catalogue names a model.'],
    ['models-refused', 'The folder of models must be readable'],
    ['models-lost', 'The studio does not answer at the moment.'],
  ])('%s is told in words', async (name, words) => {
    const page = await panel(name);
    await page.getByText(words).waitFor();
    await shot(page, name);
  });
});

describe('verbs', () => {
  test('terms are shown before anything is fetched, and no is no', async () => {
    const page = await panel();
    await row(page, /^Stable/).click();
    await page.keyboard.press('Enter');
    const terms = page.getByRole('alertdialog');
    await terms.getByText('pictures of real people must say that they are made').waitFor();
    expect(await terms.getByRole('link').getAttribute('href')).toBe('https://models.example/openrail');
    await shot(page, 'models-licence-dark');
    await page.keyboard.press('Enter');
    await terms.waitFor({ state: 'detached' });
    expect(await calls(page)).toEqual([]);
    await about(page).getByRole('button', { name: 'Get', exact: true }).click();
    await terms.getByRole('button', { name: 'Agree and get' }).click();
    await about(page).getByRole('button', { name: 'Pause' }).waitFor();
    expect(await calls(page)).toEqual([['download', 'sd-turbo', true]]);
  });

  test('a download tells the truth, keeps its width, is paused and goes on', async () => {
    const page = await panel();
    await row(page, /^Animate cinema/).click();
    const bar = page.getByRole('progressbar');
    expect(await bar.getAttribute('aria-valuetext')).toBe('21 %, 0.86 of 3.98 GB, 4 min left');
    await about(page).getByText('12.4 MB/s').waitFor();
    await shot(page, 'models-downloading-dark');
    const amount = about(page).getByText(/of 3.98 GB/);
    const before = await amount.evaluate((element) => element.getBoundingClientRect().width);
    const transfer = { totalBytes: 3.98e9, file: 'vae.onnx', retrying: null };
    await page.evaluate(
      (more) =>
        window.link.tell('animate-cinema', {
          transfer: { ...more, doneBytes: 3.41e9, bytesPerSecond: 0, etaS: null },
        }),
      transfer,
    );
    await about(page).getByText('Nothing comes at the moment').waitFor();
    expect(await amount.evaluate((element) => element.getBoundingClientRect().width)).toBeCloseTo(before, 1);
    await page.evaluate(
      (more) =>
        window.link.tell('animate-cinema', {
          transfer: {
            ...more,
            doneBytes: 3.41e9,
            bytesPerSecond: 0,
            etaS: null,
            retrying: 'The server answered 503.',
          },
        }),
      transfer,
    );
    await about(page).getByText('The server answered 503.').waitFor();
    await shot(page, 'models-retrying-dark');
    await page.keyboard.press('Enter');
    await about(page).getByText('Paused; what came is kept').waitFor();
    await page.keyboard.press('Enter');
    await about(page).getByRole('button', { name: 'Pause' }).waitFor();
    expect(await calls(page)).toEqual([
      ['pause', 'animate-cinema'],
      ['download', 'animate-cinema', false],
    ]);
    await page.evaluate(() =>
      window.link.tell('animate-cinema', { state: 'installed', transfer: null, haveBytes: 3.98e9 }),
    );
    await page.getByText('Animate cinema is ready to use.').waitFor({ state: 'attached' });
  });

  test('of an unknown total only the bytes are told', async () => {
    const page = await panel();
    await row(page, /^Captions, many/).click();
    const bar = page.getByRole('progressbar');
    expect(await bar.getAttribute('aria-valuetext')).toBe('84.0 MB so far');
    expect(await bar.getAttribute('aria-valuenow')).toBeNull();
    await about(page).getByText('Hashes unverified').waitFor();
    await shot(page, 'models-unknown-total-dark');
  });

  test('cancelling asks when much was fetched, and not when little was', async () => {
    const page = await panel();
    await row(page, /^Scenes night/).click();
    await page.keyboard.press('Delete');
    await page.getByRole('alertdialog').getByText('395 MB were fetched.').waitFor();
    await shot(page, 'models-cancel-dark');
    await page.keyboard.press('Enter');
    await page.getByRole('alertdialog').waitFor({ state: 'detached' });
    expect(await calls(page)).toEqual([]);
    await row(page, /^Upscale/).click();
    await about(page).getByRole('button', { name: 'Cancel' }).click();
    await expect.poll(() => calls(page)).toEqual([['cancel', 'upscale-2x']]);
  });

  test('what failed is tried again, and a refusal is told beside the model', async () => {
    const page = await panel();
    await page.evaluate(() => {
      window.link.refusal = {
        origin: 'studio',
        code: 'media.disk-full',
        message: '2.5 GB are needed, 1.4 GB are free.',
      };
    });
    await about(page).getByRole('button', { name: 'Try again' }).click();
    await about(page).getByText('2.5 GB are needed').waitFor();
    await shot(page, 'models-refused-verb-dark');
    await about(page).getByRole('button', { name: 'Try again' }).click();
    await about(page).getByRole('button', { name: 'Pause' }).waitFor();
    expect(await calls(page)).toHaveLength(2);
  });

  test('deleting asks, Enter says no, and yes gives the room back', async () => {
    const page = await panel();
    await row(page, /^Animate ink/).click();
    await page.keyboard.press('Delete');
    const question = page.getByRole('alertdialog');
    await question.getByText('It gives back up to 412 MB').waitFor();
    await shot(page, 'models-delete-dark');
    await page.keyboard.press('Enter');
    await question.waitFor({ state: 'detached' });
    await page.keyboard.press('Delete');
    await question.getByRole('button', { name: 'Delete' }).click();
    await about(page).getByText('Not on this disk').waitFor();
    expect(await calls(page)).toEqual([['delete', 'animate-ink']]);
  });

  test('what comes with the studio stays, and what is in use is not deleted', async () => {
    const page = await panel();
    await row(page, /^Captions mini/).click();
    await about(page).getByText('Comes with the studio').waitFor();
    expect(await about(page).getByRole('button', { name: 'Delete' }).count()).toBe(0);
    await page.keyboard.press('Delete');
    await page.evaluate(() => window.link.tell('animate-ink', { inUse: true }));
    await row(page, /^Animate ink.*In use/s).click();
    await page.keyboard.press('Delete');
    await about(page).getByText('choose another model for its engine first').waitFor();
    expect(await page.getByRole('alertdialog').count()).toBe(0);
    await page.keyboard.press('Enter');
    await expect.poll(() => calls(page)).toEqual([['verify', 'animate-ink']]);
  });

  test('what comes with the studio is checked: all right, or which file differs and what to do', async () => {
    const page = await panel();
    await row(page, /^Captions mini/).click();
    await page.keyboard.press('Enter');
    await about(page).getByText('Checking its files').waitFor();
    expect(await calls(page)).toEqual([['verify', 'captions-mini']]);
    const atMs = new Date(2026, 10, 23, 19, 4).getTime();
    const right = { state: 'installed' as const, checked: { files: 3, bytes: 31e6, atMs } };
    await page.evaluate((patch) => window.link.tell('captions-mini', patch), right);
    await about(page).getByText('All 3 files are right: 31.0 MB checked at 19:04.').waitFor();
    await shot(page, 'models-checked-dark');
    await page.evaluate(() =>
      window.link.tell('captions-mini', {
        state: 'damaged',
        checked: null,
        error: {
          origin: 'engine',
          code: 'model.corrupt',
          message:
            'Captions mini: model.onnx is not as the catalogue says. The other files are right. Install Fantascope again: it comes with this model.',
        },
      }),
    );
    await about(page).getByText('model.onnx is not as the catalogue says').waitFor();
    const verbs = about(page).locator('.verbs').getByRole('button');
    expect(await verbs.allInnerTexts()).toEqual(['Check files']);
    await shot(page, 'models-check-failed-dark');
  });

  test('what no address is known of is not offered to be got: it says what is missing, and is imported', async () => {
    const page = await panel();
    await row(page, /^MODNet.*Import it: no address for onnx\/model\.onnx and 2 more/s).click();
    await about(page).getByText('No address is known of these 3 files').waitFor();
    expect(await about(page).getByRole('listitem').allInnerTexts()).toContain('preprocessor_config.json');
    expect(await about(page).getByRole('button', { name: 'Get', exact: true }).count()).toBe(0);
    await shot(page, 'models-needs-import-dark');
    await page.keyboard.press('Enter');
    const path = page.getByLabel('Folder or bundle with the files of MODNet');
    await path.fill('/media/stick/models');
    await path.press('Enter');
    await page.getByText('Took in Animate from a stick.').first().waitFor();
    expect(await calls(page)).toEqual([['import', '/media/stick/models', 'modnet']]);
  });

  test('in the desktop shell folders and bundles are chosen in its dialogs, and links open in the browser', async () => {
    const page = await panel('models-electron');
    await page.getByRole('button', { name: 'Import…' }).first().click();
    await page.getByRole('button', { name: 'Choose bundle…' }).click();
    await page.getByRole('button', { name: 'Choose folder…' }).click();
    await page.getByText('Took in Animate from a stick.').first().waitFor();
    await shot(page, 'models-import-electron-dark');
    await row(page, /^Stable/).click();
    await about(page).getByRole('button', { name: 'Get', exact: true }).click();
    const terms = page.getByRole('alertdialog');
    await terms.getByRole('button', { name: /^OpenRAIL.*opens the licence in the browser/ }).click();
    await expect
      .poll(() => calls(page))
      .toEqual([
        ['choose', 'bundle'],
        ['choose', 'folder'],
        ['import', '/media/stick/models'],
        ['open', 'https://models.example/openrail'],
      ]);
    await shot(page, 'models-licence-electron-dark');
  });

  test('a folder is taken in by its path, and what came of it is told', async () => {
    const page = await panel();
    await page.getByRole('button', { name: 'Import…' }).click();
    const path = page.getByLabel('Folder or bundle on this machine');
    await path.fill('/media/empty');
    await path.press('Enter');
    await page.getByText('Nothing there is a model').first().waitFor();
    await path.fill('/media/stick/models');
    await path.press('Enter');
    await page.getByText('Took in Animate from a stick.').first().waitFor();
    await expect.poll(() => selected(page)).toBe('Animate from a stick');
    await shot(page, 'models-import-dark');
    await path.press('Escape');
    expect(await page.getByRole('dialog').count()).toBe(1);
  });

  test('the machine is measured, and not while on air', async () => {
    const page = await panel();
    await about(page).getByRole('button', { name: 'Measure' }).click();
    await page.getByText('Measured: 14.2 ms').waitFor();
    const other = await panel('busy');
    expect(await other.getByRole('button', { name: 'Measure' }).first().isDisabled()).toBe(true);
  });
});

describe('from elsewhere', () => {
  test('an engine’s model is chosen from its fact in the inspector', async () => {
    const page = await open('models', '&select=cam');
    await page.getByRole('tab', { name: 'Engine' }).click();
    await page.getByRole('button', { name: 'animate-mini: choose another model' }).click();
    await about(page).getByText('Chosen for Camera').waitFor();
    await row(page, /^Animate ink/).click();
    await shot(page, 'models-choose-dark');
    await about(page).getByRole('button', { name: 'Use for Camera' }).click();
    await about(page).getByText('Chosen for Camera').waitFor();
    expect((await commands(page)).at(-1)).toEqual({
      type: 'engine.update',
      layerId: 'cam',
      patch: { model: 'animate-ink' },
    });
  });

  test('the notice of a missing model leads to it, the project menu to all', async () => {
    const page = await open('engines-trouble');
    await page.getByRole('button', { name: 'Open models' }).click();
    await page.getByRole('dialog', { name: 'Models' }).waitFor();
    expect(await selected(page)).toBe('Captions mini');
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await page.getByRole('button', { name: /^Project / }).click();
    await page.getByRole('menuitem', { name: /^Models/ }).click();
    await page.getByRole('dialog', { name: 'Models' }).waitFor();
  });

  test('after the link was lost the models are asked for anew', async () => {
    const page = await panel();
    await page.evaluate(() => window.link.goTo('reconnecting'));
    await page.getByText('The studio does not answer at the moment.').waitFor();
    expect(await about(page).getByRole('button', { name: 'Try again' }).isDisabled()).toBe(true);
    await page.evaluate(() => window.link.goTo('online'));
    await page.getByText('The studio does not answer at the moment.').waitFor({ state: 'detached' });
    expect(await page.evaluate(() => window.link.modelCalls)).toEqual([['watch'], ['watch']]);
  });
});
