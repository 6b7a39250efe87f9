import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { StageStats } from '../../../contract/stage';
import { DEFAULT_ANIMATE } from '../../../contract/project';
import { runFfmpeg, type FfmpegInfo } from '../ffmpeg';
import { needFfmpeg, temporaryFolder } from '../testing/fixture';
import { niceTicks, timeTicks } from './chart';
import { html } from './html';
import type { ReportData } from './report-data';
import type { ReportInput } from './report-input';
import { writeReport } from './report';
import { readSessionCues } from './session-cues';
import { summarise } from './summary';

const START_US = 90_000_000;

let ffmpeg: FfmpegInfo;
let folder: string;
let remove: () => Promise<void>;

beforeAll(async () => {
  ffmpeg = await needFfmpeg();
  ({ folder, remove } = await temporaryFolder());
  const picture = ['-f', 'lavfi', '-i', 'testsrc2=size=640x360:rate=30'];
  const sound = ['-f', 'lavfi', '-i', 'aevalsrc=0.5*sin(440*2*PI*t)*(1+sin(t*2))/2:s=48000'];
  const encoders = [
    '-c:v',
    'libx264',
    '-preset',
    'ultrafast',
    '-pix_fmt',
    'yuv420p',
    '-c:a',
    'aac',
    '-t',
    '8',
  ];
  await runFfmpeg(ffmpeg.path, [...picture, ...sound, ...encoders, join(folder, 'show.mp4')], {
    timeoutMs: 60_000,
  });
}, 60_000);
afterAll(() => remove());

function sample(second: number): StageStats {
  const wobble = Math.sin(second * 1.7);
  return {
    atUs: START_US + second * 1e6,
    backend: 'canvas2d',
    fps: 29.6 + wobble * 0.4,
    lateTicks: 10 + second,
    skippedTicks: 0,
    ticks: 1_000 + second * 30,
    compositeMs: { p50: 6 + wobble, p95: 9 + wobble, n: 30 },
    encodeMs: { p50: 11 + wobble, p95: 19 + 2 * wobble, n: 30 },
    encodeQueue: 1,
    encoder: 'avc1.42c01f',
    engines: [
      {
        layerId: 'rabbit',
        fps: 13 + wobble,
        dropped: second,
        knobToPixelMs: second < 3 ? null : { p50: 90 + 8 * wobble, p95: 140 + 12 * wobble, n: 4 },
        ageMs: { p50: 80, p95: 95, n: 13 },
        stagesMs: { encode: 8, step: 41, decode: 12 },
        appliedVersion: 3,
        engine: 'animate' as const,
      },
    ],
    levelsDb: {},
    soundFrames: second * 48_000,
    soundJumps: 0,
  };
}

function log(): string {
  const at = (seconds: number, rest: object): string =>
    JSON.stringify({ atUs: START_US + seconds * 1e6, kind: 'command', ...rest });
  const strength = (seconds: number, value: number): string =>
    at(seconds, { command: { type: 'engine.update', layerId: 'rabbit', patch: { strength: value } } });
  return [
    at(-5, { command: { type: 'recording.start' } }),
    at(0.5, {
      label: 'Lantern on',
      command: { type: 'engine.set', layerId: 'rabbit', engine: DEFAULT_ANIMATE },
    }),
    strength(2, 0.7),
    strength(2.2, 0.6),
    strength(2.4, 0.5),
    strength(5, 0.9),
    at(6, {
      label: '<b>Neon</b>',
      command: { type: 'engine.update', layerId: 'rabbit', patch: { prompt: 'neon & ink' } },
    }),
    at(7, { kind: 'destination', state: 'reconnecting', name: 'Example' }),
    '{"atUs": 97',
  ].join('\n');
}

async function input(): Promise<ReportInput> {
  const sessionLogFile = join(folder, 'show.jsonl');
  await writeFile(sessionLogFile, log());
  return {
    title: 'Rabbit & lantern <live>',
    date: '2026-03-14T20:15:00Z',
    startedUs: START_US,
    recordingFile: join(folder, 'show.mp4'),
    sessionLogFile,
    stats: Array.from({ length: 12 }, (_, second) => sample(second - 1)),
    layerNames: { rabbit: 'Rabbit' },
    engines: [
      {
        name: 'animate',
        provider: 'cpu',
        model: 'animate-mini',
        hashes: { 'step.onnx': 'ab'.repeat(32) },
        restarts: 1,
      },
    ],
    destinations: [
      {
        name: 'Example',
        protocol: 'rtmp',
        url: 'rtmp://live.example.org/app/s3cr3t',
        live: {
          state: 'live',
          attempt: 0,
          retryUs: null,
          bitrateKbps: 2_600,
          sentFrames: 211,
          droppedFrames: 29,
          sinceUs: START_US,
          hasKey: true,
          error: null,
        },
        moves: [
          { atUs: START_US + 1e6, state: 'connecting' },
          { atUs: START_US + 2e6, state: 'live' },
        ],
      },
    ],
    versions: { fantascope: '0.1.0', node: process.version, ffmpeg: ffmpeg.version },
    machine: { processor: 'Example CPU', cores: '2', memory: '24 GB', system: 'Linux' },
    ffmpeg,
  };
}

