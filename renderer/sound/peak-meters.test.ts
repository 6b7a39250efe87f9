import { expect, test } from 'vitest';
import { PeakMeters } from './peak-meters';

test('peaks are the largest magnitudes since the last reading, by name', () => {
  const meters = new PeakMeters();
  meters.name(1, 'mic');
  meters.name(3, 'film');
  meters.measureMix(Float32Array.of(0.1, -0.5), Float32Array.of(0.2, 0));
  meters.measureStrips([[], [Float32Array.of(0.25), Float32Array.of(-0.75)], [Float32Array.of(1)], []]);
  expect(meters.take()).toEqual({ mix: 0.5, mic: 0.75, film: 0 });
  expect(meters.take()).toEqual({ mix: 0, mic: 0, film: 0 });
});

test('a freed input is no longer reported', () => {
  const meters = new PeakMeters();
  meters.name(1, 'mic');
  meters.name(1, null);
  meters.measureStrips([[], [Float32Array.of(1)]]);
  expect(meters.take()).toEqual({ mix: 0 });
});
