import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BACKOFF, nextState, retryDelayMs, type DestinationEvent } from './destination-machine';

const STATES = ['idle', 'connecting', 'live', 'reconnecting', 'stopped'] as const;
const EVENTS: DestinationEvent[] = ['start', 'connected', 'lost', 'gave-up', 'stop'];

describe('a destination', () => {
  it('goes through connecting to live, and through reconnecting back to it', () => {
    const events: DestinationEvent[] = [
      'start',
      'lost',
      'lost',
      'connected',
      'lost',
      'connected',
      'stop',
      'start',
    ];
    let state: (typeof STATES)[number] = 'idle';
    const path = events.map((event) => (state = nextState(state, event)));
    expect(path).toEqual([
      'connecting',
      'reconnecting',
      'reconnecting',
      'live',
      'reconnecting',
      'live',
      'stopped',
      'connecting',
    ]);
  });

  it('throws at every other move', () => {
    const legal = STATES.flatMap((state) =>
      EVENTS.filter((event) => {
        try {
          nextState(state, event);
          return true;
        } catch (error) {
          expect((error as Error).message).toContain(event);
          return false;
        }
      }).map((event) => `${state} ${event}`),
    );
    expect(legal).toEqual([
      'idle start',
      'connecting connected',
      'connecting lost',
      'connecting gave-up',
      'connecting stop',
      'live lost',
      'live gave-up',
      'live stop',
      'reconnecting connected',
      'reconnecting lost',
      'reconnecting gave-up',
      'reconnecting stop',
      'stopped start',
    ]);
  });
});

describe('the backoff', () => {
  it('begins at 2 s, grows by half, and ends at 15 minutes', () => {
    const delays = [1, 2, 3, 25].map((attempt) => retryDelayMs(attempt, 0.5));
    expect(delays).toEqual([2_000, 3_000, 4_500, 900_000]);
  });

  it('has 25 tries', () => {
    expect(retryDelayMs(25, 0.5)).not.toBeNull();
    expect(retryDelayMs(26, 0.5)).toBeNull();
  });

  it('is spread by a fifth, and never exceeds its limit', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 25 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (attempt, random) => {
          const delay = retryDelayMs(attempt, random)!;
          const plain = Math.min(BACKOFF.longestMs, 2_000 * 1.5 ** (attempt - 1));
          expect(delay).toBeGreaterThanOrEqual(Math.floor(plain * 0.8));
          expect(delay).toBeLessThanOrEqual(Math.min(BACKOFF.longestMs, Math.ceil(plain * 1.2)));
        },
      ),
    );
  });
});
