import { spawnSync } from 'node:child_process';
import { resolve } from 'node:path';
import { createBirpc, type BirpcReturn } from 'birpc';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { WebSocket } from 'ws';
import type { InterfaceFunctions, StudioFunctions } from '../../contract/rpc';
import { CONTROL_PATH, SUBPROTOCOL, TOKEN_PREFIX } from '../../contract/rpc';
import { StubbedElectron } from './testing/stubbed-electron';
import type { StubCommand, StubWindow } from './testing/stub-protocol';

const ROOT = resolve(import.meta.dirname, '../..');
const LIMIT_MS = 60_000;

beforeAll(() => {
  const build = spawnSync(process.execPath, [resolve(ROOT, 'scripts/build.mjs')], { encoding: 'utf8' });
  if (build.status !== 0) throw new Error(build.stderr || build.stdout);
}, 180_000);

/** The studio's control door, as the interface opens it. */
async function openControl(url: string): Promise<BirpcReturn<StudioFunctions, InterfaceFunctions>> {
  const { origin, host, hash } = new URL(url);
  const token = new URLSearchParams(hash.slice(1)).get('token') ?? hash.slice(1);
  const socket = new WebSocket(`ws://${host}${CONTROL_PATH}`, [SUBPROTOCOL, TOKEN_PREFIX + token], {
    origin,
  });
  onTestFinished(() => socket.close());
  await new Promise((opened, failed) => socket.once('open', opened).once('error', failed));
  return createBirpc<StudioFunctions, InterfaceFunctions>(
    { state: () => undefined, models: () => undefined },
    {
      post: (text: string) => socket.send(text),
      on: (take) => void socket.on('message', (data: Buffer) => void take(data.toString())),
      serialize: JSON.stringify,
      deserialize: (text: string) => JSON.parse(text) as unknown,
    },
  );
}

/** Starts a recording, which is on air as soon as its file is open. */
async function goOnAir(url: string): Promise<void> {
  const control = await openControl(url);
  await control.command({ command: { type: 'recording.start' }, inputUs: 0 });
  const onAir = async (): Promise<boolean> => {
    const state = await control.subscribe();
    return state.ok && state.value.onAir;
  };
  await expect.poll(onAir, { timeout: 10_000 }).toBe(true);
}

describe('the built Electron shell, once its page is loaded', { timeout: LIMIT_MS }, () => {
  let electron: StubbedElectron;
  let url: string;
  let origin: string;
  const windows = async (): Promise<StubWindow[]> =>
    (await electron.perform({ type: 'windows' })) as StubWindow[];

  beforeAll(async () => {
    electron = new StubbedElectron();
    url = await electron.loaded();
    origin = new URL(url).origin;
  }, LIMIT_MS);
  afterAll(() => electron.dispose());

  test('loads the loopback origin with the token in the fragment', () => {
    expect(new URL(url).hostname).toBe('127.0.0.1');
    expect(new URL(url).hash.length).toBeGreaterThan(16);
    expect(new URL(url).search).toBe('');
  });

  test('used nothing of Electron that the stub does not list', () => {
    expect(electron.problems).toEqual([]);
  });

  test('the page is sandboxed, isolated, without Node, and never slowed down', async () => {
    const [window] = await windows();
    expect(window?.options.webPreferences).toMatchObject({
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      nodeIntegrationInWorker: false,
      nodeIntegrationInSubFrames: false,
      webviewTag: false,
      webSecurity: true,
      backgroundThrottling: false,
      preload: resolve(ROOT, 'out/preload/index.cjs'),
    });
  });

  test('the sandbox is on for every process, and timers and sound are not held back', async () => {
    const calls = await electron.perform({ type: 'calls' });
    expect(calls).toEqual(
      expect.arrayContaining([
        'enableSandbox',
        'appendSwitch "autoplay-policy" "no-user-gesture-required"',
        'appendSwitch "disable-background-timer-throttling"',
        'appendSwitch "disable-renderer-backgrounding"',
        'appendSwitch "disable-backgrounding-occluded-windows"',
      ]),
    );
  });

  const allowed = [
    'media',
    'display-capture',
    'speaker-selection',
    'midi',
    'fullscreen',
    'clipboard-sanitized-write',
    'loopback-network',
  ];
  const refused = [
    'geolocation',
    'notifications',
    'clipboard-read',
    'midiSysex',
    'hid',
    'usb',
    'openExternal',
  ];

  test.each(allowed)('our own page may have %s, another origin may not', async (permission) => {
    const ask = (where: string, isMainFrame = true): Promise<unknown> =>
      electron.perform({ type: 'request-permission', permission, url: where, isMainFrame });
    expect(await ask(`${origin}/`)).toBe(true);
    expect(await ask(`${origin}/`, false)).toBe(false);
    expect(await ask('https://example.org/')).toBe(false);
    expect(await ask(origin.replace('127.0.0.1', 'localhost'))).toBe(false);
    expect(await ask(`${origin}0/`)).toBe(false);
    expect(await electron.perform({ type: 'check-permission', permission, url: `${origin}/` })).toBe(true);
    expect(await electron.perform({ type: 'check-permission', permission, url: 'null' })).toBe(false);
  });

  test.each(refused)('nobody may have %s', async (permission) => {
    const request: StubCommand = {
      type: 'request-permission',
      permission,
      url: `${origin}/`,
      isMainFrame: true,
    };
    expect(await electron.perform(request)).toBe(false);
    expect(await electron.perform({ type: 'check-permission', permission, url: origin })).toBe(false);
  });

  test('no device of USB, serial or HID is granted', async () => {
    expect(await electron.perform({ type: 'check-device', url: origin })).toBe(false);
  });

  test('a screen is given to our page only', async () => {
    expect(await electron.perform({ type: 'capture-screen', url: origin })).toMatchObject({
      video: { id: 'screen:0' },
    });
    expect(await electron.perform({ type: 'capture-screen', url: 'https://example.org' })).toBeNull();
  });

  test.each(['will-navigate', 'will-redirect'] as const)(
    '%s away from the studio is refused',
    async (event) => {
      const go = (where: string): Promise<unknown> =>
        electron.perform({ type: 'navigate', event, url: where });
      expect(await go('https://example.org/')).toBe(true);
      expect(await go('file:///etc/passwd')).toBe(true);
      expect(await go('javascript:alert(1)')).toBe(true);
      expect(await go(`${origin}/`)).toBe(false);
    },
  );

  test('no second window and no guest page', async () => {
    expect(await electron.perform({ type: 'open-window', url: `${origin}/` })).toBe('deny');
    expect(await electron.perform({ type: 'navigate', event: 'will-attach-webview', url: origin })).toBe(
      true,
    );
  });

  test('a folder and a bundle are chosen in native dialogs; cancelled is null', async () => {
    const control = await openControl(url);
    await electron.perform({ type: 'choose-path', path: '/media/stick/models' });
    expect(await control.chooseFile('folder')).toEqual({ ok: true, value: '/media/stick/models' });
    expect(await control.chooseFile('bundle')).toEqual({ ok: true, value: null });
    const calls = (await electron.perform({ type: 'calls' })) as string[];
    expect(calls.filter((call) => call.startsWith('showOpenDialog'))).toEqual([
      'showOpenDialog {"title":"Choose a folder","properties":["openDirectory","createDirectory"]}',
      'showOpenDialog {"title":"Choose a bundle of models","properties":["openFile"],"extensions":["tar","tgz","gz"]}',
    ]);
  });

  test('an https page is opened in the browser, and nothing else is', async () => {
    const control = await openControl(url);
    expect(await control.openExternal('https://models.example/licence')).toEqual({ ok: true, value: null });
    for (const address of ['http://models.example/', 'file:///etc/passwd', 'ms-settings:', '/bin/sh', '']) {
      const answer = await control.openExternal(address);
      expect(answer, address).toMatchObject({ ok: false, error: { code: 'argument.invalid' } });
    }
    const calls = (await electron.perform({ type: 'calls' })) as string[];
    expect(calls.filter((call) => call.startsWith('openExternal'))).toEqual([
      'openExternal "https://models.example/licence"',
    ]);
  });

  test('a second start brings the window to the front', async () => {
    await electron.perform({ type: 'second-instance' });
    expect((await windows()).at(-1)?.focused).toBe(1);
  });

  test('a page that crashed is opened again, the broken window closed', async () => {
    await electron.perform({ type: 'crash' });
    expect(await electron.loaded(2)).toBe(url);
    await expect.poll(async () => (await windows()).map((window) => window.destroyed)).toEqual([true, false]);
  });
});

