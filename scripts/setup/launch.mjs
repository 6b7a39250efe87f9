import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { ROOT } from './root.mjs';
import { SetupError } from './say.mjs';

const FORWARDED = ['SIGINT', 'SIGTERM', 'SIGHUP'];

/**
 * Runs the studio in the foreground; signals to this process are handed on.
 * @returns the studio's exit code, 128 + n when signal n ended it.
 */
export function launchStudio(command, args, env) {
  return new Promise((finish, fail) => {
    const child = spawn(command, args, { cwd: ROOT, env: { ...process.env, ...env }, stdio: 'inherit' });
    const forward = (signal) => {
      // a terminal sends Ctrl-C to the whole group: the studio has it already
      if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal);
    };
    for (const signal of FORWARDED) process.on(signal, forward);
    const tidy = () => {
      for (const signal of FORWARDED) process.off(signal, forward);
    };
    child.on('error', (error) => {
      tidy();
      fail(new SetupError(`The studio could not be started (${error.message}): check "${command}".`));
    });
    child.on('exit', (code, signal) => {
      tidy();
      finish(code ?? 128 + (constants.signals[signal] ?? 0));
    });
  });
}
