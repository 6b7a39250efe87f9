import { describe, expect, it } from 'vitest';
import { retryDelayMs } from '../destination-machine';
import { obsAddresses } from './obs-addresses';
import { nextObsState, OBS_BACKOFF } from './obs-machine';

describe('nextObsState', () => {
  it('is reconnecting only after it was live', () => {
    expect(nextObsState('connecting', 'lost')).toBe('connecting');
    expect(nextObsState('live', 'lost')).toBe('reconnecting');
    expect(nextObsState('reconnecting', 'lost')).toBe('reconnecting');
    expect(nextObsState('reconnecting', 'seen')).toBe('live');
  });

  it('refuses what cannot happen', () => {
    expect(() => nextObsState('idle', 'seen')).toThrow('idle');
    expect(() => nextObsState('live', 'start')).toThrow('live');
  });

  it('never gives up on an OBS that went away, and asks at least every ten seconds', () => {
    const delays = [1, 2, 5, 50, 5000].map((attempt) => retryDelayMs(attempt, 0.5, OBS_BACKOFF)!);
    expect(delays[0]).toBe(500);
    expect(delays.at(-1)).toBe(10_000);
    expect([...delays].sort((a, b) => a - b)).toEqual(delays);
  });
});

describe('obsAddresses', () => {
  it('keeps to loopback on this machine, and listens everywhere on another', () => {
    for (const host of ['127.0.0.1', 'localhost', '::1']) {
      const { listenUrl, pushUrl } = obsAddresses(host, 9710);
      expect(listenUrl).toBe('srt://127.0.0.1:9710?mode=listener&latency=20000');
      expect(pushUrl).toContain('srt://127.0.0.1:9710?mode=caller&latency=20000');
    }
    const { listenUrl, pushUrl } = obsAddresses('studio-pc', 9710);
    expect(listenUrl).toContain('srt://0.0.0.0:9710?mode=listener');
    expect(pushUrl).toContain('srt://studio-pc:9710?mode=caller');
    expect(obsAddresses('fe80::2', 1).pushUrl).toContain('srt://[fe80::2]:1?');
  });
});
