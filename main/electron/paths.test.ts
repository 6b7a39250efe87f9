import { join } from 'node:path';
import { expect, test } from 'vitest';
import { appPaths } from './paths';

test('a package keeps models outside the archive, because native code cannot open files inside', () => {
  const paths = appPaths('/app/resources/app.asar', '/app/resources', true);
  expect(paths.modelsDir).toBe(join('/app/resources', 'native-models'));
  expect(paths.engineEntry).toBe(join('/app/resources/app.asar', 'out/main/engine.js'));
});

test('a checkout uses its own models, and no packed ffmpeg', () => {
  const paths = appPaths('/src', '/electron/resources', false);
  expect(paths).toMatchObject({ modelsDir: join('/src', 'native-models'), ffmpeg: null });
});
