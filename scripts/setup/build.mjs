import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runBounded } from './process.mjs';
import { inRoot, ROOT } from './root.mjs';
import { say, SetupError } from './say.mjs';
import { hashSources } from './stamp.mjs';

const BUILD_LIMIT_MS = 10 * 60_000;
const SOURCES = ['contract', 'main', 'preload', 'renderer', 'electron.vite.config.ts', 'package-lock.json'];

/**
 * Builds the studio into `out/` unless the last build was made from these very sources.
 * @throws SetupError when the build fails.
 */
export async function ensureBuild({ root = ROOT, run = runBounded } = {}) {
  const stampFile = join(root, 'out/.stamp');
  const hash = hashSources(root, SOURCES);
  if (existsSync(stampFile) && readFileSync(stampFile, 'utf8') === hash) return;
  say('Building the studio.');
  const tool = inRoot('node_modules/electron-vite/bin/electron-vite.js');
  const { problem } = await run(process.execPath, [tool, 'build', '--logLevel', 'warn'], {
    timeoutMs: BUILD_LIMIT_MS,
    progress: 'building',
  });
  if (problem) throw new SetupError(`The build ${problem}: the lines above say where.`);
  mkdirSync(join(root, 'out'), { recursive: true });
  writeFileSync(stampFile, hash);
}
