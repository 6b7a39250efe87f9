import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { chooseShell } from './choose-shell.mjs';
import { wantsCuda } from './cuda.mjs';
import { isDebianFamily } from './debian.mjs';
import { installedMatchesLock } from './dependencies.mjs';
import { installedElectron } from './electron.mjs';
import { adviceFor } from './ffmpeg.mjs';
import { checkNodeVersion } from './node-version.mjs';
import { describeEnd, findOnPath, runBounded } from './process.mjs';
import { SetupError } from './say.mjs';
import { hashSources, markTried, wasTried } from './stamp.mjs';
import { parseStartOptions } from './start-options.mjs';

let folder;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'fantascope-setup-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

describe('Node', () => {
  test.each(['20.19.0', '20.20.2', '22.0.0', '24.1.0'])('%s is new enough', (version) => {
    expect(() => checkNodeVersion(version)).not.toThrow();
  });

  test.each(['18.20.8', '20.18.3', '16.0.0'])('%s is refused in one sentence that names it', (version) => {
    expect(() => checkNodeVersion(version)).toThrow(SetupError);
    expect(() => checkNodeVersion(version)).toThrow(version);
  });
});

describe('locked packages', () => {
  const a = { version: '1.0.0', integrity: 'sha512-a' };
  const lock = { packages: { '': {}, 'node_modules/a': a, 'node_modules/b': { ...a, optional: true } } };

  test('what is locked and installed needs no install', () => {
    expect(installedMatchesLock(lock, { packages: lock.packages })).toBe(true);
  });

  test('an optional package of another system may be absent', () => {
    expect(installedMatchesLock(lock, { packages: { 'node_modules/a': a } })).toBe(true);
  });

  test('a missing package asks for an install', () => {
    expect(installedMatchesLock(lock, { packages: {} })).toBe(false);
  });

  test.each([{ version: '1.0.1' }, { integrity: 'sha512-other' }])(
    '%j instead asks for an install',
    (other) => {
      expect(installedMatchesLock(lock, { packages: { 'node_modules/a': { ...a, ...other } } })).toBe(false);
    },
  );
});

describe('what was tried', () => {
  test('a download is tried once a version', () => {
    const file = join(folder, 'modules/.stamp');
    expect(wasTried('electron', '45.4.1', file)).toBe(false);
    markTried('electron', '45.4.1', file);
    markTried('ffmpeg-static', '5.3.0', file);
    expect(wasTried('electron', '45.4.1', file)).toBe(true);
    expect(wasTried('electron', '46.0.0', file)).toBe(false);
  });

  test.each(['', '{"electron":', 'null', '[]'])('a stamp that says %j only costs another try', (text) => {
    const file = join(folder, '.stamp');
    writeFileSync(file, text);
    expect(wasTried('electron', '45.4.1', file)).toBe(false);
  });
});

describe('what is stale', () => {
  const write = (path, text) => {
    mkdirSync(join(folder, path, '..'), { recursive: true });
    writeFileSync(join(folder, path), text);
  };

  test('contents, names and new files change the hash; tests do not', () => {
    write('main/a.ts', 'one');
    const first = hashSources(folder, ['main', 'missing.json']);
    write('main/a.test.ts', 'test');
    expect(hashSources(folder, ['main', 'missing.json'])).toBe(first);
    write('main/a.ts', 'two');
    const second = hashSources(folder, ['main', 'missing.json']);
    write('main/deep/b.ts', '');
    const third = hashSources(folder, ['main', 'missing.json']);
    expect(new Set([first, second, third]).size).toBe(3);
  });
});

describe('programs', () => {
  test('PATH is searched in order, and a file that may not be executed is passed over', () => {
    for (const [name, mode] of [
      ['one', 0o644],
      ['two', 0o755],
      ['three', 0o755],
    ]) {
      mkdirSync(join(folder, name));
      writeFileSync(join(folder, name, 'ffmpeg'), '', { mode });
    }
    const path = ['one', 'two', 'three'].map((name) => join(folder, name)).join(':');
    expect(findOnPath('ffmpeg', { path, platform: 'linux' })).toBe(join(folder, 'two/ffmpeg'));
    expect(findOnPath('ffprobe', { path, platform: 'linux' })).toBeNull();
  });

  test('a program that takes too long is ended and said to have taken too long', async () => {
    const { problem } = await runBounded(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], {
      timeoutMs: 300,
    });
    expect(problem).toMatch(/^took longer/);
  });

  test('a program that is not there is a problem in words, not an exception', async () => {
    const { problem } = await runBounded(join(folder, 'nothing'), [], { timeoutMs: 1000 });
    expect(problem).toContain('ENOENT');
  });

  test('stdin is closed: a question cannot hang set-up', async () => {
    const code = "process.stdin.on('end', () => process.stdout.write('ended')).resume()";
    const { output } = await runBounded(process.execPath, ['-e', code], { timeoutMs: 10_000, quiet: true });
    expect(output).toBe('ended');
  });

  test.each([
    [{ code: 0, signal: null, timedOut: false }, null],
    [{ code: 3, signal: null, timedOut: false }, 'ended with code 3'],
    [{ code: null, signal: 'SIGSEGV', timedOut: false }, 'was ended by SIGSEGV'],
  ])('%j is told as %j', (end, words) => {
    expect(describeEnd({ ...end, timeoutMs: 1000 })).toBe(words);
  });

  test('Electron counts as installed only with its binary, not with path.txt alone', () => {
    expect(installedElectron(folder)).toBeNull();
    writeFileSync(join(folder, 'path.txt'), 'electron');
    expect(installedElectron(folder)).toBeNull();
    mkdirSync(join(folder, 'dist'));
    writeFileSync(join(folder, 'dist/electron'), '', { mode: 0o755 });
    expect(installedElectron(folder)).toBe(`${folder}/dist/electron`);
  });
});

