import { spawn } from 'node:child_process';
import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { emptyProject } from '../contract/project';
import type { Show } from '../contract/show';
import { layerOf } from './helpers/live-state';
import { NginxRtmp, prepareNginxRtmp } from './peers/nginx-rtmp';

const ROOT = resolve(import.meta.dirname, '..');
const KEY = 'key-n0b0dy-r3ads-7h15';
const PASSPHRASE = 'a-passphrase-of-a-show';
const missing = await prepareNginxRtmp();

let folder: string;
let nginx: NginxRtmp | null = null;
beforeEach(async (context) => {
  if (missing !== null) context.skip(missing);
  folder = await mkdtemp(join(tmpdir(), 'fantascope-show-live-'));
  nginx = await NginxRtmp.make();
  await nginx.start();
});
afterEach(async () => {
  await nginx?.dispose();
  nginx = null;
  if (folder) await rm(folder, { recursive: true, force: true });
});

/** Plays a show and answers with its exit code and all it printed. */
function play(file: string, out: string): Promise<{ code: number | null; output: string }> {
  return new Promise((done) => {
    const args = [join(ROOT, 'out/main/browser.js'), '--show', file, '--headless', '--out', out];
    const child = spawn(process.execPath, args, { timeout: 90_000 });
    let output = '';
    child.stdout.on('data', (chunk) => (output += chunk));
    child.stderr.on('data', (chunk) => (output += chunk));
    child.on('close', (code) => done({ code, output }));
  });
}

it('a show that goes live leaves its stream key in nothing that it writes or prints', async () => {
  const project = emptyProject('Live show');
  project.scenes[0]!.layers = [layerOf('card', { kind: 'test-card', beep: true })];
  const rtmp = {
    id: 'rtmp',
    name: 'RTMP',
    protocol: 'rtmp',
    url: `${nginx!.url}/${KEY}`,
    audioBitrateKbps: 128,
  } as const;
  // Nobody listens there: its ffmpeg complains, again and again, with the address in its words.
  const srt = {
    ...rtmp,
    id: 'srt',
    name: 'SRT',
    protocol: 'srt',
    url: `srt://127.0.0.1:9?passphrase=${PASSPHRASE}&connect_timeout=300`,
  } as const;
  project.destinations = [rtmp, srt];
  const show: Show = {
    version: 1,
    title: 'Live show',
    durationS: 8,
    project,
    cues: [
      { atS: 0.5, command: { type: 'live.start', destinationId: 'rtmp' } },
      { atS: 0.5, command: { type: 'live.start', destinationId: 'srt' } },
      { atS: 6, command: { type: 'destination.update', destinationId: 'srt', patch: { url: srt.url } } },
      { atS: 7, command: { type: 'live.stop', destinationId: 'rtmp' } },
      { atS: 7, command: { type: 'live.stop', destinationId: 'srt' } },
    ],
  };
  const file = join(folder, 'show.json');
  await writeFile(file, JSON.stringify(show));
  const out = join(folder, 'out');
  const { output } = await play(file, out);

  expect(await nginx!.recordings()).not.toEqual([]);
  const names = await readdir(out);
  const texts = names.filter((name) => /\.(html|json|jsonl)$/.test(name));
  expect(texts).toEqual(expect.arrayContaining(['report.html', 'report.json']));
  const log = texts.find((name) => name.endsWith('.session.jsonl'))!;
  // The address did reach what is written: its key was struck out, not the whole entry.
  expect(await readFile(join(out, log), 'utf8')).toMatch(/srt:\/\/127\.0\.0\.1:9\?passphrase=‹redacted›/);
  for (const name of names) {
    const bytes = await readFile(join(out, name));
    expect(bytes.includes(KEY), name).toBe(false);
    expect(bytes.includes(PASSPHRASE), name).toBe(false);
  }
  expect(output).not.toContain(KEY);
  expect(output).not.toContain(PASSPHRASE);
});
