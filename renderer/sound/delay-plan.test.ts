import { describe, expect, it } from 'vitest';
import { NETWORK_DELAY_FRAMES as D } from './binaural/binaural-messages';
import { delaysOf, mixDelayFrames, nextDelayMoment, silentUntilS } from './delay-plan';
import { DelaySchedule } from './delay-schedule';
import { RAMP_LEAD_S, RAMP_S } from './param-ramp';

describe('delays of the mix', () => {
  it('[B18] nothing is delayed while no strip goes through the network', () => {
    expect(mixDelayFrames([])).toBe(0);
    expect(mixDelayFrames([false, false])).toBe(0);
    expect(delaysOf(10, false, 0)).toEqual({ line: 480, voice: 0 });
  });

  it('[B18] every strip is equally late, wherever it is delayed', () => {
    const mix = mixDelayFrames([false, true]);
    expect(mix).toBe(D);
    for (const networked of [true, false]) {
      const { line, voice } = delaysOf(20, networked, mix);
      expect(line + voice).toBe(960 + D);
    }
  });

  it('[B18] delays change on a quantum, when a dip is silent, and no strip is heard twice', () => {
    for (const nowS of [0, 1.2345, 777.0001]) {
      const moment = nextDelayMoment(nowS);
      expect(moment.frame % 128).toBe(0);
      expect(moment.frame / 48_000).toBeGreaterThanOrEqual(nowS + RAMP_LEAD_S + RAMP_S);
      const still = { line: 0, voice: 0 };
      const grows = silentUntilS(moment, still, { line: 0, voice: D }, D);
      expect(grows).toBeCloseTo((moment.frame + D) / 48_000 + RAMP_S, 9);
      const shrinks = silentUntilS(moment, { line: 0, voice: D }, still, -D);
      expect(shrinks).toBeCloseTo(moment.frame / 48_000 + RAMP_S, 9);
      const other = silentUntilS(moment, still, still, D);
      expect(other).toBeCloseTo(grows, 9);
    }
  });

  it('[B18] the schedule tells the age of every sample around a change', () => {
    const schedule = new DelaySchedule();
    expect(schedule.at(0)).toBe(0);
    schedule.change(1000, D);
    expect([schedule.at(999), schedule.at(1000), schedule.at(1e9)]).toEqual([0, D, D]);
    schedule.change(5000, 0);
    expect([schedule.at(4999), schedule.at(5000)]).toEqual([D, 0]);
  });
});
