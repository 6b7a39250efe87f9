import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { EngineName } from '../../contract/engine';
import {
  DEFAULT_ANIMATE,
  DEFAULT_GENERATE,
  FULL_FRAME,
  type Project,
  type Source,
} from '../../contract/project';
import type { StageStats } from '../../contract/stage';
import { layerOf } from '../../e2e/helpers/live-state';
import { StudioProcess } from '../../e2e/helpers/studio-process';
import { treeCpuSeconds } from './cpu';

/** The film both programmes show. */
export const FILM = resolve('shows/demo/rabbit320.mp4');

/** Chromium switches that give it the film as a 30 fps camera. */
export function fakeCameraArgs(): string {
  const file = join(tmpdir(), 'fantascope-bench-camera.mjpeg');
  if (!existsSync(file)) {
    const args = [
      '-v',
      'error',
      '-y',
      '-i',
      FILM,
      '-t',
      '8',
      '-vf',
      'scale=640:480,fps=30',
      '-c:v',
      'mjpeg',
      '-q:v',
      '4',
      file,
    ];
    execFileSync('ffmpeg', args, { timeout: 60_000 });
  }
  return `--use-fake-device-for-media-stream=fps=30 --use-file-for-fake-video-capture=${file}`;
}

/** What a bench's scene shows below its title. */
export type SceneOptions = { source: 'camera' | 'film' | 'generate'; animated: boolean };

const SOURCES: Readonly<Record<SceneOptions['source'], Source>> = {
  camera: { kind: 'camera', device: { deviceId: '', label: '' } },
  film: { kind: 'film', mediaId: 'film', loop: true },
  // A cut: how soon a new prompt is seen is not a matter of how long it is to take.
  generate: { ...DEFAULT_GENERATE, blendMs: 0 },
};

/** The engine that a scene shows; null when none. */
function engineOf({ source, animated }: SceneOptions): EngineName | null {
  if (source === 'generate') return 'generate';
  return animated ? 'animate' : null;
}

/** A camera, the film with its sound, or a made picture, animated or not, under a title, at 1280×720. */
export function titledScene({ source, animated }: SceneOptions): Partial<Project> {
  const picture = layerOf('picture', SOURCES[source], { engine: animated ? DEFAULT_ANIMATE : null });
  const title = layerOf(
    'title',
    {
      kind: 'text',
      text: 'Fantascope',
      size: 0.13,
      colour: '#ffffff',
      background: null,
      align: 'left',
      weight: 800,
    },
    { transform: { ...FULL_FRAME, height: 0.2 } },
  );
  const scenes = [{ id: 'scene-1', name: 'Scene', layers: [picture, title] }];
  if (source !== 'film') return { scenes };
  return {
    scenes,
    media: [{ id: 'film', name: 'Film', path: FILM }],
    strips: [
      {
        id: 'film',
        name: 'Film',
        source: { kind: 'layer', layerId: 'picture' },
        gainDb: 0,
        muted: false,
        syncOffsetMs: 0,
        binaural: null,
      },
    ],
  };
}

/** What one recorded run measured. */
export type Run = {
  seconds: number;
  cpuSeconds: number;
  stats: StageStats[];
  /** Where the engine ran, as the studio says; null without an engine. */
  provider: string | null;
};

/** More Chromium switches, and what to do while a run is measured. */
export type RunOptions = { chromiumArgs?: string; during?: (studio: StudioProcess) => Promise<void> };

/** Records for `seconds` and returns what it cost and what the stage said meanwhile. */
export async function recordRun(
  scene: SceneOptions,
  seconds: number,
  { chromiumArgs = '', during }: RunOptions = {},
): Promise<Run> {
  const studio = await StudioProcess.start({
    project: titledScene(scene),
    env: { FANTASCOPE_CHROMIUM_ARGS: `${fakeCameraArgs()} ${chromiumArgs}` },
  });
  try {
    const engine = engineOf(scene);
    if (engine) await studio.until('engine', (s) => s.engines[engine].state === 'ready');
    await new Promise((done) => setTimeout(done, 4000));
    await studio.command({ type: 'recording.start' });
    await studio.until('recording', (s) => s.recording.durationUs > 1e6);
    const cpuBefore = treeCpuSeconds(studio.pid);
    const startMs = performance.now();
    // Together, so that work that fails ends the studio, too.
    await Promise.all([during?.(studio), new Promise((done) => setTimeout(done, seconds * 1000))]);
    const measuredSeconds = (performance.now() - startMs) / 1000;
    const cpuSeconds = treeCpuSeconds(studio.pid) - cpuBefore;
    const provider = engine && studio.state.engines[engine].provider;
    await studio.command({ type: 'recording.stop' });
    await studio.until('file', (s) => s.recording.state === 'idle');
    const log = readdirSync(studio.userData).find((name) => name.endsWith('.session.jsonl'))!;
    const stats = readFileSync(join(studio.userData, log), 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { kind: string; stats: StageStats })
      .filter((entry) => entry.kind === 'stats')
      .map((entry) => entry.stats);
    return { seconds: measuredSeconds, cpuSeconds, stats: stats.slice(1), provider };
  } finally {
    await studio.stop();
  }
}
