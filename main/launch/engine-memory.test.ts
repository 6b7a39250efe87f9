import { describe, expect, it } from 'vitest';
import type { EngineName } from '../../contract/engine';
import { availableBytes, EngineMemory, type MemoryHolder } from './engine-memory';

const GB = 1e9;

/** Engines on a machine with so much memory; an engine that is stopped gives back what it held. */
function machine(totalBytes: number) {
  const rss = new Map<EngineName, number>();
  const idle = new Map<EngineName, number>();
  const stopped: EngineName[] = [];
  const holders = (['binaural', 'captions', 'animate', 'generate'] as const).map((name): MemoryHolder => ({
    name,
    rssBytes: () => rss.get(name) ?? 0,
    idleSinceMs: () => idle.get(name) ?? null,
    stop: async () => {
      stopped.push(name);
      rss.delete(name);
    },
  }));
  const available = () => totalBytes - [...rss.values()].reduce((sum, bytes) => sum + bytes, 0);
  return { memory: new EngineMemory(() => holders, available), rss, idle, stopped };
}

describe('EngineMemory', () => {
  it('refuses the third of three engines that ask at once, and says who has the memory', async () => {
    const { memory } = machine(8 * GB);
    const asked = (['animate', 'captions', 'generate'] as const).map((name) => memory.admit(name, name, GB));
    const [first, second, third] = await Promise.allSettled(asked);
    expect([first!.status, second!.status]).toEqual(['fulfilled', 'fulfilled']);
    expect(third).toMatchObject({
      status: 'rejected',
      reason: {
        code: 'engine.memory',
        message: expect.stringMatching(
          /generate engine needs about 2\.7 GB .* 2\.2 GB can be had .*animate is loading 2\.7 GB/,
        ),
      },
    });
  });

  it('counts what a ready engine really holds in place of what it was thought to need', async () => {
    const { memory, rss } = machine(8 * GB);
    await memory.admit('animate', 'a', GB);
    await memory.admit('captions', 'c', GB);
    for (const name of ['animate', 'captions'] as const) {
      rss.set(name, 1.5 * GB);
      memory.loaded(name);
    }
    await expect(memory.admit('generate', 'g', GB)).resolves.toBeUndefined();
  });

  it('ends idle engines, the one idle longest first, only as many as needed, never one in use', async () => {
    const { memory, rss, idle, stopped } = machine(8 * GB);
    for (const name of ['binaural', 'captions', 'animate'] as const) rss.set(name, 2 * GB);
    idle.set('captions', 200).set('animate', 100);
    await memory.admit('generate', 'g', GB);
    expect(stopped).toEqual(['animate']);
    memory.loaded('generate');
    rss.set('generate', 2.7 * GB);
    await expect(memory.admit('animate', 'a', 3 * GB)).rejects.toMatchObject({
      message: expect.stringMatching(/binaural holds 2\.0 GB, generate holds 2\.7 GB/),
    });
    expect(stopped).toEqual(['animate', 'captions']);
  });

  it('an engine that starts again does not count twice', async () => {
    const { memory } = machine(4 * GB);
    for (let start = 0; start < 5; start++) await memory.admit('animate', 'a', GB);
  });

  it('knows what this machine has', () => {
    expect(availableBytes()).toBeGreaterThan(1e6);
  });
});
