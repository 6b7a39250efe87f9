import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { isRoot, runBounded, succeeds } from './process.mjs';
import { say } from './say.mjs';

const APT_LIMIT_MS = 10 * 60_000;
const POLICY_FILE = '/usr/sbin/policy-rc.d';
let listsAreFresh = false;

/** Whether an os-release text names Debian or a descendant of it. */
export function isDebianFamily(osRelease) {
  const line = (name) => new RegExp(`^${name}="?([^"\\n]*)`, 'm').exec(osRelease)?.[1] ?? '';
  return /\b(debian|ubuntu)\b/.test(`${line('ID')} ${line('ID_LIKE')}`);
}

/** Whether packages can be installed here: Debian or Ubuntu, and root. */
export function canAptInstall() {
  return isRoot() && onDebian();
}

/** Whether this is Debian or Ubuntu. */
export function onDebian() {
  return existsSync('/etc/os-release') && isDebianFamily(readFileSync('/etc/os-release', 'utf8'));
}

/** Those of `packages` that dpkg does not have installed. */
export function missingPackages(packages) {
  return packages.filter((name) => !succeeds('dpkg', ['-s', name]));
}

/**
 * Installs Debian packages, saying so first; the lists are read once a run.
 * Services of the packages are not started: tests start their own on loopback.
 * @returns null, or in words why it failed.
 */
export async function aptInstall(packages, why) {
  say(`Installing ${packages.join(', ')} with apt-get, as root: ${why}.`);
  const env = { DEBIAN_FRONTEND: 'noninteractive' };
  const ownsPolicy = !existsSync(POLICY_FILE);
  if (ownsPolicy) writeFileSync(POLICY_FILE, '#!/bin/sh\nexit 101\n', { mode: 0o755 });
  try {
    if (!listsAreFresh) {
      const update = await runBounded('apt-get', ['update', '-q'], {
        timeoutMs: APT_LIMIT_MS,
        env,
        quiet: true,
      });
      if (update.problem) return `"apt-get update" ${update.problem}: ${lastLine(update.output)}`;
      listsAreFresh = true;
    }
    const args = ['install', '-y', '-q', '--no-install-recommends', ...packages];
    const install = await runBounded('apt-get', args, { timeoutMs: APT_LIMIT_MS, env, quiet: true });
    return install.problem ? `"apt-get install" ${install.problem}: ${lastLine(install.output)}` : null;
  } finally {
    if (ownsPolicy) rmSync(POLICY_FILE, { force: true });
  }
}

function lastLine(output) {
  return output.trim().split('\n').at(-1) ?? '';
}
