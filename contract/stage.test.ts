import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { FromStageSchema, type StageStats } from './stage';

const SPREAD = { p50: 1, p95: 2, n: 3 };
const STATS: StageStats = {
  atUs: 5e6,
  backend: 'canvas2d',
  fps: 30,
  lateTicks: 0,
  skippedTicks: 0,
  ticks: 150,
  compositeMs: SPREAD,
  encodeMs: SPREAD,
  encodeQueue: 1,
  encoder: 'avc1.64001f',
  engines: [],
  levelsDb: { mix: -120 },
  soundFrames: 48_000,
  soundJumps: 0,
};
const CONFIG = {
  type: 'video-config',
  codec: 'avc1.64001f',
  description: 'AWQAH',
  width: 1280,
  height: 720,
  fps: 30,
};

/** As main reads it: from JSON text, where a number may be too large for a double. */
function takes(message: unknown, from = '', to = ''): boolean {
  const text = JSON.stringify(message);
  if (!text.includes(from)) throw new Error(`The message must contain ${from}.`);
  return v.safeParse(FromStageSchema, JSON.parse(text.replace(from, to))).success;
}

describe('messages of the stage', () => {
  it('are taken as the stage sends them', () => {
    expect(takes({ type: 'ping', id: 3, sentMs: 1.7e12 })).toBe(true);
    expect(takes({ type: 'stats', stats: STATS })).toBe(true);
    expect(takes({ type: 'sound-clock', frame: 48_000, programmeUs: 1e6 })).toBe(true);
    expect(takes(CONFIG)).toBe(true);
  });

  it.each([
    [{ type: 'ping', id: 3, sentMs: 17 }, '17'],
    [{ type: 'ping', id: 3, sentMs: 17 }, '3'],
    [{ type: 'sound-clock', frame: 48_000, programmeUs: 17 }, '48000'],
    [{ type: 'sound-clock', frame: 48_000, programmeUs: 17 }, '17'],
    [{ type: 'stats', stats: STATS }, '5000000'],
    [{ type: 'stats', stats: STATS }, '"fps":30'],
    [{ type: 'stats', stats: STATS }, '-120'],
    [{ type: 'stats', stats: STATS }, '"p95":2'],
    [CONFIG, '1280'],
    [CONFIG, '720'],
    [CONFIG, '"fps":30'],
  ])('are refused with a number that is not finite: %j, %s', (message, number) => {
    const key = /^".*":/.exec(number)?.[0] ?? '';
    expect(takes(message, number, `${key}1e999`)).toBe(false);
  });

  it('are refused beyond their bounds', () => {
    expect(takes({ ...CONFIG, width: 8193 })).toBe(false);
    expect(takes({ ...CONFIG, height: 0 })).toBe(false);
    expect(takes({ ...CONFIG, fps: 121 })).toBe(false);
    expect(takes({ ...CONFIG, fps: 0 })).toBe(false);
    expect(takes({ type: 'sound-clock', frame: 0, programmeUs: 2e15 })).toBe(false);
    expect(takes({ type: 'stats', stats: { ...STATS, levelsDb: { mix: 2000 } } })).toBe(false);
  });
});
