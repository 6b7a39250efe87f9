import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { grantInProfile } from './chromium-profile';
import { chromiumArgs } from './chromium-window';
import { parseCli } from './cli';
import { Reopener } from './reopener';
import { sessionSecrets } from '../studio/session-secrets';
import { defaultUserDataDir } from './user-data';
import { WindowWatchdog } from './window-watchdog';

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'fantascope-browser-'));
});
afterEach(async () => {
  vi.useRealTimers();
  await rm(dir, { recursive: true, force: true });
});

type Setting = { setting: number };
type Profile = {
  browser?: { theme: string };
  profile: {
    exit_type: string;
    content_settings: { exceptions: Record<string, Record<string, Setting>> };
  };
};

const profile = async () =>
  JSON.parse(await readFile(join(dir, 'Default', 'Preferences'), 'utf8')) as Profile;

describe('the window profile', () => {
  it('grants camera and microphone to the one origin, and keeps what else is in it', async () => {
    await mkdir(join(dir, 'Default'));
    await writeFile(join(dir, 'Default', 'Preferences'), JSON.stringify({ browser: { theme: 'kept' } }));
    await grantInProfile(dir, 'http://127.0.0.1:5000');
    const { browser, profile: settings } = await profile();
    expect(browser).toEqual({ theme: 'kept' });
    const { exceptions } = settings.content_settings;
    expect(exceptions.media_stream_camera!['http://127.0.0.1:5000,*']!.setting).toBe(1);
    expect(exceptions.media_stream_mic!['http://127.0.0.1:5000,*']!.setting).toBe(1);
  });

  it('starts from nothing when the profile is damaged', async () => {
    await mkdir(join(dir, 'Default'));
    await writeFile(join(dir, 'Default', 'Preferences'), '{broken');
    await grantInProfile(dir, 'http://127.0.0.1:5000');
    expect((await profile()).profile.exit_type).toBe('Normal');
  });
});

describe('the window arguments', () => {
  it('never throttle a covered window and leave the sandbox on for everyone but root', () => {
    const args = chromiumArgs({ profileDir: dir, url: () => 'http://127.0.0.1:1/', headless: false });
    expect(args).toContain('--disable-renderer-backgrounding');
    expect(args).toContain('--disable-background-timer-throttling');
    expect(args).toContain('--autoplay-policy=no-user-gesture-required');
    expect(args.includes('--no-sandbox')).toBe(process.getuid?.() === 0);
    expect(args.at(-1)).toBe('--app=http://127.0.0.1:1/');
  });
});

describe('the command line', () => {
  it('reads a headless show', () => {
    expect(parseCli(['--show', 'a.json', '--headless', '--out', 'x'])).toMatchObject({
      show: 'a.json',
      headless: true,
      out: 'x',
    });
  });

  it.each([[['--frobnicate']], [['--demo', '--show', 'a.json']], [['--out']]])(
    'refuses %j in words',
    (args) => {
      expect(() => parseCli(args)).toThrow(expect.objectContaining({ code: 'argument.invalid' }));
    },
  );
});

describe('the reopener', () => {
  it('waits longer each time and gives up on a window that dies all the time', () => {
    vi.useFakeTimers();
    const opened: number[] = [];
    const reopener = new Reopener(() => opened.push(Date.now()));
    vi.setSystemTime(0);
    expect(reopener.again()).toBe(true);
    vi.advanceTimersByTime(300);
    expect(opened).toHaveLength(1);
    expect(reopener.again()).toBe(true);
    vi.advanceTimersByTime(400);
    expect(opened).toHaveLength(1);
    vi.advanceTimersByTime(300);
    expect(opened).toHaveLength(2);
    const answers = Array.from({ length: 10 }, () => reopener.again());
    expect(answers).toContain(false);
    expect(reopener.again(true)).toBe(true);
    reopener.stop();
  });
});

describe('the window watchdog', () => {
  it('restarts a window whose stage stays silent, and leaves one alone that works', () => {
    vi.useFakeTimers();
    let connected = false;
    let restarts = 0;
    const watchdog = new WindowWatchdog(
      () => connected,
      () => restarts++,
    );
    watchdog.start();
    vi.advanceTimersByTime(30_000);
    expect(restarts).toBe(0);
    connected = true;
    vi.advanceTimersByTime(60_000);
    connected = false;
    vi.advanceTimersByTime(14_000);
    expect(restarts).toBe(0);
    vi.advanceTimersByTime(3000);
    expect(restarts).toBe(1);
    watchdog.stop();
    vi.advanceTimersByTime(120_000);
    expect(restarts).toBe(1);
  });

  it('gives a window that never came up a minute', () => {
    vi.useFakeTimers();
    let restarts = 0;
    const watchdog = new WindowWatchdog(
      () => false,
      () => restarts++,
    );
    watchdog.start();
    vi.advanceTimersByTime(62_000);
    expect(restarts).toBe(1);
    watchdog.stop();
  });
});

describe('session secrets', () => {
  it('are kept until they are deleted and say that they do not last', async () => {
    const secrets = sessionSecrets();
    await secrets.set('a', 'key');
    expect(await secrets.get('a')).toBe('key');
    await secrets.delete('a');
    expect(await secrets.get('a')).toBeNull();
    expect(secrets.kind).toBe('session');
  });
});

describe('user data', () => {
  it('go where the environment says', () => {
    expect(defaultUserDataDir({ FANTASCOPE_USER_DATA: '/x' })).toBe('/x');
  });
});
