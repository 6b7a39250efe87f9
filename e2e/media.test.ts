import { execFileSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LiveState } from '../contract/live';
import { DEFAULT_ANIMATE, FULL_FRAME, type Layer, type Source } from '../contract/project';
import { layerOf } from './helpers/live-state';
import { probe, readColours } from './helpers/recording';
import { StudioProcess } from './helpers/studio-process';

const WIDTH = 1920;
const HEIGHT = 1080;
/** No side is even, and the film's is no multiple of a codec's block. */
const ODD = '321x241';

let folder: string;
let studio: StudioProcess;
let file: string;
let state: LiveState;

function ffmpeg(...args: string[]): void {
  execFileSync('ffmpeg', ['-v', 'error', '-nostdin', '-y', ...args], { timeout: 60_000 });
}

/** A quarter of the programme: column and row are 0 or 1. */
function quarter(id: string, source: Source, column: number, row: number, extra: Partial<Layer> = {}): Layer {
  const transform = { ...FULL_FRAME, x: column / 2, y: row / 2, width: 0.5, height: 0.5 };
  return layerOf(id, source, { transform, ...extra });
}

/** One 1080p recording: a picture, an odd film, an odd picture, and the same through the engine. */
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fantascope-media-'));
  const halves = (left: string, right: string, seconds: string) => [
    ...['-f', 'lavfi', '-i', `color=${left}:s=160x241:r=30:d=${seconds}`],
    ...['-f', 'lavfi', '-i', `color=${right}:s=161x241:r=30:d=${seconds}`],
    ...['-filter_complex', '[0][1]hstack'],
  ];
  ffmpeg(...['-f', 'lavfi', '-i', 'color=0xff8000:s=64x64'], '-frames:v', '1', join(folder, 'orange.png'));
  ffmpeg(...halves('lime', 'magenta', '1'), '-frames:v', '1', join(folder, 'odd.png'));
  const vp9 = ['-c:v', 'libvpx-vp9', '-pix_fmt', 'yuv444p', '-deadline', 'realtime', '-cpu-used', '8'];
  ffmpeg(...halves('red', 'blue', '2'), ...vp9, join(folder, 'odd.webm'));
  const media = ['orange.png', 'odd.png', 'odd.webm'].map((name) => ({
    id: name.replace('.', '-'),
    name,
    path: join(folder, name),
  }));
  const engine = { ...DEFAULT_ANIMATE, prompt: 'neon night rain', strength: 1, mix: 1 };
  studio = await StudioProcess.start({
    userData: folder,
    project: {
      programme: { width: WIDTH, height: HEIGHT, fps: 30, videoBitrateKbps: 8000 },
      media,
      scenes: [
        {
          id: 'scene-1',
          name: 'Media',
          layers: [
            quarter('image', { kind: 'image', mediaId: 'orange-png' }, 0, 0),
            quarter('film', { kind: 'film', mediaId: 'odd-webm', loop: true }, 1, 0),
            quarter('odd', { kind: 'image', mediaId: 'odd-png' }, 0, 1),
            quarter('drawn', { kind: 'image', mediaId: 'odd-png' }, 1, 1, { engine }),
          ],
        },
      ],
    },
  });
  await studio.until('engine', (s) => s.engines.animate.state === 'ready');
  await studio.command({ type: 'recording.start' });
  // Past the film's end, so that it has looped at its odd size too.
  state = await studio.until('recording', (s) => s.recording.durationUs > 5e6);
  await studio.command({ type: 'recording.stop' });
  const { recording } = await studio.until(
    'the file',
    (s) => s.recording.state === 'idle' && s.recording.file !== null,
  );
  file = recording.file!;
});
afterAll(async () => {
  await studio?.stop();
  if (folder) await rm(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
});

/** The mean colours of the last pictures at places in fractions of the programme. */
async function coloursAt(...places: [x: number, y: number][]): Promise<number[][]> {
  const all = await readColours(
    file,
    places.map(([x, y]) => ({ x, y })),
  );
  const last = all.slice(-10);
  return places.map((_, place) =>
    [0, 1, 2].map((channel) => last.reduce((sum, at) => sum + at[place]![channel]!, 0) / last.length),
  );
}

function expectNear(got: number[], wanted: number[]): void {
  const off = Math.max(...got.map((value, channel) => Math.abs(value - wanted[channel]!)));
  expect(off, `${got.map(Math.round).join(' ')} instead of ${wanted.join(' ')}`).toBeLessThan(30);
}

describe('a programme of 1920×1080', () => {
  it('is recorded at that size', async () => {
    const video = (await probe(file)).streams.find((stream) => stream.codec_type === 'video')!;
    expect(video).toMatchObject({ codec_name: 'h264', width: WIDTH, height: HEIGHT });
    expect(Number(video.nb_read_packets)).toBeGreaterThan(30);
  });

  it('shows a picture in its own colour', async () => {
    const [middle] = await coloursAt([0.25, 0.25]);
    expectNear(middle!, [255, 128, 0]);
  });

  it(`shows a film of ${ODD} where its halves belong, also after it looped`, async () => {
    const [left, right] = await coloursAt([0.6, 0.25], [0.9, 0.25]);
    expectNear(left!, [255, 0, 0]);
    expectNear(right!, [0, 0, 255]);
  });

  it(`shows a picture of ${ODD} where its halves belong`, async () => {
    const [left, right] = await coloursAt([0.1, 0.75], [0.4, 0.75]);
    expectNear(left!, [0, 255, 0]);
    expectNear(right!, [255, 0, 255]);
  });

  it(`drives a picture of ${ODD} through the engine`, async () => {
    const [left, right, drawnLeft, drawnRight] = await coloursAt(
      ...([0.1, 0.4, 0.6, 0.9] as const).map((x): [number, number] => [x, 0.75]),
    );
    const changed = [
      [left!, drawnLeft!],
      [right!, drawnRight!],
    ].map(([source, drawn]) => Math.max(...source!.map((value, i) => Math.abs(value - drawn![i]!))));
    expect(Math.max(...changed)).toBeGreaterThan(60);
  });

  it('has nothing to complain about', () => {
    expect(state.notices.map((notice) => `${notice.key}: ${notice.error.message}`)).toEqual([]);
  });
});
