import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { BLOCK_FRAMES, BlockPacker } from './block-packer';

function collect() {
  const blocks: { frame: number; samples: Float32Array }[] = [];
  const packer = new BlockPacker((frame, samples) => blocks.push({ frame, samples: samples.slice() }));
  return { blocks, packer };
}

/** Pushes quanta whose samples are their own numbers. */
function push(packer: BlockPacker, frame: number, length: number): void {
  const left = Float32Array.from({ length }, (_, i) => frame + i);
  packer.push(
    frame,
    left,
    left.map((value) => -value),
  );
}

describe('BlockPacker', () => {
  test('no sample is lost, repeated or moved, whatever the quanta', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 1000 }),
        fc.array(fc.integer({ min: 1, max: 1500 }), { maxLength: 30 }),
        (first, lengths) => {
          const { blocks, packer } = collect();
          let frame = first;
          for (const length of lengths) {
            push(packer, frame, length);
            frame += length;
          }
          expect(blocks).toHaveLength(Math.floor((frame - first) / BLOCK_FRAMES));
          blocks.forEach((block, index) => {
            expect(block.frame).toBe(first + index * BLOCK_FRAMES);
            const number = (i: number) => (i % 2 === 0 ? 1 : -1) * (block.frame + (i >> 1));
            expect(block.samples).toEqual(
              Float32Array.from({ length: 2 * BLOCK_FRAMES }, (_, i) => number(i)),
            );
          });
        },
      ),
      { numRuns: 40 },
    );
  });

  test('a hole in the clock becomes silence and the numbering goes on', () => {
    const { blocks, packer } = collect();
    push(packer, 0, 128);
    push(packer, 256, 384);
    expect(blocks.map((block) => block.frame)).toEqual([0]);
    expect(blocks[0]!.samples[2 * 127]).toBe(127);
    expect(blocks[0]!.samples[2 * 200]).toBe(0);
    expect(blocks[0]!.samples[2 * 256]).toBe(256);
  });

  test('after a very long hole numbering starts anew and blocks stay whole', () => {
    const { blocks, packer } = collect();
    push(packer, 0, 128);
    push(packer, 1_000_000, 480);
    expect(blocks.map((block) => block.frame)).toEqual([0, 1_000_000]);
    expect(blocks[1]!.samples[0]).toBe(1_000_000);
  });

  test('samples that came twice are taken once', () => {
    const { blocks, packer } = collect();
    push(packer, 0, 300);
    push(packer, 200, 280);
    expect(blocks).toHaveLength(1);
    expect(blocks[0]!.samples[2 * 250]).toBe(250);
    expect(blocks[0]!.samples[2 * 479]).toBe(479);
  });

  test('a block that comes back is filled again', () => {
    const seen: Float32Array[] = [];
    const packer = new BlockPacker((_, samples) => {
      seen.push(samples);
      packer.recycle(samples);
    });
    push(packer, 0, 1440);
    expect(seen).toHaveLength(3);
    expect(new Set(seen).size).toBe(1);
  });
});