describe('system', () => {
  test.each([
    ['ID=debian\n', true],
    ['NAME="Linux Mint"\nID=linuxmint\nID_LIKE="ubuntu debian"\n', true],
    ['ID=ubuntu', true],
    ['ID=fedora\nNAME="not debian"\n', false],
    ['', false],
  ])('%j is of the Debian family: %s', (text, expected) => {
    expect(isDebianFamily(text)).toBe(expected);
  });

  test.each([
    ['darwin', false, 'brew'],
    ['win32', false, 'winget'],
    ['linux', true, 'apt-get'],
    ['linux', false, 'the package'],
  ])('advice on %s (Debian: %s) speaks of %s', (platform, debian, word) => {
    expect(adviceFor('ffmpeg', platform, debian)).toContain(word);
  });

  test('CUDA files are for 64-bit Linux PCs with a driver', () => {
    expect(wantsCuda({ platform: 'linux', arch: 'x64', hasDriver: true })).toBe(true);
    expect(wantsCuda({ platform: 'linux', arch: 'x64', hasDriver: false })).toBe(false);
    expect(wantsCuda({ platform: 'linux', arch: 'arm64', hasDriver: true })).toBe(false);
    expect(wantsCuda({ platform: 'win32', arch: 'x64', hasDriver: true })).toBe(false);
  });
});

describe('npm start options', () => {
  test('paths are meant from where the user stands', () => {
    const { studioArgs } = parseStartOptions(['--show', 'a.json', '--out', '../films'], '/home/ada');
    expect(studioArgs).toEqual(['--show', resolve('/home/ada/a.json'), '--out', resolve('/home/films')]);
  });

  test('what set-up needs does not reach the studio', () => {
    const options = parseStartOptions(['--cuda', '--headless', '--demo', '--shell', 'browser'], '/');
    expect(options).toMatchObject({ cuda: true, headless: true, shell: 'browser', studioArgs: ['--demo'] });
  });

  test.each([
    [['--bogus'], '--bogus'],
    [['--show'], '--show'],
    [['--show', '--demo'], '--show'],
    [['--shell', 'safari'], 'safari'],
    [['--shell', 'electron', '--headless'], '--headless'],
    [['--show', 'a', '--demo'], 'exclude'],
  ])('%j is refused and named', (words, part) => {
    expect(() => parseStartOptions(words, '/')).toThrow(SetupError);
    expect(() => parseStartOptions(words, '/')).toThrow(part);
  });
});

describe('which shell', () => {
  const plain = parseStartOptions([], '/');
  const here = { options: plain, electron: '/e', chromium: '/c', hasDisplay: true, isLinuxRoot: false };

  test('Electron where it is installed', () => {
    expect(chooseShell(here)).toEqual({ kind: 'electron', switches: [], studioArgs: [], note: null });
  });

  test('as root on Linux Electron runs without its sandbox, and says so', () => {
    const { switches, note } = chooseShell({ ...here, isLinuxRoot: true });
    expect(switches).toEqual(['--no-sandbox']);
    expect(note).toContain('root');
  });

  test('a browser where Electron is missing', () => {
    expect(chooseShell({ ...here, electron: null })).toMatchObject({
      kind: 'browser',
      studioArgs: [],
      note: null,
    });
  });

  test('without a display a browser without a window, and says so', () => {
    const shell = chooseShell({ ...here, hasDisplay: false });
    expect(shell).toMatchObject({ kind: 'browser', studioArgs: ['--headless'] });
    expect(shell.note).toContain('display');
  });

  test('--headless is a browser even where Electron is installed', () => {
    const options = parseStartOptions(['--headless'], '/');
    expect(chooseShell({ ...here, options })).toMatchObject({ kind: 'browser', studioArgs: ['--headless'] });
  });

  test('with neither the address is printed', () => {
    const shell = chooseShell({ ...here, electron: null, chromium: null });
    expect(shell).toMatchObject({ kind: 'browser', studioArgs: ['--serve'] });
    expect(shell.note).toContain('open the address');
  });

  test('a show cannot play without a browser', () => {
    const options = parseStartOptions(['--show', 'a.json', '--headless'], '/');
    expect(() => chooseShell({ ...here, options, electron: null, chromium: null })).toThrow(SetupError);
  });

  test('--shell electron without its binary is refused', () => {
    const options = parseStartOptions(['--shell', 'electron'], '/');
    expect(() => chooseShell({ ...here, options, electron: null })).toThrow('install.js');
  });
});
