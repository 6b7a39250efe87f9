import { describe, expect, it } from 'vitest';
import { engineAnswers, showsEngine, type EngineSituation } from './engine-view';

const S = 1e6;
const working: EngineSituation = {
  nowUs: 100 * S,
  reachable: true,
  lastGoodUs: 99.9 * S,
  oldestSentUs: 99.95 * S,
  outdatedSinceUs: null,
};

describe('fall-back of an engine layer', () => {
  it('shows the engine while it answers, however slow it is', () => {
    expect(showsEngine({ ...working, lastGoodUs: 90 * S, oldestSentUs: 97.5 * S })).toBe(true);
  });

  it('shows the source before the first picture', () => {
    expect(showsEngine({ ...working, lastGoodUs: null })).toBe(false);
  });

  it('holds the last good picture for 1 s when the engine is gone, then shows the source', () => {
    expect(showsEngine({ ...working, reachable: false, lastGoodUs: 99.1 * S })).toBe(true);
    expect(showsEngine({ ...working, reachable: false, lastGoodUs: 98.9 * S })).toBe(false);
  });

  it('treats an engine that stalls as gone', () => {
    const stalled = { ...working, lastGoodUs: 96 * S, oldestSentUs: 96.5 * S };
    expect(engineAnswers(stalled)).toBe(false);
    expect(showsEngine(stalled)).toBe(false);
  });

  it('shows the picture of before a cut for at most 1 s', () => {
    expect(showsEngine({ ...working, outdatedSinceUs: 99.5 * S })).toBe(true);
    expect(showsEngine({ ...working, outdatedSinceUs: 98.5 * S })).toBe(false);
  });
});
