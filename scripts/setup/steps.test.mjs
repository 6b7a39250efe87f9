import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { ensureBuild } from './build.mjs';
import { aptInstall } from './debian.mjs';
import { ensureDependencies } from './dependencies.mjs';
import { ensureElectron } from './electron.mjs';
import { ensureFfmpeg } from './ffmpeg.mjs';
import { runBounded } from './process.mjs';
import { ROOT } from './root.mjs';
import { SetupError } from './say.mjs';
import { findTrainingPython, runTrainingSelfTest } from './training.mjs';

let folder;
let said;
/** What the steps ran, as words. */
let ran;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'fantascope-steps-'));
  [said, ran] = ['', []];
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => Boolean((said += text)));
});
afterEach(() => {
  vi.restoreAllMocks();
  rmSync(folder, { recursive: true });
});

function write(path, text, mode = 0o644) {
  const file = join(folder, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text, { mode });
  return file;
}

/** A runner that starts nothing: notes what it was asked for, does `act`, ends with `problem`. */
function runner(act = () => undefined, problem = null) {
  return async (command, args, options) => {
    ran.push({ command, args, options });
    act();
    return { code: problem ? 1 : 0, output: 'first line\nthe last line\n', problem };
  };
}

test('no step of set-up imports a package', () => {
  const names = readdirSync(join(ROOT, 'scripts/setup')).filter((name) => !name.includes('.test.'));
  const sources = ['setup', '.'].flatMap((part) =>
    (part === '.' ? ['start.mjs', 'test.mjs', 'build.mjs'] : names).map((name) =>
      join(ROOT, 'scripts', part, name),
    ),
  );
  for (const file of sources) {
    const text = readFileSync(file, 'utf8');
    const imported = [...text.matchAll(/\bfrom '([^']+)'/g)].map(([, name]) => name);
    expect(
      imported.filter((name) => !/^(\.|node:)/.test(name)),
      file,
    ).toEqual([]);
    expect(text, file).not.toMatch(/createRequire|import\('[^.n]/);
  }
});

describe('packages', () => {
  const lock = JSON.stringify({ packages: { '': {}, 'node_modules/a': { version: '1.0.0' } } });

  test('are installed as locked where they are missing, with signs of life', async () => {
    write('package-lock.json', lock);
    await ensureDependencies({ root: folder, run: runner() });
    expect(ran).toMatchObject([{ command: 'npm', options: { cwd: folder, progress: 'npm ci' } }]);
    expect(ran[0].args[0]).toBe('ci');
  });

  test('that are there cost nothing', async () => {
    write('package-lock.json', lock);
    write('node_modules/.package-lock.json', lock);
    await ensureDependencies({ root: folder, run: runner() });
    expect(ran).toEqual([]);
    expect(said).toBe('');
  });

  test('that cannot be had end set-up in one sentence', async () => {
    write('package-lock.json', lock);
    const failing = ensureDependencies({ root: folder, run: runner(undefined, 'ended with code 1') });
    await expect(failing).rejects.toThrow(SetupError);
    await expect(failing).rejects.toThrow('ended with code 1');
  });
});

describe('the build', () => {
  test('is made once for the same sources, and again for others', async () => {
    write('main/a.ts', 'one');
    await ensureBuild({ root: folder, run: runner() });
    await ensureBuild({ root: folder, run: runner() });
    expect(ran).toHaveLength(1);
    write('main/a.ts', 'two');
    await ensureBuild({ root: folder, run: runner() });
    expect(ran).toHaveLength(2);
  });

  test('that failed is tried again at the next start', async () => {
    write('main/a.ts', 'one');
    const failing = ensureBuild({ root: folder, run: runner(undefined, 'ended with code 1') });
    await expect(failing).rejects.toThrow(SetupError);
    await ensureBuild({ root: folder, run: runner() });
    expect(ran).toHaveLength(2);
  });
});

describe('ffmpeg', () => {
  const system = (extra = {}) => ({
    folder: join(folder, 'ffmpeg-static'),
    platform: 'linux',
    named: undefined,
    run: runner(),
    findOnPath: () => null,
    canAptInstall: () => false,
    aptInstall: async () => expect.unreachable(),
    stampFile: join(folder, 'stamp'),
    ...extra,
  });

  test('of the package is taken first, without running anything', async () => {
    write('ffmpeg-static/package.json', '{"version":"1.0.0"}');
    const path = write('ffmpeg-static/ffmpeg', '', 0o755);
    expect(await ensureFfmpeg(system({ named: path, findOnPath: () => '/usr/bin/ffmpeg' }))).toBe(path);
    expect(ran).toEqual([]);
  });

  test('is fetched by its installer, which must not see FFMPEG_BIN', async () => {
    write('ffmpeg-static/package.json', '{"version":"1.0.0"}');
    const run = runner(() => write('ffmpeg-static/ffmpeg', '', 0o755));
    expect(await ensureFfmpeg(system({ run }))).toBe(join(folder, 'ffmpeg-static/ffmpeg'));
    expect(ran[0].args).toEqual([join(folder, 'ffmpeg-static/install.js')]);
    expect(ran[0].options.env).toEqual({ FFMPEG_BIN: undefined });
  });

  test.each([
    ['fails', 'ended with code 1'],
    ['brings no file', null],
  ])('whose download %s is looked for elsewhere, and not fetched again', async (_, problem) => {
    write('ffmpeg-static/package.json', '{"version":"1.0.0"}');
    const own = system({ run: runner(undefined, problem), findOnPath: () => '/usr/bin/ffmpeg' });
    expect(await ensureFfmpeg(own)).toBe('/usr/bin/ffmpeg');
    expect(await ensureFfmpeg(own)).toBe('/usr/bin/ffmpeg');
    expect(ran).toHaveLength(1);
  });

  test('named in FFMPEG_BIN goes before PATH; a name that is no program is said to be none', async () => {
    const named = write('mine', '', 0o755);
    const findOnPath = () => '/usr/bin/ffmpeg';
    expect(await ensureFfmpeg(system({ named, findOnPath }))).toBe(named);
    expect(await ensureFfmpeg(system({ named: `${named}-not`, findOnPath }))).toBe('/usr/bin/ffmpeg');
    expect(said).toContain('mine-not');
  });

  test("is Debian's where root may install it", async () => {
    let installed = false;
    const own = system({
      canAptInstall: () => true,
      aptInstall: async () => void (installed = true),
      findOnPath: () => (installed ? '/usr/bin/ffmpeg' : null),
    });
    expect(await ensureFfmpeg(own)).toBe('/usr/bin/ffmpeg');
  });

  test('that cannot be had is missed in one sentence with advice', async () => {
    expect(await ensureFfmpeg(system())).toBeNull();
    expect(said.trim().split('\n')).toHaveLength(1);
    expect(said).toMatch(/ffmpeg was not found: .*install/);
  });
});

describe('Electron', () => {
  const own = (run) => ({ folder: join(folder, 'electron'), run, stampFile: join(folder, 'stamp') });

  test('is fetched once by its installer', async () => {
    write('electron/package.json', '{"version":"45.0.0"}');
    const fetching = runner(() => {
      write('electron/path.txt', 'electron');
      write('electron/dist/electron', '', 0o755);
    });
    const binary = join(folder, 'electron/dist/electron');
    expect(await ensureElectron(own(fetching))).toBe(binary);
    expect(await ensureElectron(own(fetching))).toBe(binary);
    expect(ran).toHaveLength(1);
  });

  test('that cannot be fetched is missed in words, and not fetched at each start', async () => {
    write('electron/package.json', '{"version":"45.0.0"}');
    expect(await ensureElectron(own(runner(undefined, 'took longer than 300 s')))).toBeNull();
    expect(said).toContain('an installed browser is used');
    expect(await ensureElectron(own(runner()))).toBeNull();
    expect(ran).toHaveLength(1);
  });
});

describe('apt-get', () => {
  test('reads its lists once, starts no service meanwhile, and leaves no trace', async () => {
    const policyFile = join(folder, 'policy-rc.d');
    const seen = [];
    const system = { run: runner(() => seen.push(existsSync(policyFile))), policyFile, listsAreFresh: false };
    expect(await aptInstall(['one'], 'a test', system)).toBeNull();
    expect(await aptInstall(['two'], 'a test', system)).toBeNull();
    expect(ran.map(({ args }) => args[0])).toEqual(['update', 'install', 'install']);
    expect(ran.every(({ options }) => options.progress)).toBe(true);
    expect(seen).toEqual([true, true, true]);
    expect(existsSync(policyFile)).toBe(false);
  });

  test("keeps a machine's own policy, and tells a failure in apt's last words", async () => {
    const policyFile = write('policy-rc.d', 'mine');
    const run = runner(undefined, 'ended with code 100');
    const problem = await aptInstall(['one'], 'a test', { run, policyFile, listsAreFresh: true });
    expect(problem).toBe('"apt-get install" ended with code 100: the last line');
    expect(readFileSync(policyFile, 'utf8')).toBe('mine');
  });
});

describe('training', () => {
  test('is tested with the first Python that has what it needs', async () => {
    const places = [write('one', '', 0o755), join(folder, 'absent'), write('two', '', 0o755)];
    const tried = [];
    const runs = (path) => tried.push(path) > 1;
    expect(findTrainingPython({ places, runs })).toBe(places[2]);
    expect(tried).toEqual([places[0], places[2]]);
    expect(findTrainingPython({ places, runs: () => false })).toBeNull();
  });

  test('that fails its checks fails, in its own words', async () => {
    expect(await runTrainingSelfTest('python3', runner())).toMatchObject({ ok: true });
    const { ok, output } = await runTrainingSelfTest('python3', runner(undefined, 'ended with code 1'));
    expect(ok).toBe(false);
    expect(output).toContain('the last line');
  });
});

describe('a long step', () => {
  test('says again and again that it goes on', async () => {
    await runBounded(process.execPath, ['-e', 'setTimeout(() => {}, 400)'], {
      timeoutMs: 20_000,
      quiet: true,
      progress: 'fetching',
      signOfLifeMs: 50,
    });
    expect(said.match(/fetching: \d+ s …/g)?.length).toBeGreaterThan(1);
  });

  test('can have a variable of this process unset', async () => {
    vi.stubEnv('FFMPEG_BIN', '/mine');
    const code = "process.stdout.write(String('FFMPEG_BIN' in process.env))";
    const { output } = await runBounded(process.execPath, ['-e', code], {
      timeoutMs: 20_000,
      quiet: true,
      env: { FFMPEG_BIN: undefined },
    });
    vi.unstubAllEnvs();
    expect(output).toBe('false');
  });
});
