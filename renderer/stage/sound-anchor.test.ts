import { describe, expect, it } from 'vitest';
import { framesUs, SoundAnchor } from './sound-anchor';

/** Feeds blocks of 480 samples that were mixed on a line through `zeroUs`; they arrive in order. */
function feed(
  anchor: SoundAnchor,
  from: number,
  blocks: number,
  zeroUs: number,
  delayUs: (index: number) => number,
) {
  let moved = 0;
  let arrivalUs = 0;
  for (let index = 0; index < blocks; index += 1) {
    const frame = from + index * 480;
    arrivalUs = Math.max(arrivalUs, zeroUs + framesUs(frame + 480) + delayUs(index));
    if (anchor.block(frame, 480, arrivalUs)) moved += 1;
  }
  return moved;
}

/** A repeatable scatter from 0 to `most`. */
function scatter(most: number) {
  return (index: number) => ((index * 7919) % 97) * (most / 97);
}

describe('sound anchor', () => {
  it('is the lower envelope of the arrivals', () => {
    const anchor = new SoundAnchor();
    feed(anchor, 0, 300, 5e6, scatter(30_000));
    expect(anchor.anchorUs!).toBeGreaterThanOrEqual(5e6);
    expect(anchor.anchorUs! - 5e6).toBeLessThan(3000);
  });

  it('is not known from a few blocks', () => {
    const anchor = new SoundAnchor();
    feed(anchor, 0, 24, 5e6, scatter(1000));
    expect(anchor.anchorUs).toBeNull();
  });

  it('stays where it is while messages are late or the clock drifts a little', () => {
    const anchor = new SoundAnchor();
    feed(anchor, 0, 100, 5e6, scatter(2000));
    const first = anchor.anchorUs;
    feed(anchor, 100 * 480, 50, 5e6, () => 120_000);
    feed(anchor, 150 * 480, 6000, 5e6, (index) => index * 5 + scatter(2000)(index));
    expect(anchor.anchorUs).toBe(first);
    expect(anchor.jumps).toBe(0);
    expect(anchor.measuredUs! - 5e6).toBeGreaterThan(28_000);
  });

  it('moves once when the device slept', () => {
    const anchor = new SoundAnchor();
    feed(anchor, 0, 100, 5e6, scatter(2000));
    expect(feed(anchor, 100 * 480, 300, 8e6, scatter(2000))).toBe(1);
    expect(anchor.jumps).toBe(1);
    expect(Math.abs(anchor.anchorUs! - 8e6)).toBeLessThan(3000);
  });

  it('starts over when samples are counted from 0 again', () => {
    const anchor = new SoundAnchor();
    feed(anchor, 0, 500, 5e6, scatter(2000));
    feed(anchor, 0, 100, 10.1e6, scatter(2000));
    expect(anchor.jumps).toBe(1);
    expect(Math.abs(anchor.anchorUs! - 10.1e6)).toBeLessThan(3000);
  });

  it('numbers samples evenly', () => {
    const anchor = new SoundAnchor();
    feed(anchor, 0, 100, 5e6, scatter(2000));
    expect(anchor.timeUs(48_000)! - anchor.timeUs(0)!).toBeCloseTo(1e6, 6);
  });
});
