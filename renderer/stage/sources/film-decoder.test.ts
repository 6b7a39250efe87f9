import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { openFilm } from './film-decoder';

/** Pictures that the next film gives for each run, by start in seconds. */
let runs: (startS: number) => number[];
let asked: number[];

vi.mock('mediabunny', () => ({
  ALL_FORMATS: [],
  UrlSource: class {},
  Input: class {
    getPrimaryVideoTrack = () =>
      Promise.resolve({
        canDecode: () => Promise.resolve(true),
        getFirstTimestamp: () => Promise.resolve(0),
        computeDuration: () => Promise.resolve(2),
      });
    dispose = () => undefined;
  },
  VideoSampleSink: class {
    async *samples(startS: number) {
      asked.push(startS);
      for (const timeUs of runs(startS)) yield sample(timeUs);
    }
  },
}));

function sample(microsecondTimestamp: number) {
  const frame = { close: () => undefined };
  return {
    microsecondTimestamp,
    rotation: 0,
    flip: false,
    toVideoFrame: () => frame,
    close: () => undefined,
  };
}

beforeEach(() => {
  asked = [];
  vi.stubGlobal('fetch', () => Promise.resolve(new Response('x')));
});

afterEach(() => {
  vi.unstubAllGlobals();
});

describe('film decoder', () => {
  it.each([true, false])('refuses a film without pictures instead of spinning (loop: %s)', async (loop) => {
    runs = () => [];
    const film = await openFilm('http://studio/film', 'empty');
    await expect(film.frames(500_000, true).next()).rejects.toMatchObject({ code: 'media.unsupported' });
    expect(asked).toEqual([0.5, 0]);
    await expect(film.frames(0, loop).next()).rejects.toMatchObject({ code: 'media.unsupported' });
  });

  it('goes on to the next run when nothing is left of this one', async () => {
    runs = (startS) => (startS > 1 ? [] : [0, 1e6]);
    const film = await openFilm('http://studio/film', 'film');
    const frames = film.frames(1_900_000, true);
    const times = [];
    for (let index = 0; index < 3; index += 1) times.push((await frames.next()).value?.timeUs);
    expect(times).toEqual([2e6, 3e6, 4e6]);
  });
});
