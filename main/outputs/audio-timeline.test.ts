import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AudioTimeline } from './audio-timeline';
import { audioEndUs } from './packets';
import { tone } from './testing/fixture';

describe('the sound track', () => {
  it('takes jitter of timestamps for rounding, without adding it up', () => {
    const timeline = new AudioTimeline();
    const out = Array.from({ length: 1000 }, (_, i) =>
      timeline.push(tone(i * 10_000 + (i % 2 ? 700 : -700) + 700)),
    );
    expect(out.flat()).toHaveLength(1000);
    expect(timeline.endUs).toBe(10_000_000);
    expect(timeline.counters).toMatchObject({ silenceFrames: 0, trimmedFrames: 0 });
  });

  it('makes silence of a hole, exactly as long', () => {
    const timeline = new AudioTimeline();
    timeline.push(tone(0));
    const out = timeline.push(tone(510_000));
    expect(out.at(-1)!.timestampUs).toBe(510_000);
    expect(timeline.counters).toMatchObject({ gaps: 1, silenceFrames: 24_000 });
    expect(out.slice(0, -1).every((packet) => packet.samples.every((value) => value === 0))).toBe(true);
  });

  it('trims late sound that overlaps silence, and drops what is wholly past', () => {
    const timeline = new AudioTimeline();
    timeline.fill(0, 100_000);
    expect(timeline.push(tone(50_000))).toEqual([]);
    const [rest] = timeline.push(tone(95_000));
    expect(rest).toMatchObject({ timestampUs: 100_000, frames: 240 });
    expect(timeline.counters.trimmedFrames).toBe(720);
  });

  it('leaves a hole of more than 30 s open', () => {
    const timeline = new AudioTimeline();
    timeline.push(tone(0));
    const out = timeline.push(tone(60_000_000));
    expect(out).toHaveLength(1);
    expect(out[0]!.timestampUs).toBe(60_000_000);
    expect(timeline.counters.openHoles).toBe(1);
  });

  it('is without hole or overlap whatever comes', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 20_000_000 }), { maxLength: 60 }), (times) => {
        const timeline = new AudioTimeline();
        const out = times.flatMap((time) => timeline.push(tone(time)));
        out.slice(1).forEach((packet, index) => {
          expect(Math.abs(packet.timestampUs - audioEndUs(out[index]!))).toBeLessThan(0.01);
        });
      }),
    );
  });
});
