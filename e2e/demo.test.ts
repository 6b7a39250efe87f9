import { execFile } from 'node:child_process';
import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Show } from '../contract/show';
import { beeps, difference, probe, readPictures, readSound } from './helpers/recording';

const run = promisify(execFile);
const ROOT = resolve(import.meta.dirname, '..');
/** The part of the programme in which nothing but the animated film is drawn, as fractions. */
const FILM_ONLY = { left: 0.05, top: 0.3, right: 0.7, bottom: 0.8 };

type Entry = {
  atUs: number;
  kind: string;
  programmeUs?: number;
  command?: { type: string; patch?: { prompt?: string } };
};

let out: string;
let output: string;
let file: string;
let show: Show;
let log: Entry[];

beforeAll(async () => {
  out = await mkdtemp(join(tmpdir(), 'fantascope-demo-'));
  show = JSON.parse(await readFile(join(ROOT, 'shows/demo/demo.json'), 'utf8')) as Show;
  const done = await run(
    process.execPath,
    [join(ROOT, 'out/main/browser.js'), '--demo', '--headless', '--out', out],
    {
      timeout: 110_000,
    },
  );
  output = done.stdout;
  const names = await readdir(out);
  file = join(
    out,
    names.find((name) => name.endsWith('.mp4'))!,
  );
  const lines = await readFile(
    join(
      out,
      names.find((name) => name.endsWith('.session.jsonl'))!,
    ),
    'utf8',
  );
  log = lines
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Entry);
});
afterAll(() => rm(out, { recursive: true, force: true }));

/** Programme time of the recording's first picture. */
function recordingStartUs(): number {
  return log.find((entry) => entry.kind === 'first-frame')!.programmeUs!;
}

function filmPart(picture: { data: Uint8Array; width: number; height: number }) {
  const { width, height, data } = picture;
  const box = {
    left: Math.floor(FILM_ONLY.left * width),
    top: Math.floor(FILM_ONLY.top * height),
    right: Math.floor(FILM_ONLY.right * width),
    bottom: Math.floor(FILM_ONLY.bottom * height),
  };
  const rows: number[] = [];
  for (let y = box.top; y < box.bottom; y++)
    rows.push(...data.subarray(y * width + box.left, y * width + box.right));
  return { data: Uint8Array.from(rows), width: box.right - box.left, height: box.bottom - box.top };
}

describe('the demo show', () => {
  it('ends with a last line that names the recording, and leaves log and report beside it', async () => {
    expect(output.trim().split('\n').at(-1)).toMatch(/^Show finished: .*\.mp4/);
    const names = await readdir(out);
    expect(names).toEqual(expect.arrayContaining(['report.html', 'report.json']));
    const html = await readFile(join(out, 'report.html'), 'utf8');
    expect(html).not.toMatch(/(src|href)="(?!data:|#)/);
  });

  it('records H.264 and AAC of the length the show asks for, with no frame missing', async () => {
    const { streams, format } = await probe(file);
    const video = streams.find((s) => s.codec_type === 'video')!;
    expect(video).toMatchObject({ codec_name: 'h264', width: 1280, height: 720 });
    expect(streams.find((s) => s.codec_type === 'audio')!.codec_name).toBe('aac');
    expect(Math.abs(Number(format.duration) - show.durationS)).toBeLessThan(1);
    expect(Number(video.nb_read_packets)).toBeGreaterThan(show.durationS * 30 * 0.9);
  });

  it('shows moving pictures, most of them different from the one before', async () => {
    const pictures = (await readPictures(file)).filter(({ timeUs }) => timeUs > 6e6);
    const moving = pictures.filter(
      ({ picture }, i) => i > 0 && difference(picture, pictures[i - 1]!.picture) > 0.05,
    );
    expect(moving.length).toBeGreaterThan(pictures.length * 0.3);
  });

  it('changes the picture at every prompt change, soon after it', async () => {
    const pictures = (await readPictures(file)).map(({ timeUs, picture }) => ({
      timeUs,
      picture: filmPart(picture),
    }));
    const startUs = recordingStartUs();
    const changes = log.filter(
      (entry) => entry.command?.type === 'engine.update' && entry.command.patch?.prompt,
    );
    expect(changes).toHaveLength(2);
    for (const change of changes) {
      const atUs = change.atUs - startUs;
      // The film loops every 7.8 s: the same place of it before and after differs by the look alone.
      const meanAround = (fromUs: number) =>
        pictures.filter((p) => p.timeUs >= fromUs && p.timeUs < fromUs + 1e6);
      const before = meanAround(atUs - 1.2e6);
      const after = meanAround(atUs + 1.5e6);
      const within = difference(before[0]!.picture, before.at(-1)!.picture);
      const across = difference(before.at(-1)!.picture, after[0]!.picture);
      expect(across).toBeGreaterThan(Math.max(8, within));
    }
  });

  it('beeps with the test card at the start and speaks later', async () => {
    const sound = await readSound(file);
    const early = beeps(sound.subarray(0, 3 * 48_000));
    expect(early.length).toBeGreaterThanOrEqual(2);
    const gaps = early.slice(1).map((at, i) => at - early[i]!);
    for (const gap of gaps) expect(Math.abs(gap - 1e6)).toBeLessThan(5000);
    const speech = sound.subarray(5 * 48_000, 14 * 48_000);
    const level = Math.sqrt(speech.reduce((sum, v) => sum + v * v, 0) / speech.length);
    expect(20 * Math.log10(level)).toBeGreaterThan(-45);
  });
});
