import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { tickAt, Ticker, tickUs } from './ticker';

class FakeTime {
  us = 0;
  pending: { callback: () => void; atUs: number } | null = null;

  readonly timers = {
    nowUs: () => this.us,
    setTimer: (callback: () => void, delayMs: number) => {
      this.pending = { callback, atUs: this.us + Math.max(0, delayMs) * 1000 };
      return 1;
    },
    clearTimer: () => {
      this.pending = null;
    },
  };

  /** Lets the armed timer fire, `lateUs` after its time. */
  async fire(lateUs = 0): Promise<void> {
    const { callback, atUs } = this.pending!;
    this.pending = null;
    this.us = Math.max(this.us, atUs) + lateUs;
    callback();
    await new Promise((resolve) => setImmediate(resolve));
  }
}

function record(time: FakeTime, cost: (index: number) => number = () => 0) {
  const seen: number[] = [];
  const errors: unknown[] = [];
  const ticker = new Ticker(
    time.timers,
    (index) => {
      seen.push(index);
      time.us += cost(index);
    },
    (error) => errors.push(error),
  );
  return { seen, ticker, errors };
}

describe('tick arithmetic', () => {
  it('gives tick n the time round(n × 10⁶ / 30)', () => {
    expect([0, 1, 2, 3, 30, 107_999].map(tickUs)).toEqual([
      0, 33_333, 66_667, 100_000, 1_000_000, 3_599_966_667,
    ]);
  });

  it('finds each tick at its own time and not before', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1e9 }), (index) => {
        expect(tickAt(tickUs(index))).toBe(index);
        expect(tickAt(tickUs(index) - 1)).toBe(index - 1);
      }),
    );
  });
});

describe('ticker', () => {
  it('counts every tick once, without drift, when timers are a little late', async () => {
    const time = new FakeTime();
    const { seen, ticker } = record(time, () => 9000);
    ticker.start();
    for (let step = 0; step < 300; step += 1) await time.fire(step % 7 === 0 ? 4000 : 700);
    expect(seen).toEqual(Array.from({ length: 300 }, (_, index) => index + 1));
    expect(ticker.counts).toEqual({ ticks: 300, late: 0, skipped: 0 });
  });

  it('arms again when a timer fires early', async () => {
    const time = new FakeTime();
    const { seen, ticker } = record(time);
    ticker.start();
    time.pending!.atUs -= 2000;
    await time.fire();
    expect(seen).toEqual([]);
    await time.fire();
    expect(seen).toEqual([1]);
  });

  it('leaves out what was missed and counts it', async () => {
    const time = new FakeTime();
    const { seen, ticker } = record(time, (index) => (index === 2 ? 110_000 : 0));
    ticker.start();
    for (let step = 0; step < 4; step += 1) await time.fire();
    expect(seen).toEqual([1, 2, 5, 6]);
    expect(ticker.counts).toEqual({ ticks: 4, late: 1, skipped: 2 });
  });

  it('counts a tick that is more than half a frame late', async () => {
    const time = new FakeTime();
    const { ticker } = record(time);
    ticker.start();
    await time.fire(17_000);
    await time.fire(16_000);
    expect(ticker.counts.late).toBe(1);
  });

  it('follows a clock that began anew', async () => {
    const time = new FakeTime();
    time.us = 5e9;
    const { seen, ticker } = record(time);
    ticker.start();
    await time.fire();
    time.us = 1e6;
    time.pending!.atUs = 1e6;
    await time.fire();
    await time.fire();
    expect(seen).toEqual([150_001, 31]);
  });

  it('goes on after a tick that threw', async () => {
    const time = new FakeTime();
    const { seen, ticker, errors } = record(time, (index) => {
      if (index === 1) throw new Error('broken tick');
      return 0;
    });
    ticker.start();
    await time.fire();
    await time.fire();
    expect(seen).toEqual([1, 2]);
    expect(errors).toHaveLength(1);
    ticker.stop();
    expect(time.pending).toBeNull();
  });

  it('keeps one timer when it is stopped and started while a tick is in work', async () => {
    const time = new FakeTime();
    const seen: number[] = [];
    let finish = () => {};
    const onTick = (index: number) => {
      seen.push(index);
      return new Promise<void>((resolve) => (finish = resolve));
    };
    const ticker = new Ticker(time.timers, onTick, () => undefined);
    ticker.start();
    await time.fire();
    ticker.stop();
    ticker.start();
    const armed = time.pending;
    finish();
    await new Promise((resolve) => setImmediate(resolve));
    expect(time.pending).toBe(armed);
    expect(seen).toEqual([1]);
  });
});
