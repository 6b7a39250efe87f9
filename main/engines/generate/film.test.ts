import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FRAME_HEADER_BYTES } from '../../../contract/frame';
import { StageTimes } from '../runtime/timing';
import { Film, type FilmLook, type FilmPicture } from './film';
import type { GeneratePipeline } from './pipeline';
import { always, openTiny } from './testing';

describe('a film of the tiny model', { timeout: 60_000 }, () => {
  // A clock that stands still: every stage of the test is within the last second.
  const times = new StageTimes(() => 0);
  let pipeline: GeneratePipeline;
  beforeAll(async () => {
    pipeline = await openTiny(times);
  }, 60_000);
  afterAll(() => pipeline.release());

  const look = (prompt: string, change: Partial<FilmLook> = {}): FilmLook => ({
    ids: pipeline.tokenize(prompt).ids,
    seed: 4,
    blendMs: 0,
    version: 1,
    ...change,
  });
  async function play(film: Film, ...looks: FilmLook[]): Promise<FilmPicture[]> {
    const pictures: FilmPicture[] = [];
    for (const one of looks) await film.advance(one, always, (picture) => pictures.push(picture));
    return pictures;
  }

  it('[G10] a chunk ends with its last frame, and the next goes on from there', async () => {
    const film = new Film(pipeline, times);
    film.begin(0);
    const first = await play(film, look('night'));
    expect(first.map(({ number }) => number)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    expect(film.madeUs).toBe(first.at(-1)!.captureUs);
    const second = await play(film, look('night'));
    expect(second.map(({ number }) => number)).toEqual([8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18]);
    expect([...first, ...second].filter(({ isNew }) => isNew)).toHaveLength(6);
    for (const { message } of first) expect(message.byteLength).toBe(FRAME_HEADER_BYTES + 256 * 128 * 4);
  });

  it('[G7] [G8] times every step by its name, a re-cache too', async () => {
    const film = new Film(pipeline, times);
    film.begin(0);
    await play(film, look('night'), look('sea', { version: 2 }));
    expect(Object.keys(times.means()).sort()).toEqual([
      'clean',
      'decode',
      'denoise',
      'interpolate',
      'prompt',
      'recache',
    ]);
  });

  it('[G15] pictures are of the version and the seed of the frame they are nearer to', async () => {
    const film = new Film(pipeline, times);
    film.begin(0);
    const pictures = await play(film, look('night'), look('night', { version: 2, seed: 5 }));
    // Frame 2 is at picture 7.5, frame 3 at 11.25: halfway is at 9.375.
    const expected = pictures.map(({ number }) => (number <= 9 ? 1 : 2));
    expect(pictures.map(({ version }) => version)).toEqual(expected);
    expect(pictures.map(({ seed }) => seed)).toEqual(expected.map((version) => version + 3));
  });

  it('[G9] a film that begins late has its stream time and no earlier picture', async () => {
    const film = new Film(pipeline, times);
    film.begin(1_000_000);
    const [first] = await play(film, look('night'));
    // Chunks are 375 ms: the first that is not before 1 s is the third, at 1.125 s.
    expect(first!.captureUs).toBeGreaterThanOrEqual(1_125_000);
    expect(first!.captureUs).toBeLessThan(1_125_000 + 33_334);
    const more = await play(film, look('night'));
    expect(new Set(more.map(({ number }) => number)).size).toBe(more.length);
    expect(more[0]!.number).toBeGreaterThan(first!.number);
  });

  it('[G12] a film that skips a chunk keeps its stream time going', async () => {
    const film = new Film(pipeline, times);
    film.begin(0);
    const before = await play(film, look('night'));
    film.skipChunk();
    const after = await play(film, look('night'));
    expect(after[0]!.captureUs).toBeGreaterThanOrEqual(750_000);
    expect(after[0]!.number).toBeGreaterThan(before.at(-1)!.number);
  });
});
