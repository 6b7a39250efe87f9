import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { GopQueue, type QueueItem } from './gop-queue';
import { tone } from './testing/fixture';

function video(atS: number, key: boolean): QueueItem {
  return {
    kind: 'video',
    packet: { data: new Uint8Array(1), timestampUs: atS * 1e6, durationUs: 100_000, key },
  };
}

function drain(queue: GopQueue): QueueItem[] {
  const items: QueueItem[] = [];
  for (let item = queue.shift(); item !== undefined; item = queue.shift()) items.push(item);
  return items;
}

describe('the queue of a destination', () => {
  it('keeps the order of what fits', () => {
    const queue = new GopQueue();
    const items = [video(0, true), { kind: 'audio', packet: tone(0) } as const, video(0.1, false)];
    for (const item of items) queue.push(item);
    expect(drain(queue)).toEqual(items);
    expect(queue.counters).toEqual({ droppedFrames: 0, droppedGops: 0 });
  });

  it('drops up to the next key frame when 10 s wait, the sound of that time with it', () => {
    const queue = new GopQueue();
    for (let tenth = 0; tenth < 105; tenth += 1) {
      queue.push(video(tenth / 10, tenth % 20 === 0));
      queue.push({ kind: 'audio', packet: tone(tenth * 1e5) });
    }
    const items = drain(queue);
    expect(items[0]).toEqual(video(2, true));
    expect(items.every((item) => item.packet.timestampUs >= 2e6)).toBe(true);
    expect(queue.counters).toEqual({ droppedFrames: 20, droppedGops: 1 });
  });

  it('waits for a key frame when one GOP alone is too long', () => {
    const queue = new GopQueue(1_000_000);
    for (let tenth = 0; tenth < 15; tenth += 1) queue.push(video(tenth / 10, tenth === 0));
    expect(queue.awaitingKey).toBe(true);
    expect(queue.length).toBe(0);
    queue.push(video(2, true));
    expect(drain(queue)).toEqual([video(2, true)]);
    expect(queue.counters.droppedFrames).toBe(15);
  });

  it('never holds more than its span, and never lets a picture out whose GOP has a hole', () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ key: fc.boolean(), take: fc.nat({ max: 2 }) }), { maxLength: 300 }),
        (steps) => {
          const queue = new GopQueue(2_000_000);
          const out: { at: number; key: boolean }[] = [];
          let pushed = 0;
          steps.forEach((step, index) => {
            queue.push(video(index / 10, index === 0 || step.key));
            pushed += 1;
            for (let taken = 0; taken < step.take; taken += 1) {
              const item = queue.shift();
              if (item?.kind === 'video')
                out.push({ at: Math.round(item.packet.timestampUs / 1e5), key: item.packet.key });
            }
            expect(queue.length).toBeLessThanOrEqual(20);
          });
          const waiting = queue.length;
          out.slice(1).forEach((packet, index) => {
            if (packet.at !== out[index]!.at + 1) expect(packet.key).toBe(true);
          });
          expect(out.length + waiting + queue.counters.droppedFrames).toBe(pushed);
        },
      ),
    );
  });
});
