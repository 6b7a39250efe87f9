import fc from 'fast-check';
import { expect, it } from 'vitest';
import { ChunkSlots } from './chunk-slots';

it('[G4] sink and window are those of a list that drops the oldest chunk that is no sink', () => {
  fc.assert(
    fc.property(fc.nat(4), fc.integer({ min: 1, max: 6 }), fc.nat(60), (sink, recent, chunks) => {
      const slots = new ChunkSlots(sink, recent);
      const held = new Map<number, number>();
      let naive: number[] = [];
      for (let chunk = 0; chunk < chunks; chunk++) {
        const before = new Map(held);
        const slot = slots.next;
        held.set(slot, chunk);
        slots.push();
        naive.push(chunk);
        if (naive.length > sink + recent) naive = naive.filter((_, i) => i !== sink);
        expect(slots.inOrder().map((at) => held.get(at))).toEqual(naive);
        expect(slots.inOrder().every((at) => at < slots.capacity)).toBe(true);
        // Nothing else was touched: a chunk never moves.
        for (const [at, was] of before) if (at !== slot) expect(held.get(at)).toBe(was);
      }
    }),
  );
});

it('[G5] orders are few, and equal keys mean equal orders', () => {
  fc.assert(
    fc.property(fc.nat(3), fc.integer({ min: 1, max: 5 }), (sink, recent) => {
      const slots = new ChunkSlots(sink, recent);
      const orders = new Map<number, string>();
      for (let chunk = 0; chunk < 200; chunk++) {
        const order = slots.inOrder().join();
        expect(orders.get(slots.orderKey) ?? order).toBe(order);
        orders.set(slots.orderKey, order);
        slots.push();
      }
      expect(orders.size).toBeLessThanOrEqual(sink + 2 * recent);
    }),
  );
});

it('a cleared window begins with its first slot', () => {
  const slots = new ChunkSlots(1, 2);
  for (let i = 0; i < 5; i++) slots.push();
  slots.clear();
  expect(slots.inOrder()).toEqual([]);
  expect(slots.next).toBe(0);
});

it('a window without a recent chunk is refused', () => {
  expect(() => new ChunkSlots(3, 0)).toThrow('recent');
});
