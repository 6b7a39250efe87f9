import { describe, expect, it } from 'vitest';
import { LaunchCodes } from './launch-codes';

describe('launch codes', () => {
  it('work once, within a minute', () => {
    const time = { ms: 0 };
    const codes = new LaunchCodes(() => time.ms);
    const first = codes.issue();
    expect(codes.redeem(first)).toBe(true);
    expect(codes.redeem(first)).toBe(false);
    const late = codes.issue();
    time.ms = 60_001;
    expect(codes.redeem(late)).toBe(false);
  });

  it('are forgotten, oldest first, when there are too many', () => {
    const codes = new LaunchCodes();
    const first = codes.issue();
    const last = Array.from({ length: 16 }, () => codes.issue()).at(-1)!;
    expect(codes.redeem(first)).toBe(false);
    expect(codes.redeem(last)).toBe(true);
  });
});
