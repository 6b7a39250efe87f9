import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MAX_UNSETTLED, NewestWins } from './newest-wins';

function queueWith(...streams: number[]): NewestWins<string> {
  const queue = new NewestWins<string>();
  for (const stream of streams) queue.setEpoch(stream, 1);
  return queue;
}

describe('NewestWins', () => {
  it('[A9] the newest item replaces the one that waits, which is counted', () => {
    const queue = queueWith(1);
    queue.push(1, 1, 'a');
    queue.push(1, 1, 'b');
    queue.push(1, 1, 'c');
    expect(queue.take()).toBe('c');
    expect(queue.take()).toBeNull();
    expect(queue.dropped).toBe(2);
  });

  it('[A9] streams take turns, however fast one of them sends', () => {
    const queue = queueWith(1, 2, 3);
    const served: (string | null)[] = [];
    for (let round = 0; round < 6; round++) {
      queue.push(1, 1, 'fast');
      if (round % 2 === 0) queue.push(2, 1, 'two');
      if (round % 3 === 0) queue.push(3, 1, 'three');
      served.push(queue.take());
    }
    expect(served.filter((item) => item === 'two')).toHaveLength(2);
    expect(served.filter((item) => item === 'three')).toHaveLength(2);
  });

  it('[A10] an item waits for settings, and for settings of its own epoch', () => {
    const queue = new NewestWins<string>();
    queue.push(1, 3, 'early');
    expect(queue.take()).toBeNull();
    queue.setEpoch(1, 2);
    expect(queue.take()).toBeNull();
    queue.setEpoch(1, 3);
    expect(queue.take()).toBe('early');
    expect(queue.dropped).toBe(0);
  });

  it('[A10] a cut drops what waits and what still comes of an older epoch, and tells of both', () => {
    const outdated: string[] = [];
    const queue = new NewestWins<string>((item) => outdated.push(item));
    queue.setEpoch(1, 1);
    queue.push(1, 1, 'old');
    queue.setEpoch(1, 2);
    queue.push(1, 1, 'late');
    expect(queue.take()).toBeNull();
    expect(queue.dropped).toBe(2);
    expect(outdated).toEqual(['old', 'late']);
  });

  it('a forgotten stream leaves nothing behind', () => {
    const queue = queueWith(1, 2);
    queue.push(1, 1, 'a');
    queue.forget(1);
    expect(queue.take()).toBeNull();
    expect(queue.dropped).toBe(1);
    expect(queue.streams).toBe(1);
  });

  it('drops what a leaving sender still had waiting', () => {
    const queue = queueWith(1, 2);
    queue.push(1, 1, 'mine');
    queue.push(2, 1, 'theirs');
    queue.dropWhere((item) => item === 'mine');
    expect(queue.take()).toBe('theirs');
    expect(queue.dropped).toBe(1);
  });

  it('streams without settings are few: the oldest of them is let go, streams with settings never', () => {
    const queue = new NewestWins<number>();
    queue.setEpoch(1000, 0);
    queue.push(1000, 0, 1000);
    for (let stream = 0; stream < 500; stream++) queue.push(stream, 0, stream);
    expect(queue.streams).toBe(MAX_UNSETTLED + 1);
    expect(queue.dropped).toBe(500 - MAX_UNSETTLED);
    expect(queue.take()).toBe(1000);
    queue.setEpoch(499, 0);
    expect(queue.take()).toBe(499);
  });

  it('every item is taken once or dropped once or still waits, and comes in its stream’s epoch', () => {
    const action = fc.oneof(
      fc.record({ do: fc.constant('push' as const), stream: fc.nat(3), epoch: fc.nat(4) }),
      fc.record({ do: fc.constant('epoch' as const), stream: fc.nat(3), epoch: fc.nat(4) }),
      fc.record({ do: fc.constant('take' as const) }),
      fc.record({ do: fc.constant('forget' as const), stream: fc.nat(3) }),
    );
    fc.assert(
      fc.property(fc.array(action, { maxLength: 200 }), (actions) => {
        const queue = new NewestWins<{ stream: number; epoch: number; order: number }>();
        const epochs = new Map<number, number>();
        const lastTaken = new Map<number, number>();
        let pushed = 0;
        let taken = 0;
        for (const step of actions) {
          if (step.do === 'push') {
            queue.push(step.stream, step.epoch, {
              stream: step.stream,
              epoch: step.epoch,
              order: pushed++,
            });
          } else if (step.do === 'epoch') {
            queue.setEpoch(step.stream, step.epoch);
            epochs.set(step.stream, step.epoch);
          } else if (step.do === 'forget') {
            queue.forget(step.stream);
            epochs.delete(step.stream);
          } else {
            const item = queue.take();
            if (!item) continue;
            taken++;
            expect(item.epoch).toBe(epochs.get(item.stream));
            expect(item.order).toBeGreaterThan(lastTaken.get(item.stream) ?? -1);
            lastTaken.set(item.stream, item.order);
          }
        }
        let waiting = 0;
        queue.dropWhere(() => (waiting++, false));
        expect(taken + queue.dropped + waiting).toBe(pushed);
        expect(waiting).toBeLessThanOrEqual(4);
      }),
    );
  });
});
