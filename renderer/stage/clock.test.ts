import { describe, expect, it } from 'vitest';
import { ProgrammeTime } from './clock';

/** Main's clock is `sharedMs × 1000 × (1 + drift) + offset`; each way takes its own time. */
class Wire {
  nowMs = 1_000_000;
  offsetUs = -900_000_000;
  readonly time = new ProgrammeTime(() => this.nowMs);

  mainUs(): number {
    return this.nowMs * 1000 + this.offsetUs;
  }

  ping(thereMs: number, backMs: number): void {
    const sentMs = this.nowMs;
    this.nowMs += thereMs;
    const mainUs = this.mainUs();
    this.nowMs += backMs;
    this.time.reading(sentMs, mainUs);
  }

  errorUs(): number {
    return this.time.nowUs() - this.mainUs();
  }
}

describe('programme time of the stage', () => {
  it('is 0 and unlocked before the first answer', () => {
    const wire = new Wire();
    expect(wire.time.locked).toBe(false);
    expect(wire.time.nowUs()).toBe(0);
  });

  it('believes the reading with the shortest trip, not the newest', () => {
    const wire = new Wire();
    wire.ping(0.1, 0.1);
    wire.ping(80, 2);
    wire.nowMs += 5000;
    expect(Math.abs(wire.errorUs())).toBeLessThan(1);
  });

  it('approaches a better reading slowly and never runs backwards', () => {
    const wire = new Wire();
    wire.ping(60, 0);
    expect(wire.errorUs()).toBeCloseTo(30_000, 0);
    wire.ping(0.1, 0.1);
    let last = wire.time.nowUs();
    for (let step = 0; step < 2000; step += 1) {
      wire.nowMs += 10;
      const now = wire.time.nowUs();
      expect(now).toBeGreaterThan(last);
      expect(now - last).toBeLessThan(10_000 * 1.0021);
      expect(now - last).toBeGreaterThan(10_000 * 0.9979);
      if (step % 100 === 0) wire.ping(0.1, 0.1);
      last = wire.time.nowUs();
    }
    expect(Math.abs(wire.errorUs())).toBeLessThan(200);
  });

  it('follows a clock that is bent by 500 ppm to within 6 ms', () => {
    const wire = new Wire();
    for (let second = 0; second < 60; second += 1) {
      wire.ping(0.2, 0.2);
      wire.nowMs += 1000;
      wire.offsetUs += 500;
    }
    expect(Math.abs(wire.errorUs())).toBeLessThan(6000);
  });

  it('steps when main began anew', () => {
    const wire = new Wire();
    wire.ping(0.1, 0.1);
    wire.offsetUs -= 100_000_000;
    wire.ping(0.1, 0.1);
    expect(wire.time.steps).toBe(1);
    expect(Math.abs(wire.errorUs())).toBeLessThan(200);
  });

  it('ignores answers that cannot be', () => {
    const wire = new Wire();
    wire.time.reading(Number.NaN, 5);
    wire.time.reading(wire.nowMs + 50, 5);
    wire.time.reading(wire.nowMs, Number.POSITIVE_INFINITY);
    expect(wire.time.locked).toBe(false);
  });
});
