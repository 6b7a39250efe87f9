import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { isRoot, runBounded, succeeds } from './process.mjs';
import { say } from './say.mjs';

const APT_LIMIT_MS = 10 * 60_000;

/** What the step reaches for; tests give their own. The lists are read once a run. */
const SYSTEM = { run: runBounded, policyFile: '/usr/sbin/policy-rc.d', listsAreFresh: false };

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
export async function aptInstall(packages, why, system = SYSTEM) {
  say(`Installing ${packages.join(', ')} with apt-get, as root: ${why}.`);
  const { run, policyFile } = system;
  const options = { timeoutMs: APT_LIMIT_MS, env: { DEBIAN_FRONTEND: 'noninteractive' }, quiet: true };
  const ownsPolicy = !existsSync(policyFile);
  if (ownsPolicy) writeFileSync(policyFile, '#!/bin/sh\nexit 101\n', { mode: 0o755 });
  try {
    if (!system.listsAreFresh) {
      const update = await run('apt-get', ['update', '-q'], {
        ...options,
        progress: 'reading package lists',
      });
      if (update.problem) return `"apt-get update" ${update.problem}: ${lastLine(update.output)}`;
      system.listsAreFresh = true;
    }
    const args = ['install', '-y', '-q', '--no-install-recommends', ...packages];
    const install = await run('apt-get', args, { ...options, progress: 'apt-get install' });
    return install.problem ? `"apt-get install" ${install.problem}: ${lastLine(install.output)}` : null;
  } finally {
    if (ownsPolicy) rmSync(policyFile, { force: true });
  }
}

function lastLine(output) {
  return output.trim().split('\n').at(-1) ?? '';
}
