import { beforeEach, expect, it } from 'vitest';
import type { Peer } from '../runtime/stage-socket';
import { MAX_WATCHES, WATCH_LAPSE_MS, Watches } from './watches';

let nowMs: number;
let watches: Watches;
const makePeer = (): Peer => ({ sendFrame: () => true, sendText: () => {} });
const peer = makePeer();

function watch(change: object = {}, from = peer, madeUs = 0): void {
  const text = { type: 'watch' as const, streamId: 1, watching: true, epoch: 0, shownUs: 0, aheadUs: 1e6 };
  watches.take({ ...text, ...change }, from, madeUs);
}

beforeEach(() => {
  nowMs = 0;
  watches = new Watches(() => nowMs);
});

it('[G13] a watch lapses when it is not renewed', () => {
  watch();
  nowMs = WATCH_LAPSE_MS;
  expect(watches.of(1, 0)).toMatchObject({ peers: [peer], shownUs: 0, limitUs: 1e6 });
  nowMs++;
  expect(watches.of(1, 0)).toBeNull();
  watch({ shownUs: 5 });
  expect(watches.of(1, 0)).toMatchObject({ shownUs: 5 });
});

it('[G13] the one who is furthest counts; a newer text replaces the older one of the same stage', () => {
  const other = makePeer();
  watch({ shownUs: 2e6, aheadUs: 5e5 });
  watch({ shownUs: 1e6, aheadUs: 5e5 }, other);
  expect(watches.of(1, 0)).toMatchObject({ peers: [peer, other], shownUs: 2e6, limitUs: 2.5e6 });
  watch({ shownUs: 3e6, aheadUs: 5e5 }, other);
  expect(watches.of(1, 0)).toMatchObject({ shownUs: 3e6, limitUs: 3.5e6 });
  expect(watches.size).toBe(2);
});

it('[G13] of another epoch or another stream is no watch of this one', () => {
  watch({ epoch: 3 });
  expect(watches.of(1, 2)).toBeNull();
  expect(watches.of(2, 3)).toBeNull();
  expect(watches.of(1, 3)).not.toBeNull();
});

it('[G13] ends when the stage says so or is gone', () => {
  const other = makePeer();
  watch();
  watch({ streamId: 2 });
  watch({}, other);
  watch({ watching: false });
  expect(watches.of(1, 0)!.peers).toEqual([other]);
  watches.leave(peer);
  expect(watches.of(2, 0)).toBeNull();
  watches.leave(other);
  expect(watches.size).toBe(0);
});

it('[G13] a stage that has shown nothing is where the stream was when it came, until a new epoch', () => {
  watch({}, peer, 50e6);
  watch({}, peer, 51e6);
  expect(watches.of(1, 0)).toMatchObject({ shownUs: 50e6, limitUs: 51e6 });
  watch({ epoch: 1 }, peer, 0);
  expect(watches.of(1, 1)).toMatchObject({ shownUs: 0 });
});

it('[G13] a flood of watches is bounded', () => {
  for (let streamId = 0; streamId < 3 * MAX_WATCHES; streamId++) watch({ streamId });
  expect(watches.size).toBe(MAX_WATCHES);
  expect(watches.of(0, 0)).toBeNull();
  expect(watches.of(3 * MAX_WATCHES - 1, 0)).not.toBeNull();
});
