import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TAP_FRAMES } from './engine-link/link-messages';
import { TapPacker } from './tap-packer';

const ramp = (from: number, count: number) => Float32Array.from({ length: count }, (_, i) => from + i);

describe('tap packer', () => {
  it('any cut gives the same numbered mono pieces', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 500 }), { minLength: 1, maxLength: 30 }), (counts) => {
        const pieces: [number, number, number][] = [];
        const packer = new TapPacker((frame, samples) => {
          pieces.push([frame, samples[0]!, samples.at(-1)!]);
          packer.recycle(samples);
        });
        let at = 7;
        for (const count of counts) {
          packer.push(at, count, ramp(at, count), ramp(at + 2, count));
          at += count;
        }
        expect(pieces).toHaveLength(Math.floor((at - 7) / TAP_FRAMES));
        pieces.forEach(([frame, first, last], i) => {
          expect(frame).toBe(7 + i * TAP_FRAMES);
          expect([first, last]).toEqual([frame + 1, frame + TAP_FRAMES]);
        });
      }),
    );
  });

  it('a hole in the numbers, or another strip, begins a new piece', () => {
    const frames: number[] = [];
    const packer = new TapPacker((frame) => void frames.push(frame));
    packer.push(0, 500, null, null);
    packer.push(600, TAP_FRAMES, null, null);
    packer.push(600 + TAP_FRAMES, 100, null, null);
    packer.reset();
    packer.push(700 + TAP_FRAMES, TAP_FRAMES, null, null);
    expect(frames).toEqual([600, 700 + TAP_FRAMES]);
  });

  it('pieces that nobody gives back do not pile up', () => {
    let sent = 0;
    const packer = new TapPacker(() => (sent += 1));
    for (let i = 0; i < 100; i++) packer.push(i * TAP_FRAMES, TAP_FRAMES, null, null);
    expect(sent).toBe(16);
  });
});
