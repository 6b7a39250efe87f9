import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { PcmReader, type DecodedSound } from './pcm-reader';

const RATE = 48_000;
const TOTAL = 100_000;

/** A track whose samples are their own numbers, cut into packets; times are rounded to `gridS`. */
function track(packet: number, gridS = 0) {
  const runs: number[] = [];
  async function* decodeFrom(fromS: number): AsyncGenerator<DecodedSound, void, unknown> {
    runs.push(fromS);
    for (let start = Math.floor((fromS * RATE) / packet) * packet; start < TOTAL; start += packet) {
      const length = Math.min(packet, TOTAL - start);
      const exactS = start / RATE;
      const timestampS = gridS > 0 ? Math.round(exactS / gridS) * gridS : exactS;
      yield { timestampS, channels: [Float32Array.from({ length }, (_, i) => start + i)] };
    }
  }
  return { reader: new PcmReader(decodeFrom, RATE, 1), runs };
}

const numbers = (from: number, count: number) =>
  Array.from({ length: count }, (_, i) => (from + i >= 0 && from + i < TOTAL ? from + i : 0));

describe('PcmReader', () => {
  test('any read gives the samples of that place, in any order of reads', async () => {
    const reads = fc.array(
      fc.record({
        at: fc.integer({ min: -500, max: TOTAL + 500 }),
        count: fc.integer({ min: 1, max: 3000 }),
      }),
      { minLength: 1, maxLength: 8 },
    );
    await fc.assert(
      fc.asyncProperty(reads, fc.integer({ min: 100, max: 5000 }), async (list, packet) => {
        const { reader } = track(packet);
        for (const { at, count } of list) {
          expect(Array.from((await reader.read(at, count))[0]!)).toEqual(numbers(at, count));
        }
        await reader.dispose();
      }),
      { numRuns: 60 },
    );
  });

  test('reading on decodes in one run', async () => {
    const { reader, runs } = track(1024);
    for (let at = 0; at < 90_000; at += 24_000) await reader.read(at, 24_000);
    expect(runs).toEqual([0]);
  });

  test('a jump starts a new run with a run-up', async () => {
    const { reader, runs } = track(1024);
    await reader.read(90_000, 100);
    await reader.read(9_600, 100);
    expect(runs.map((s) => Math.round(s * 1000))).toEqual([1775, 100]);
  });

  test('times rounded to a millisecond do not tear the sound', async () => {
    const { reader } = track(1152, 0.001);
    expect(Array.from((await reader.read(0, 20_000))[0]!)).toEqual(numbers(0, 20_000));
  });

  test('a failing decoder fails the read', async () => {
    async function* broken(): AsyncGenerator<DecodedSound, void, unknown> {
      throw new Error('bad packet');
    }
    await expect(new PcmReader(broken, RATE, 1).read(0, 10)).rejects.toThrow('bad packet');
  });
});
