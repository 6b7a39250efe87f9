import { expect, test } from 'vitest';
import { StudioError } from '../../contract/errors';
import { chromiumCandidates, findChromium } from './chromium-finder';

const only = (path: string) => (candidate: string) => candidate === path;

test('FANTASCOPE_CHROMIUM goes before an installed browser', () => {
  const machine = {
    platform: 'linux' as const,
    env: { FANTASCOPE_CHROMIUM: '/own/chrome', PATH: '/usr/bin' },
  };
  expect(findChromium(machine, () => true)).toBe('/own/chrome');
});

test('FANTASCOPE_CHROMIUM that names nothing is refused with its value, not passed over', () => {
  const machine = { platform: 'linux' as const, env: { FANTASCOPE_CHROMIUM: '/gone', PATH: '/usr/bin' } };
  expect(() => findChromium(machine, only('/usr/bin/chromium'))).toThrow(StudioError);
  expect(() => findChromium(machine, only('/usr/bin/chromium'))).toThrow('"/gone"');
});

test('Linux: each folder of PATH is searched for a name before the next name', () => {
  const found = chromiumCandidates({ platform: 'linux', env: { PATH: '/a:/b' } });
  expect(found.slice(0, 3)).toEqual(['/a/chromium', '/b/chromium', '/a/chromium-browser']);
});

test('Linux: relative folders of PATH are not searched', () => {
  const found = chromiumCandidates({ platform: 'linux', env: { PATH: '.::bin:/usr/bin' } });
  expect(found.every((path) => path.startsWith('/'))).toBe(true);
});

test('Linux: a snap that is not on PATH is found', () => {
  const machine = { platform: 'linux' as const, env: { PATH: '/usr/bin' } };
  expect(findChromium(machine, only('/snap/bin/chromium'))).toBe('/snap/bin/chromium');
});

test("macOS: the user's own Applications folder is searched too", () => {
  const edge = '/Users/ada/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge';
  expect(findChromium({ platform: 'darwin', env: { HOME: '/Users/ada' } }, only(edge))).toBe(edge);
});

test('Windows: program folders come from the environment', () => {
  const env = { ProgramFiles: 'D:\\Programs', LOCALAPPDATA: 'C:\\Users\\ada\\AppData\\Local' };
  const chrome = 'C:\\Users\\ada\\AppData\\Local\\Google\\Chrome\\Application\\chrome.exe';
  expect(findChromium({ platform: 'win32', env }, only(chrome))).toBe(chrome);
  expect(chromiumCandidates({ platform: 'win32', env })).toContain(
    'D:\\Programs\\Microsoft\\Edge\\Application\\msedge.exe',
  );
});

test('no browser is null, not an error', () => {
  expect(findChromium({ platform: 'linux', env: {} }, () => false)).toBeNull();
});
