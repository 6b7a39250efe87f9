import { existsSync, readFileSync } from 'node:fs';
import { isExecutable, runBounded } from './process.mjs';
import { inRoot } from './root.mjs';
import { say } from './say.mjs';
import { markTried, wasTried } from './stamp.mjs';

const DOWNLOAD_LIMIT_MS = 300_000;

/** Path of Electron's binary, or null when it was never fetched. */
export function installedElectron(folder = inRoot('node_modules/electron')) {
  const pathFile = `${folder}/path.txt`;
  if (!existsSync(pathFile)) return null;
  const binary = `${folder}/dist/${readFileSync(pathFile, 'utf8').trim()}`;
  return isExecutable(binary) ? binary : null;
}

/** Electron's binary, fetched once if it is missing; null when that fails. */
export async function ensureElectron() {
  const present = installedElectron();
  if (present) return present;
  const packageFile = inRoot('node_modules/electron/package.json');
  if (!existsSync(packageFile)) return null;
  const { version } = JSON.parse(readFileSync(packageFile, 'utf8'));
  if (wasTried('electron', version)) return null;
  say(`Fetching Electron ${version} (once; about 120 MB).`);
  const { problem } = await runBounded(process.execPath, [inRoot('node_modules/electron/install.js')], {
    timeoutMs: DOWNLOAD_LIMIT_MS,
    quiet: true,
  });
  markTried('electron', version);
  const fetched = installedElectron();
  if (problem || !fetched) {
    say(
      'Electron could not be fetched; an installed browser is used. To try again: node node_modules/electron/install.js',
    );
  }
  return fetched;
}
