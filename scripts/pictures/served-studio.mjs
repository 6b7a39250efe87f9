import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { inRoot } from '../setup/root.mjs';
import { SetupError } from '../setup/say.mjs';

const START_LIMIT_MS = 60_000;
const STOP_LIMIT_MS = 20_000;

/**
 * Starts the built studio without a window, on a project; `stop` ends it in order, `kill` at once.
 * @param env what it gets besides this process's environment
 * @throws SetupError when it is not served in time
 */
export async function startStudio(userData, project, env = {}) {
  const projectFile = join(userData, 'evening-show.json');
  writeFileSync(projectFile, JSON.stringify(project));
  const studio = spawn(
    process.execPath,
    [inRoot('out/main/browser.js'), '--serve', '--user-data', userData, '--project', projectFile],
    { stdio: ['ignore', 'pipe', 'inherit'], env: { ...process.env, ...env } },
  );
  const ended = new Promise((done) => studio.once('exit', done));
  const end = async (signal) => {
    studio.kill(signal);
    const timer = setTimeout(() => studio.kill('SIGKILL'), STOP_LIMIT_MS);
    await ended;
    clearTimeout(timer);
  };
  const url = await new Promise((found) => {
    const timer = setTimeout(() => found(null), START_LIMIT_MS);
    void ended.then(() => found(null));
    createInterface({ input: studio.stdout }).on('line', (line) => {
      const match = /(http:\/\/127\.0\.0\.1:\d+\/#\S+)/.exec(line);
      if (!match) return;
      clearTimeout(timer);
      found(match[1]);
    });
  });
  const stop = () => end('SIGTERM');
  if (url === null) {
    await stop();
    throw new SetupError(`The studio must be served within ${START_LIMIT_MS / 1000} s, but was not.`);
  }
  return { url, stop, kill: () => end('SIGKILL') };
}
