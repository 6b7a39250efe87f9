import { readdirSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DEFAULT_ANIMATE, FULL_FRAME, type Project, type Source } from '../contract/project';
import { readBarcode } from '../renderer/stage/barcode';
import { childrenNamed, killAll } from './helpers/processes';
import { probe, readPictures } from './helpers/recording';
import { layerOf } from './helpers/live-state';
import { StudioProcess } from './helpers/studio-process';

let userData: string;
let studio: StudioProcess | null = null;
beforeEach(async () => {
  userData = await mkdtemp(join(tmpdir(), 'fantascope-kill-'));
});
afterEach(async () => {
  await studio?.stop();
  studio = null;
  await rm(userData, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
});

const CARD: Source = { kind: 'test-card', beep: true };

const project: Partial<Project> = {
  scenes: [
    {
      id: 'scene-1',
      name: 'Scene',
      layers: [
        layerOf('card', CARD),
        layerOf('animated', CARD, {
          transform: { ...FULL_FRAME, x: 0.4, y: 0.3, width: 0.3, height: 0.3 },
          engine: DEFAULT_ANIMATE,
        }),
      ],
    },
  ],
};

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

async function startRecording(): Promise<StudioProcess> {
  const started = await StudioProcess.start({ project: { ...project }, userData });
  await started.until('engine', (s) => s.engines.animate.state === 'ready', 60_000);
  await started.command({ type: 'recording.start' });
  await started.until('recording', (s) => s.recording.durationUs > 4e6);
  return started;
}

async function stopRecording(running: StudioProcess): Promise<string> {
  await running.command({ type: 'recording.stop' });
  const state = await running.until('file', (s) => s.recording.state === 'idle' && s.recording.file !== null);
  return state.recording.file!;
}

/** Programme milliseconds read from the test card of each picture that shows it. */
async function barcodes(file: string): Promise<{ timeUs: number; ms: number | null }[]> {
  const pictures = await readPictures(file, { width: 320, height: 180 });
  // A dark slate reads as all zeros, a time at which no recording here was running.
  return pictures.map(({ timeUs, picture }) => ({ timeUs, ms: readBarcode(picture) || null }));
}

describe('kill -9 while recording', () => {
  it('of the engine: the recording has no gap, the engine comes back', async () => {
    studio = await startRecording();
    const [pid] = childrenNamed(studio.pid, 'engine.js');
    const before = studio.state.recording.durationUs;
    process.kill(pid!, 'SIGKILL');
    await studio.until('restart', (s) => s.engines.animate.restarts > 0, 20_000);
    await studio.until('engine again', (s) => s.engines.animate.state === 'ready', 60_000);
    await studio.until('more', (s) => s.recording.durationUs > before + 3e6);
    const read = await barcodes(await stopRecording(studio));
    const times = read.map((r) => r.timeUs);
    const widest = Math.max(...times.slice(1).map((t, i) => t - times[i]!));
    expect(widest).toBeLessThan(500_000);
    expect(read.filter((r) => r.ms !== null).length).toBeGreaterThan(read.length * 0.9);
  });

  it('of the window: a slate fills in, the window returns, nothing is missing', async () => {
    studio = await startRecording();
    const before = studio.state.recording.durationUs;
    killAll(childrenNamed(studio.pid, '--user-data-dir'));
    await studio.until('window lost', (s) => s.notices.some((n) => n.key === 'stage'), 20_000);
    await studio.until('window back', (s) => !s.notices.some((n) => n.key === 'stage'), 60_000);
    await studio.until('more', (s) => s.recording.durationUs > before + 8e6, 60_000);
    const file = await stopRecording(studio);
    const parts = readdirSync(userData).filter((name) => name.endsWith('.mp4'));
    expect(parts).toHaveLength(1);
    const read = await barcodes(file);
    const live = read.filter((r) => r.ms !== null);
    const slate = read.filter((r) => r.ms === null);
    expect(slate.length).toBeGreaterThan(10);
    // The programme clock ran on: picture time and barcode time agree before and after.
    const shift = (r: { timeUs: number; ms: number | null }) => r.timeUs / 1000 - r.ms!;
    expect(Math.abs(shift(live.at(-1)!) - shift(live[0]!))).toBeLessThan(150);
    const times = read.map((r) => r.timeUs);
    expect(Math.max(...times.slice(1).map((t, i) => t - times[i]!))).toBeLessThan(1_000_000);
  });

  it('of main: the file is finished at the next start and lacks at most a second', async () => {
    studio = await startRecording();
    await studio.until('more', (s) => s.recording.durationUs > 6e6);
    const known = studio.state.recording.durationUs;
    const windows = childrenNamed(studio.pid, '--user-data-dir');
    process.kill(studio.pid, 'SIGKILL');
    // The window goes with it: nothing may hold the camera and the profile any longer.
    await expect.poll(() => windows.filter(isAlive), { timeout: 10_000 }).toEqual([]);
    await studio.stop();
    studio = await StudioProcess.start({ userData });
    const state = await studio.until('recovery', (s) => s.notices.some((n) => n.key === 'recovered'), 60_000);
    expect(state.notices.find((n) => n.key === 'recovered')!.error.code).toBe('recording.recovered');
    const name = readdirSync(userData).find((entry) => entry.endsWith('.mp4'))!;
    const { format } = await probe(join(userData, name));
    expect(Number(format.duration)).toBeGreaterThan(known / 1e6 - 1);
    const log = readdirSync(userData).find((entry) => entry.endsWith('.session.jsonl'))!;
    expect(JSON.parse((await readFile(join(userData, log), 'utf8')).split('\n')[0]!)).toMatchObject({
      kind: 'start',
    });
  });
});
