import { describe, expect, it } from 'vitest';
import { timecode } from './test-card';

describe('timecode of the test card', () => {
  it('counts frames, seconds, minutes and hours', () => {
    expect(timecode(0)).toBe('00:00:00:00');
    expect(timecode(29)).toBe('00:00:00:29');
    expect(timecode(30 * 3661 + 5)).toBe('01:01:01:05');
  });
});
