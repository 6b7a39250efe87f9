import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { StudioError } from '../../contract/errors';
import { findFfmpeg, runFfmpeg } from './ffmpeg';
import { registerSecret } from './redact';
import { needFfmpeg, temporaryFolder } from './testing/fixture';

let folder: string;
let remove: () => Promise<void>;
beforeEach(async () => ({ folder, remove } = await temporaryFolder()));
afterEach(() => remove());

async function fake(path: string, version: string): Promise<string> {
  const lines = [
    '#!/bin/sh',
    `echo "ffmpeg version ${version} Copyright"`,
    'printf "Output:\\n  rtmp\\n  file\\n"',
  ];
  await writeFile(path, lines.join('\n'));
  await chmod(path, 0o755);
  return path;
}

describe('the search for ffmpeg', () => {
  beforeEach((context) => {
    if (process.platform === 'win32') context.skip('the stand-ins are shell scripts');
  });

  it('prefers the one it is told of, then the package, then FFMPEG_BIN, then PATH', async () => {
    const own = join(folder, 'node_modules', 'ffmpeg-static');
    const onPath = join(folder, 'bin');
    await mkdir(own, { recursive: true });
    await mkdir(onPath);
    await fake(join(onPath, 'ffmpeg'), '3');
    const env = { PATH: `/nowhere:${onPath}` };
    const options = { packageRoot: folder, env };
    expect((await findFfmpeg(options))?.version).toBe('3');
    const withBin = { PATH: onPath, FFMPEG_BIN: await fake(join(folder, 'mine'), '2') };
    expect((await findFfmpeg({ packageRoot: folder, env: withBin }))?.version).toBe('2');
    await fake(join(own, 'ffmpeg'), '1');
    expect(await findFfmpeg({ packageRoot: folder, env: withBin })).toMatchObject({
      version: '1',
      protocols: ['rtmp'],
    });
    const told = { ...withBin, FANTASCOPE_FFMPEG: await fake(join(folder, 'packed'), '0') };
    expect((await findFfmpeg({ packageRoot: folder, env: told }))?.version).toBe('0');
  });

  it('passes over a file that does not run', async () => {
    const broken = join(folder, 'broken');
    await writeFile(broken, '#!/bin/sh\nexit 3\n');
    await chmod(broken, 0o755);
    const env = { FANTASCOPE_FFMPEG: broken, FFMPEG_BIN: broken, PATH: '' };
    expect(await findFfmpeg({ packageRoot: folder, env })).toBeNull();
  });

  it('answers null where there is none', async () => {
    expect(await findFfmpeg({ packageRoot: folder, env: {} })).toBeNull();
  });
});

describe('a run of ffmpeg', () => {
  it('that fails on an address with a key leaks it nowhere', async () => {
    const { path } = await needFfmpeg();
    const key = 'live_5up3r-53cr3t';
    const forget = registerSecret(key);
    const input = ['-f', 'lavfi', '-i', 'anullsrc', '-t', '1'];
    for (const url of [
      `rtmp://127.0.0.1:9/app/${key}`,
      `srt://127.0.0.1:9?connect_timeout=200&streamid=${key}`,
    ]) {
      const format = url.startsWith('rtmp') ? 'flv' : 'mpegts';
      const run = runFfmpeg(path, [...input, '-loglevel', 'debug', '-f', format, url], { timeoutMs: 30_000 });
      const error = await run.then(
        () => expect.unreachable(),
        (reason: unknown) => reason,
      );
      expect(error).toBeInstanceOf(StudioError);
      const everything = JSON.stringify((error as StudioError).toShape()) + (error as StudioError).stack;
      expect((error as StudioError).code).toBe('ffmpeg.failed');
      expect(everything).not.toContain(key);
      expect(everything).toMatch(/redacted/);
    }
    forget();
  }, 60_000);

  it('that takes too long is killed', async () => {
    const { path } = await needFfmpeg();
    const args = ['-re', '-f', 'lavfi', '-i', 'anullsrc', '-t', '20', '-f', 'null', '-'];
    await expect(runFfmpeg(path, args, { timeoutMs: 300 })).rejects.toMatchObject({
      code: 'ffmpeg.failed',
      message: expect.stringContaining('300 ms') as string,
    });
  }, 30_000);

  it('gives back what it wrote, from what it was given', async () => {
    const { path } = await needFfmpeg();
    const input = new Uint8Array(48_000 * 2);
    const args = [
      '-f',
      's16le',
      '-ar',
      '48000',
      '-ac',
      '1',
      '-i',
      'pipe:0',
      '-f',
      's16le',
      '-ac',
      '1',
      'pipe:1',
    ];
    const { stdout } = await runFfmpeg(path, args, { timeoutMs: 30_000, input });
    expect(stdout.byteLength).toBe(input.byteLength);
  }, 60_000);
});
