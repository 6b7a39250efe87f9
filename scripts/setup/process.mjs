import { spawn, spawnSync } from 'node:child_process';
import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { ROOT } from './root.mjs';
import { say } from './say.mjs';

/** Between the polite and the final end of a program that took too long. */
const GRACE_MS = 10_000;
/** How often a long step says that it goes on. */
const SIGN_OF_LIFE_MS = 5000;

/**
 * Runs a program to its end with stdin closed.
 * @param options `env`: set beside this process's own, a value of `undefined` unsets; `quiet`: collects
 *   what it prints; `progress`: names the step in a line every few seconds, for programs that
 *   say nothing for long.
 * @returns {Promise<{code: number | null, output: string, problem: string | null}>} `output`
 *   only with `quiet`; `problem` says in words why it did not succeed, null when it did.
 */
export function runBounded(command, args, options) {
  const { timeoutMs, env = {}, quiet = false, cwd = ROOT, progress = null } = options;
  return new Promise((finish) => {
    const child = spawn(command, args, {
      cwd,
      env: { ...process.env, ...env },
      stdio: ['ignore', quiet ? 'pipe' : 'inherit', quiet ? 'pipe' : 'inherit'],
      // npm is a .cmd file on Windows, which only a shell can start
      shell: process.platform === 'win32' && command === 'npm',
    });
    let output = '';
    let timedOut = false;
    let killTimer;
    const timer = setTimeout(() => {
      timedOut = true;
      child.kill('SIGTERM');
      killTimer = setTimeout(() => child.kill('SIGKILL'), GRACE_MS);
    }, timeoutMs);
    const startMs = Date.now();
    const signs = setInterval(() => {
      if (progress) say(`  ${progress}: ${Math.round((Date.now() - startMs) / 1000)} s …`);
    }, options.signOfLifeMs ?? SIGN_OF_LIFE_MS);
    const tidy = () => {
      clearInterval(signs);
      clearTimeout(timer);
      clearTimeout(killTimer);
    };
    child.stdout?.on('data', (chunk) => (output += chunk));
    child.stderr?.on('data', (chunk) => (output += chunk));
    child.on('error', (error) => {
      tidy();
      finish({ code: null, output, problem: `could not be started (${error.code ?? error.message})` });
    });
    child.on('close', (code, signal) => {
      tidy();
      const problem = describeEnd({ code, signal, timedOut, timeoutMs });
      finish({ code, output, problem });
    });
  });
}

/** In words why a process did not succeed; null when it did. */
export function describeEnd({ code, signal, timedOut, timeoutMs }) {
  if (timedOut) return `took longer than ${Math.round(timeoutMs / 1000)} s`;
  if (signal) return `was ended by ${signal}`;
  return code === 0 ? null : `ended with code ${code}`;
}

/** Whether a path is a file that may be executed. */
export function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

/** The full path of a program on PATH, or null. */
export function findOnPath(name, { path = process.env.PATH ?? '', platform = process.platform } = {}) {
  const endings = platform === 'win32' ? ['.exe', '.cmd', ''] : [''];
  for (const folder of path.split(delimiter).filter(Boolean)) {
    for (const ending of endings) {
      const candidate = join(folder, name + ending);
      if (isExecutable(candidate)) return candidate;
    }
  }
  return null;
}

/** Whether this process may do what only root may. */
export function isRoot() {
  return process.getuid?.() === 0;
}

/** Whether a short program succeeds; its output is dropped. */
export function succeeds(command, args, timeoutMs = 10_000) {
  return spawnSync(command, args, { stdio: 'ignore', timeout: timeoutMs }).status === 0;
}
