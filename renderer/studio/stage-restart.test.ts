import { describe, expect, it } from 'vitest';
import { StageRestart } from './stage-restart';

function place() {
  const kept = new Map<string, string>();
  const window = new EventTarget();
  let reloads = 0;
  return {
    kept,
    window,
    reloads: () => reloads,
    restart: new StageRestart({
      location: { reload: () => void (reloads += 1) },
      sessionStorage: {
        getItem: (key) => kept.get(key) ?? null,
        setItem: (key, value) => void kept.set(key, value),
      },
      addEventListener: window.addEventListener.bind(window),
    }),
  };
}

describe('restart after the stage died', () => {
  it('reloads at most three times a minute, counted across reloads', () => {
    const { restart, reloads } = place();
    const asked = [0, 10_000, 20_000, 30_000, 59_999, 60_000, 65_000, 70_000];
    expect(asked.map((atMs) => restart.reload(1e12 + atMs))).toEqual([
      true,
      true,
      true,
      false,
      false,
      true,
      false,
      true,
    ]);
    expect(reloads()).toBe(5);
  });

  it('is not held up by the question before closing', () => {
    const { restart, window } = place();
    let asked = 0;
    window.addEventListener('beforeunload', () => (asked += 1));
    window.dispatchEvent(new Event('beforeunload'));
    expect(asked).toBe(1);
    restart.reload();
    window.dispatchEvent(new Event('beforeunload'));
    expect(asked).toBe(1);
  });

  it('takes no harm from what it cannot read', () => {
    const { restart, kept, reloads } = place();
    for (const text of ['{', '{"a":1}', 'null', '["x"]']) {
      kept.set('fantascope.reloads', text);
      expect(restart.reload(1e12)).toBe(true);
    }
    expect(reloads()).toBe(4);
  });
});
