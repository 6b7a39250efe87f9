import { describe, expect, it } from 'vitest';
import { ProgrammeClock } from './programme-clock';

function clockAt(start = 0) {
  const time = { us: start };
  return { time, clock: new ProgrammeClock(() => time.us) };
}

describe('ProgrammeClock', () => {
  it('starts at zero and follows the monotonic clock', () => {
    const { time, clock } = clockAt(5000);
    expect(clock.nowUs()).toBe(0);
    time.us += 1234;
    expect(clock.nowUs()).toBe(1234);
  });

  it('keeps pace with a sound clock that runs 200 ppm fast, within 2 ms', () => {
    const { time, clock } = clockAt();
    let worst = 0;
    for (let second = 0; second < 600; second++) {
      time.us = second * 1e6;
      const frame = Math.round(time.us * (48_000 / 1e6) * 1.0002);
      const programmeUs = clock.nowUs();
      clock.followSound(frame, programmeUs);
      if (second > 60) worst = Math.max(worst, Math.abs(programmeUs - frame / 0.048 - 0));
    }
    expect(worst).toBeLessThan(2000);
    expect(clock.slewPpm).toBeCloseTo(200, -1);
  });

  it('never runs backwards and never bends by more than 500 ppm', () => {
    const { time, clock } = clockAt();
    let last = 0;
    for (let i = 1; i < 2000; i++) {
      time.us += 10_000;
      if (i % 100 === 0) clock.followSound(i * 480, clock.nowUs() + (i % 300 === 0 ? 30_000 : -30_000));
      expect(Math.abs(clock.slewPpm)).toBeLessThanOrEqual(500.0001);
      const now = clock.nowUs();
      expect(now).toBeGreaterThan(last);
      last = now;
    }
  });

  it('starts over when the sound clock jumps, and runs free without one', () => {
    const { time, clock } = clockAt();
    clock.followSound(0, 0);
    time.us = 1e6;
    clock.followSound(0, 1e6);
    expect(clock.slewPpm).toBe(0);
    clock.freeRun();
    time.us = 2e6;
    expect(clock.nowUs()).toBe(2e6);
  });
});
