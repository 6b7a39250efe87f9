import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CreditQueue } from './credit-queue';

function send(queue: CreditQueue<number>, item: number): boolean {
  queue.offer(item);
  const taken = queue.take();
  if (taken !== null) queue.sent(taken, taken);
  return taken !== null;
}

describe('credits of an engine', () => {
  it('lets two pictures be under way and keeps the newest of the rest', () => {
    const queue = new CreditQueue<number>();
    expect([1, 2, 3, 4, 5].map((item) => send(queue, item))).toEqual([true, true, false, false, false]);
    expect(queue.dropped).toBe(2);
    queue.answered(1);
    expect(queue.take()).toBe(5);
  });

  it('settles what the engine left out, and counts it', () => {
    const queue = new CreditQueue<number>();
    send(queue, 1);
    send(queue, 2);
    queue.answered(2);
    expect(queue.inFlight).toBe(0);
    expect(queue.dropped).toBe(1);
  });

  it('frees the credit of a picture that the engine says it left out, and counts it', () => {
    const queue = new CreditQueue<number>();
    send(queue, 1);
    queue.answered(1, false);
    expect(queue.inFlight).toBe(0);
    expect(queue.dropped).toBe(1);
  });

  it('ignores an answer to what was never sent', () => {
    const queue = new CreditQueue<number>();
    send(queue, 5);
    queue.answered(3);
    expect(queue.inFlight).toBe(1);
    expect(queue.dropped).toBe(0);
  });

  it('gives up on a picture after 4 s', () => {
    const queue = new CreditQueue<number>();
    send(queue, 1);
    queue.expire(3_900_000);
    expect(queue.inFlight).toBe(1);
    queue.expire(4_000_002);
    expect(queue.inFlight).toBe(0);
    expect(queue.dropped).toBe(1);
  });

  it('never exceeds its limit and accounts for every picture', () => {
    const step = fc.oneof(
      fc.constant('offer' as const),
      fc.constant('answer' as const),
      fc.constant('reset' as const),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        const queue = new CreditQueue<number>();
        const flying: number[] = [];
        let offered = 0;
        let answered = 0;
        const pump = () => {
          for (let item = queue.take(); item !== null; item = queue.take()) {
            queue.sent(item, item);
            flying.push(item);
          }
        };
        for (const action of steps) {
          if (action === 'offer') queue.offer(++offered);
          else if (action === 'reset') {
            flying.length = 0;
            queue.reset();
          } else if (flying.length > 0) {
            queue.answered(flying.shift()!);
            answered += 1;
          }
          pump();
          expect(queue.inFlight).toBeLessThanOrEqual(2);
        }
        const waiting = offered - answered - queue.inFlight - queue.dropped;
        expect(waiting === 0 || waiting === 1).toBe(true);
      }),
    );
  });
});
