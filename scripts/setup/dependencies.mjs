import { existsSync, readFileSync } from 'node:fs';
import { runBounded } from './process.mjs';
import { inRoot, ROOT } from './root.mjs';
import { say, SetupError } from './say.mjs';

const INSTALL_LIMIT_MS = 15 * 60_000;

/**
 * Whether npm's record of node_modules holds what the lock file asks for. Optional
 * packages may be absent (other platforms), but not of another version.
 */
export function installedMatchesLock(lock, installed) {
  for (const [path, wanted] of Object.entries(lock.packages ?? {})) {
    if (path === '') continue;
    const present = installed.packages?.[path];
    if (!present) {
      if (wanted.optional || wanted.devOptional) continue;
      return false;
    }
    if (present.version !== wanted.version || present.integrity !== wanted.integrity) return false;
  }
  return true;
}

/**
 * Installs the locked packages with `npm ci` unless they are there.
 * @throws SetupError when npm fails.
 */
export async function ensureDependencies(root = ROOT) {
  const lock = JSON.parse(readFileSync(inRoot('package-lock.json'), 'utf8'));
  // npm writes this file last, so an install that was cut short has none
  const record = inRoot('node_modules/.package-lock.json');
  if (existsSync(record) && installedMatchesLock(lock, JSON.parse(readFileSync(record, 'utf8')))) return;
  say('Installing the locked packages (npm ci); this takes a minute or two.');
  const { problem } = await runBounded('npm', ['ci', '--no-audit', '--no-fund'], {
    timeoutMs: INSTALL_LIMIT_MS,
    cwd: root,
  });
  if (problem) {
    throw new SetupError(
      `"npm ci" ${problem}: see npm's lines above, check the network connection and start again.`,
    );
  }
}
