import { describe, expect, it } from 'vitest';
import { filmRun, filmTimeUs, mustSeek } from './film-time';

const S = 1e6;

describe('film time', () => {
  it('is programme time minus origin, counted on through the loops', () => {
    const position = { originUs: 3 * S, pausedAtUs: null, loop: true };
    expect(filmTimeUs(10 * S, position, 4 * S)).toBe(7 * S);
    expect(filmRun(7 * S, 4 * S)).toEqual({ run: 1, withinUs: 3 * S });
    expect(filmRun(8 * S, 4 * S)).toEqual({ run: 2, withinUs: 0 });
  });

  it('stays on the last picture of a film that does not loop', () => {
    expect(filmTimeUs(10 * S, { originUs: 3 * S, pausedAtUs: null, loop: false }, 4 * S)).toBe(4 * S);
  });

  it('stands still while paused', () => {
    expect(filmTimeUs(10 * S, { originUs: 3 * S, pausedAtUs: 2 * S, loop: true }, 4 * S)).toBe(2 * S);
  });

  it('is 0 before the origin', () => {
    expect(filmTimeUs(1 * S, { originUs: 3 * S, pausedAtUs: null, loop: true }, 4 * S)).toBe(0);
  });

  it('does not divide by a film without length', () => {
    expect(filmRun(7 * S, 0)).toEqual({ run: 0, withinUs: 0 });
  });
});

describe('seeking', () => {
  it('seeks backwards and far ahead, not for what the decoder reaches by itself', () => {
    expect(mustSeek(1 * S, 1.5 * S, 1.6 * S)).toBe(true);
    expect(mustSeek(3 * S, 1.5 * S, 1.6 * S)).toBe(true);
    expect(mustSeek(2 * S, 1.5 * S, 1.6 * S)).toBe(false);
    expect(mustSeek(0.2 * S, null, 0)).toBe(false);
  });
});
