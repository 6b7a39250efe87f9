import { describe, expect, it } from 'vitest';
import { StageRestart } from './stage-restart';

function place() {
  const kept = new Map<string, string>();
  const listeners: { listener: (event: Event) => void; capture: boolean }[] = [];
  let reloads = 0;
  return {
    kept,
    listeners,
    reloads: () => reloads,
    restart: new StageRestart({
      location: { reload: () => void (reloads += 1) },
      sessionStorage: {
        getItem: (key) => kept.get(key) ?? null,
        setItem: (key, value) => void kept.set(key, value),
      },
      addEventListener: (_type, listener, { capture }) => void listeners.push({ listener, capture }),
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
    const { restart, listeners } = place();
    restart.reload();
    // At the window itself capturing listeners go first, whenever they were added.
    expect(listeners.map(({ capture }) => capture)).toEqual([true]);
    let stopped = 0;
    listeners[0]!.listener({ stopImmediatePropagation: () => (stopped += 1) } as unknown as Event);
    expect(stopped).toBe(1);
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
