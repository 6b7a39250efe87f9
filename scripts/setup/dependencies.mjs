import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runBounded } from './process.mjs';
import { ROOT } from './root.mjs';
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
export async function ensureDependencies({ root = ROOT, run = runBounded } = {}) {
  const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'));
  // npm writes this file last, so an install that was cut short has none
  const record = join(root, 'node_modules/.package-lock.json');
  if (existsSync(record) && installedMatchesLock(lock, JSON.parse(readFileSync(record, 'utf8')))) return;
  say('Installing the locked packages (npm ci); this takes a minute or two.');
  const { problem } = await run('npm', ['ci', '--no-audit', '--no-fund'], {
    timeoutMs: INSTALL_LIMIT_MS,
    cwd: root,
    progress: 'npm ci',
  });
  if (problem) {
    throw new SetupError(
      `"npm ci" ${problem}: see npm's lines above, check the network connection and start again.`,
    );
  }
}