describe('leaving the Electron shell', { timeout: LIMIT_MS }, () => {
  function start(env: Record<string, string> = {}): StubbedElectron {
    const electron = new StubbedElectron(env);
    onTestFinished(() => electron.dispose());
    return electron;
  }
  const questions = async (electron: StubbedElectron): Promise<string[]> =>
    ((await electron.perform({ type: 'calls' })) as string[]).filter((call) =>
      call.startsWith('showMessageBox'),
    );

  test('off air, closing the window ends the application without a question', async () => {
    const electron = start();
    await electron.loaded();
    expect(await electron.perform({ type: 'close-window' })).toBe(true);
    expect(await electron.exit()).toBe(0);
  });

  test('on air, quitting asks, and Enter or Escape keep the programme on air', async () => {
    const electron = start();
    await goOnAir(await electron.loaded());
    await electron.perform({ type: 'quit' });
    await expect.poll(() => questions(electron)).toHaveLength(1);
    expect((await questions(electron))[0]).toContain('"defaultId":0,"cancelId":0');
    expect((await questions(electron))[0]).toContain('["Stay on air","End and quit"]');
    const [window] = (await electron.perform({ type: 'windows' })) as StubWindow[];
    expect(window?.destroyed).toBe(false);
  });

  test('on air, the display stays awake', async () => {
    const electron = start();
    await goOnAir(await electron.loaded());
    expect(await electron.perform({ type: 'calls' })).toContain(
      'powerSaveBlocker.start "prevent-display-sleep"',
    );
  });

  test('on air, a confirmed quit stops the outputs and ends', async () => {
    const electron = start();
    await goOnAir(await electron.loaded());
    await electron.perform({ type: 'answer-dialog', button: 1 });
    await electron.perform({ type: 'quit' });
    expect(await electron.exit()).toBe(0);
  });

  test('a second instance ends before it opens anything', async () => {
    const electron = start({ STUB_SECOND: '1' });
    expect(await electron.exit()).toBe(0);
    await expect(electron.loaded()).rejects.toThrow('ended before');
  });

  test.for([
    ['basic_text', 'session'],
    ['gnome_libsecret', 'os'],
  ] as const)('with the %s keyring keys are kept for the %s', async ([backend, kind], context) => {
    if (process.platform !== 'linux') context.skip('only Linux has keyrings to choose from');
    const electron = start({ STUB_BACKEND: backend });
    const control = await openControl(await electron.loaded());
    const state = await control.subscribe();
    expect(state).toMatchObject({ ok: true, value: { shell: { kind: 'electron', secretStore: kind } } });
  });
});
