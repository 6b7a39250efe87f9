import { spawn } from 'node:child_process';
import { readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { FfmpegInfo } from './ffmpeg';
import { recoverLeftovers } from './recover-leftovers';
import { partFile, sidecarFile } from './recording-names';
import { decode, probe } from './testing/probe';
import { needFfmpeg, temporaryFolder } from './testing/fixture';

let ffmpeg: FfmpegInfo;
let bundle: string;
let folder: string;
let remove: () => Promise<void>;

beforeAll(async () => {
  ffmpeg = await needFfmpeg();
  bundle = join(import.meta.dirname, '../../node_modules/.cache/outputs-test');
  await build({
    configFile: false,
    logLevel: 'error',
    build: {
      ssr: fileURLToPath(new URL('./testing/record-child.ts', import.meta.url)),
      outDir: bundle,
      target: 'node20',
      minify: false,
    },
  });
  return () => rm(bundle, { recursive: true, force: true });
}, 60_000);

beforeEach(async () => ({ folder, remove } = await temporaryFolder()));
afterEach(() => remove());

/** Records in a process of its own, kills it after about `seconds`; answers with the seconds it had fed. */
async function recordAndKill(seconds: number, container: string): Promise<number> {
  const child = spawn(process.execPath, [join(bundle, 'record-child.js'), folder, container], {
    stdio: ['ignore', 'pipe', 'inherit'],
    timeout: 60_000,
  });
  const gone = new Promise((resolve) => child.once('close', resolve));
  let fed = 0;
  child.stdout.on('data', (chunk: Buffer) => {
    fed = Number(chunk.toString('utf8').trim().split('\n').at(-1));
    if (fed >= seconds) child.kill('SIGKILL');
  });
  await gone;
  return fed;
}

describe('a recorder killed with SIGKILL', () => {
  it.each(['mp4', 'mkv'])(
    'loses at most the last second, and the next start makes the %s of it',
    async (container) => {
      const fed = await recordAndKill(3.3, container);
      expect(fed).toBeGreaterThan(3);
      const part = partFile(folder, 'Killed', 1);
      expect((await probe(ffmpeg, part)).video!.endS).toBeGreaterThan(fed - 1);
      const { recovered, skipped, failed } = await recoverLeftovers(folder, ffmpeg);
      expect({ recovered, skipped, failed }).toEqual({
        recovered: [join(folder, `Killed.${container}`)],
        skipped: [],
        failed: [],
      });
      expect(await readdir(folder)).toEqual([`Killed.${container}`]);
      const { video, audio } = await probe(ffmpeg, recovered[0]!);
      expect(video!.endS).toBeGreaterThan(fed - 1);
      expect(audio!.endS).toBeGreaterThan(fed - 1);
      expect((await decode(ffmpeg, recovered[0]!)).frames).toBe(video!.packets);
    },
    60_000,
  );
});

describe('leftovers', () => {
  it('that a live process still writes are left alone', async () => {
    await writeFile(partFile(folder, 'Busy', 1), 'x');
    const child = spawn(process.execPath, ['-e', 'setTimeout(() => {}, 30000)'], { stdio: 'ignore' });
    const gone = new Promise((resolve) => child.once('close', resolve));
    try {
      const sidecar = { version: 1, pid: child.pid, name: 'Busy', container: 'mp4' };
      await writeFile(sidecarFile(folder, 'Busy'), JSON.stringify(sidecar));
      expect((await recoverLeftovers(folder, ffmpeg)).skipped).toEqual([partFile(folder, 'Busy', 1)]);
    } finally {
      child.kill('SIGKILL');
      await gone;
    }
  });

  it('whose pid now belongs to somebody else are finished: the claim was not renewed', async () => {
    const file = sidecarFile(folder, 'Old');
    await writeFile(partFile(folder, 'Old', 1), '');
    await writeFile(file, JSON.stringify({ version: 1, pid: process.ppid, name: 'Old', container: 'mp4' }));
    const past = new Date(Date.now() - 3_600_000);
    await utimes(file, past, past);
    expect(await recoverLeftovers(folder, ffmpeg)).toEqual({ recovered: [], skipped: [], failed: [] });
    expect(await readdir(folder)).toEqual([]);
  });

  it('that cannot be read stay, and are reported', async () => {
    await writeFile(partFile(folder, 'Broken', 1), 'not matroska');
    const sidecar = { version: 1, pid: process.pid, name: 'Broken', container: 'mp4' };
    await writeFile(sidecarFile(folder, 'Broken'), JSON.stringify(sidecar));
    const { failed } = await recoverLeftovers(folder, ffmpeg);
    expect(failed).toMatchObject([{ file: partFile(folder, 'Broken', 1), error: { code: 'ffmpeg.failed' } }]);
    expect((await readdir(folder)).sort()).toEqual(['Broken.recording.json', 'Broken.recording.mkv']);
  });

  it('in a folder that does not exist are none', async () => {
    const result = await recoverLeftovers(join(folder, 'absent'), ffmpeg);
    expect(result).toEqual({ recovered: [], skipped: [], failed: [] });
  });
});
