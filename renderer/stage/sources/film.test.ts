import { beforeEach, describe, expect, it } from 'vitest';
import { StudioError } from '../../../contract/errors';
import { openFrames, ownFrame } from '../frames';
import { FilmSource } from './film';
import type { Film, FilmFrame } from './film-decoder';

const RATE = 25;
const DURATION_US = 2_000_000;

/** A film of 2 s whose frames are told apart by their time; counts what it decoded. */
class FakeFilm implements Film {
  durationUs = DURATION_US;
  decoded = 0;
  seeks: number[] = [];
  disposed = false;

  async *frames(timeUs: number, loop: boolean): AsyncGenerator<FilmFrame, void, unknown> {
    this.seeks.push(timeUs);
    for (let index = Math.floor((timeUs * RATE) / 1e6); ; index += 1) {
      const frameUs = (index * 1e6) / RATE;
      if (!loop && frameUs >= DURATION_US) return;
      this.decoded += 1;
      yield { timeUs: frameUs, frame: fakeFrame(frameUs) };
    }
  }

  dispose(): void {
    this.disposed = true;
  }
}

function fakeFrame(timestamp: number): VideoFrame {
  const frame = { timestamp, displayWidth: 320, displayHeight: 240, close: () => undefined };
  return ownFrame(frame as unknown as VideoFrame);
}

async function settle(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 1));
}

let film: FakeFilm;
let held: number;

async function playing(patch: Partial<{ originUs: number; pausedAtUs: number | null; loop: boolean }> = {}) {
  const position = { originUs: 0, pausedAtUs: null, loop: true, ...patch };
  const source = new FilmSource('http://studio/film', 'film', position, () => Promise.resolve(film));
  await settle();
  return source;
}

async function timeAt(source: FilmSource, tickUs: number): Promise<number | undefined> {
  source.pictureAt(tickUs);
  await settle();
  return (source.pictureAt(tickUs)?.image as VideoFrame | undefined)?.timestamp;
}

beforeEach(() => {
  film = new FakeFilm();
  held = openFrames();
});

describe('film source', () => {
  it('shows the last picture whose time has come, at any rate, through the loops', async () => {
    const source = await playing();
    for (let tick = 0; tick < 150; tick += 1) {
      const tickUs = Math.round((tick * 1e6) / 30);
      expect(await timeAt(source, tickUs)).toBe(Math.floor((tickUs * RATE) / 1e6) * (1e6 / RATE));
    }
    expect(film.seeks).toEqual([0]);
    source.dispose();
    await settle();
    expect(openFrames()).toBe(held);
    expect(film.disposed).toBe(true);
  });

  it('decodes only a few pictures ahead', async () => {
    const source = await playing({ pausedAtUs: 0 });
    await timeAt(source, 0);
    for (let turn = 0; turn < 20; turn += 1) await timeAt(source, turn * 33_333);
    expect(film.decoded).toBeLessThanOrEqual(6);
    expect(openFrames() - held).toBeLessThanOrEqual(6);
    source.dispose();
    await settle();
    expect(openFrames()).toBe(held);
  });

  it('seeks back, and far ahead, when its origin moves', async () => {
    const source = await playing();
    expect(await timeAt(source, 10_000_000)).toBe(10_000_000);
    source.move({ originUs: 9_500_000, pausedAtUs: null, loop: true });
    await timeAt(source, 10_000_000);
    expect(await timeAt(source, 10_000_000)).toBe(480_000);
    source.move({ originUs: 0, pausedAtUs: null, loop: true });
    await timeAt(source, 14_000_000);
    expect(await timeAt(source, 14_000_000)).toBe(14_000_000);
    expect(film.seeks).toEqual([10_000_000, 500_000, 14_000_000]);
    source.dispose();
  });

  it('stays on the last picture at the end of a film that does not loop', async () => {
    const source = await playing({ loop: false });
    for (let tickUs = 0; tickUs < 5_000_000; tickUs += 33_333) await timeAt(source, tickUs);
    expect(await timeAt(source, 9_000_000)).toBe(1_960_000);
    expect(film.seeks).toEqual([0]);
    source.dispose();
    await settle();
    expect(openFrames()).toBe(held);
  });

  it('tells why it cannot be opened', async () => {
    const failing = () =>
      Promise.reject(new StudioError('stage', 'media.missing', 'Film "x" must be readable.'));
    const position = { originUs: 0, pausedAtUs: null, loop: true };
    const source = new FilmSource('http://studio/x', 'x', position, failing);
    await settle();
    expect(source.pictureAt(0)).toBeNull();
    expect(source.condition).toMatchObject({ condition: 'error', error: { code: 'media.missing' } });
  });
});
