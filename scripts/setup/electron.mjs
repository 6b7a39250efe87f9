import { existsSync, readFileSync } from 'node:fs';
import { isExecutable, runBounded } from './process.mjs';
import { inRoot } from './root.mjs';
import { say } from './say.mjs';
import { markTried, wasTried } from './stamp.mjs';

const DOWNLOAD_LIMIT_MS = 300_000;
const ELECTRON_DIR = inRoot('node_modules/electron');

/** Path of Electron's binary, or null when it was never fetched. */
export function installedElectron(folder = ELECTRON_DIR) {
  const pathFile = `${folder}/path.txt`;
  if (!existsSync(pathFile)) return null;
  const binary = `${folder}/dist/${readFileSync(pathFile, 'utf8').trim()}`;
  return isExecutable(binary) ? binary : null;
}

/** Electron's binary, fetched once if it is missing; null when that fails. */
export async function ensureElectron({ folder = ELECTRON_DIR, run = runBounded, stampFile } = {}) {
  const present = installedElectron(folder);
  if (present) return present;
  const packageFile = `${folder}/package.json`;
  if (!existsSync(packageFile)) return null;
  const { version } = JSON.parse(readFileSync(packageFile, 'utf8'));
  if (wasTried('electron', version, stampFile)) return null;
  say(`Fetching Electron ${version} (once; about 120 MB).`);
  const { problem } = await run(process.execPath, [`${folder}/install.js`], {
    timeoutMs: DOWNLOAD_LIMIT_MS,
    quiet: true,
    progress: 'fetching Electron',
  });
  markTried('electron', version, stampFile);
  const fetched = installedElectron(folder);
  if (problem || !fetched) {
    say(
      'Electron could not be fetched; an installed browser is used. To try again: node node_modules/electron/install.js',
    );
  }
  return fetched;
}
