import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { appPaths } from './paths';

test('a package keeps models and shows outside the archive, because native code cannot open files inside', () => {
  const paths = appPaths('/app/resources/app.asar', '/app/resources', true);
  expect(paths.modelsDir).toBe(join('/app/resources', 'native-models'));
  expect(paths.showsDir).toBe(join('/app/resources', 'shows'));
  expect(paths.engineEntry).toBe(join('/app/resources/app.asar', 'out/main/engine.js'));
});

test('a checkout uses its own models and shows, and no packed ffmpeg', () => {
  const paths = appPaths('/src', '/electron/resources', false);
  expect(paths).toMatchObject({
    modelsDir: join('/src', 'native-models'),
    showsDir: join('/src', 'shows'),
    ffmpeg: null,
  });
});

test('a package uses the ffmpeg beside the archive, where programs can be started, if it has one', () => {
  const resources = mkdtempSync(join(tmpdir(), 'fantascope-paths-'));
  try {
    const name = process.platform === 'win32' ? 'ffmpeg.exe' : 'ffmpeg';
    const packed = join(resources, 'app.asar.unpacked/node_modules/ffmpeg-static', name);
    const ffmpegOf = () => appPaths(join(resources, 'app.asar'), resources, true).ffmpeg;
    expect(ffmpegOf()).toBeNull();
    mkdirSync(dirname(packed), { recursive: true });
    writeFileSync(packed, '');
    expect(ffmpegOf()).toBe(packed);
  } finally {
    rmSync(resources, { recursive: true });
  }
});