describe('a report', () => {
  it('tells what the file holds and what was measured, without a secret', async () => {
    const { jsonFile, htmlFile } = await writeReport(await input(), join(folder, 'out'));
    const text = await readFile(jsonFile, 'utf8');
    const data = JSON.parse(text) as ReportData;
    expect(data.recording.video).toMatchObject({ codec: 'avc', width: 640, height: 360, frames: 240 });
    expect(data.recording.durationS).toBeCloseTo(8, 1);
    expect(data.stats.map((entry) => entry.atS)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
    expect(data.summary?.lateTickShare).toBeCloseTo(8 / 240, 6);
    const page = await readFile(htmlFile, 'utf8');
    expect(text + page).not.toContain('s3cr3t');
    expect(page.match(/data:image\/jpeg;base64,\/9j\//g)).toHaveLength(12);
  }, 60_000);

  it('needs nothing from outside and lets no text become markup', async () => {
    const { htmlFile } = await writeReport(await input(), join(folder, 'out'));
    const page = await readFile(htmlFile, 'utf8');
    expect(page).not.toMatch(/(?:src|href)\s*=\s*"(?!data:)/);
    expect(page).not.toMatch(/@import|url\(|<script|<link/);
    expect(page).not.toContain('<b>Neon</b>');
    expect(page).toContain('&lt;b&gt;Neon&lt;/b&gt;');
    expect(page).toContain('Rabbit &amp; lantern &lt;live&gt;');
    expect(page).not.toMatch(/NaN|undefined|Infinity/);
  }, 60_000);

  it('is made without ffmpeg, samples and log too', async () => {
    const bare = {
      ...(await input()),
      ffmpeg: null,
      stats: [],
      sessionLogFile: null,
      engines: [],
      destinations: [],
    };
    const { htmlFile } = await writeReport(bare, join(folder, 'bare'));
    const page = await readFile(htmlFile, 'utf8');
    expect(page).toContain('need ffmpeg');
    expect(page).toContain('Not measured in this recording.');
    expect(page).not.toMatch(/NaN|undefined|Infinity/);
  });

  it('of a file that is no recording is refused', async () => {
    const broken = join(folder, 'broken.mp4');
    await writeFile(broken, 'nothing');
    const made = writeReport({ ...(await input()), recordingFile: broken }, join(folder, 'broken'));
    await expect(made).rejects.toMatchObject({ code: 'recording.failed' });
  });
});

describe('the cues of a session log', () => {
  it('are one for a movement of a slider, begin with the recording, and count broken lines', async () => {
    const file = join(folder, 'cues.jsonl');
    await writeFile(file, log());
    const { cues, unreadableLines } = await readSessionCues(file, START_US);
    expect(unreadableLines).toBe(1);
    expect(cues.map(({ atS, text, count, named }) => ({ atS, text, count, named }))).toEqual([
      { atS: 0.5, text: `Lantern on — Engine on rabbit: ${DEFAULT_ANIMATE.prompt}`, count: 1, named: true },
      { atS: 2, text: 'strength 0.50', count: 3, named: false },
      { atS: 5, text: 'strength 0.90', count: 1, named: false },
      { atS: 6, text: '<b>Neon</b> — prompt “neon & ink”', count: 1, named: true },
      { atS: 7, text: 'destination: Example', count: 1, named: false },
    ]);
  });
});

describe('the summary', () => {
  it('has the median of medians, the worst p95 and the sum of drops, of measured samples only', () => {
    const stats = [sample(0), sample(1), sample(2)].map((entry, index) => ({
      ...entry,
      compositeMs: index === 2 ? { p50: 0, p95: 0, n: 0 } : { p50: 4 + index * 2, p95: 10 - index, n: 30 },
    }));
    expect(summarise(stats)).toMatchObject({
      composite: { p50Ms: 5, worstP95Ms: 10 },
      engines: [{ layerId: 'rabbit', knobToPixel: null, dropped: 3, stagesMs: { step: 41 } }],
    });
  });

  it('of nothing is null', () => {
    expect(summarise([])).toBeNull();
  });
});

describe('axes and markup', () => {
  it('have round steps that reach the largest value', () => {
    expect(niceTicks(32, 4)).toEqual([0, 10, 20, 30, 40]);
    expect(niceTicks(0.9, 4)).toEqual([0, 0.25, 0.5, 0.75, 1]);
    expect(niceTicks(0, 4).length).toBeGreaterThan(1);
    expect(timeTicks(25, 6)).toEqual([0, 5, 10, 15, 20, 25]);
    expect(timeTicks(7200, 6)).toEqual([0, 1800, 3600, 5400, 7200]);
  });

  it('escape every value', () => {
    expect(html`<p title="${'"\'&'}">${'<x>'}${null}${[html`<i>${1}</i>`]}</p>`.html).toBe(
      '<p title="&quot;&#39;&amp;">&lt;x&gt;<i>1</i></p>',
    );
  });
});
