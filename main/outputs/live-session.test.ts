import { spawn } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';
import { expect, it } from 'vitest';

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

it('no ffmpeg outlives a studio that is killed with SIGKILL', async () => {
  const bundle = join(import.meta.dirname, '../../node_modules/.cache/stream-test');
  await build({
    configFile: false,
    logLevel: 'error',
    build: {
      ssr: fileURLToPath(new URL('./testing/stream-child.ts', import.meta.url)),
      outDir: bundle,
      target: 'node20',
      minify: false,
    },
  });
  const server = createServer((socket) => socket.on('error', () => {}).resume());
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  const child = spawn(process.execPath, [join(bundle, 'stream-child.js'), `tcp://127.0.0.1:${port}`], {
    stdio: ['ignore', 'pipe', 'inherit'],
    timeout: 60_000,
  });
  try {
    const pid = Number(String(await new Promise((told) => child.stdout.once('data', told))).split('\n')[0]);
    expect(isAlive(pid)).toBe(true);
    child.kill('SIGKILL');
    await expect.poll(() => isAlive(pid), { timeout: 20_000 }).toBe(false);
  } finally {
    child.kill('SIGKILL');
    server.close();
    await rm(bundle, { recursive: true, force: true });
  }
}, 90_000);
