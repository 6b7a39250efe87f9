import { expect, test } from 'vitest';
import type { FrameHeader } from '../../contract/frame';
import type { LayerLive } from '../../contract/live';
import { EngineMeter } from './engine-meter';

const header = (patch: Partial<FrameHeader> = {}): FrameHeader =>
  ({ captureUs: 1_000_000, appliedVersion: 1, ...patch }) as FrameHeader;
const live = (controlVersion: number, controlInputUs: number): LayerLive =>
  ({ controlVersion, controlInputUs }) as LayerLive;

test('drops and pictures are those of the last second, not of all time', () => {
  const meter = new EngineMeter('cam', 'animate', 0);
  const read = [7, 7, 12, 12, 12].map((droppedTotal, beat) => {
    for (let picture = 0; picture < 6; picture += 1) meter.arrived(header(), picture === 0);
    return meter.read((beat + 1) * 500, droppedTotal);
  });
  expect(read.map((stats) => stats.dropped)).toEqual([7, 7, 5, 5, 0]);
  expect(read.map((stats) => stats.fps)).toEqual([10, 10, 10, 10, 10]);
});

test('knob→pixel runs from the input event to the drawn picture, once for each change', () => {
  const meter = new EngineMeter('cam', 'animate', 0);
  const change = live(3, 2_000_000);
  meter.arrived(header({ appliedVersion: 2 }), false);
  meter.shown();
  meter.drawn(2_050_000, change);
  expect(meter.read(500, 0).knobToPixelMs).toBeNull();
  meter.arrived(header({ appliedVersion: 3 }), false);
  meter.drawn(2_120_000, change);
  meter.drawn(2_153_000, change);
  expect(meter.read(1000, 0).knobToPixelMs).toEqual({ p50: 120, p95: 120, n: 1 });
});

test('a picture that is not on stage measures nothing', () => {
  const meter = new EngineMeter('cam', 'animate', 0);
  meter.arrived(header({ appliedVersion: 3 }), false);
  meter.hidden();
  meter.drawn(2_120_000, live(3, 2_000_000));
  expect(meter.read(500, 0)).toMatchObject({ knobToPixelMs: null, ageMs: null });
});
