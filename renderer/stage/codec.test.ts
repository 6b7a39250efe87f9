import { describe, expect, it } from 'vitest';
import { h264Codecs, h264Level } from './codec';

describe('H.264 level', () => {
  it('is the lowest that holds size, rate and bit rate', () => {
    expect(h264Level({ width: 1280, height: 720, fps: 30, videoBitrateKbps: 4500 })).toBe(0x1f);
    expect(h264Level({ width: 1280, height: 720, fps: 30, videoBitrateKbps: 18_000 })).toBe(0x20);
    expect(h264Level({ width: 1920, height: 1080, fps: 30, videoBitrateKbps: 9000 })).toBe(0x28);
    expect(h264Level({ width: 1920, height: 1080, fps: 30, videoBitrateKbps: 51_000 })).toBe(0x32);
  });

  it('is tried with High first and Constrained Baseline last', () => {
    expect(h264Codecs({ width: 1920, height: 1080, fps: 30, videoBitrateKbps: 9000 })).toEqual([
      'avc1.640028',
      'avc1.4d0028',
      'avc1.42e028',
    ]);
  });
});
