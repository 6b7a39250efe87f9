import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { fillNormals, philoxBlock, type PhiloxWords } from './philox';

const ALL = 0xffffffff;

describe('philoxBlock', () => {
  // Known answers of Random123 1.14 (kat_vectors, philox4x32 10).
  it.each<[PhiloxWords, number, number, PhiloxWords]>([
    [[0, 0, 0, 0], 0, 0, [0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8]],
    [[ALL, ALL, ALL, ALL], ALL, ALL, [0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd]],
    [
      [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344],
      0xa4093822,
      0x299f31d0,
      [0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1],
    ],
  ])('[A6] equals the published known answer', (counter, low, high, expected) => {
    expect(philoxBlock(counter, { low, high })).toEqual(expected);
  });
});

describe('fillNormals', () => {
  it('[A6] is Box–Muller of the words of block 0', () => {
    const words = [0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8];
    const expected = [0, 2].flatMap((i) => {
      const radius = Math.sqrt(-2 * Math.log((words[i]! + 1) / 2 ** 32));
      const angle = (2 * Math.PI * words[i + 1]!) / 2 ** 32;
      return [radius * Math.cos(angle), radius * Math.sin(angle)].map(Math.fround);
    });
    const out = new Float32Array(4);
    fillNormals({ low: 0, high: 0 }, 0, out);
    expect([...out]).toEqual(expected);
  });

  it('a fill from a later block is the rest of one from the first', () => {
    const whole = new Float32Array(64);
    fillNormals({ low: 2, high: 0 }, 3, whole);
    const rest = new Float32Array(44);
    fillNormals({ low: 2, high: 0 }, 3, rest, 5);
    expect(rest).toEqual(whole.subarray(20));
  });

  it('a shorter fill is the beginning of a longer one', () => {
    const long = new Float32Array(64);
    fillNormals({ low: 2, high: 0 }, 3, long);
    for (const length of [0, 1, 2, 3, 5, 63]) {
      const short = new Float32Array(length);
      fillNormals({ low: 2, high: 0 }, 3, short);
      expect(short).toEqual(long.subarray(0, length));
    }
  });

  it('seeds and streams are independent: mean 0, variance 1, no correlation', () => {
    const n = 65_536;
    const noises = [
      [2, 0, 0],
      [3, 0, 0],
      [2, 1, 0],
      [2, 0, 1],
    ].map(([low, high, stream]) => {
      const out = new Float32Array(n);
      fillNormals({ low: low!, high: high! }, stream!, out);
      return out;
    });
    // Five standard errors of each estimate.
    const bound = 5 / Math.sqrt(n);
    for (const a of noises) {
      expect(Math.abs(dot(a, new Float32Array(n).fill(1)) / n)).toBeLessThan(bound);
      expect(Math.abs(dot(a, a) / n - 1)).toBeLessThan(bound * Math.SQRT2);
      for (const b of noises) if (a !== b) expect(Math.abs(dot(a, b) / n)).toBeLessThan(bound);
    }
  });
});

function dot(a: Float32Array, b: Float32Array): number {
  return a.reduce((sum, value, i) => sum + value * b[i]!, 0);
}

describe('the trainer’s noise vectors', () => {
  type Vectors = { streams: { seed: string; stream: number; words: number[]; normals: number[] }[] };
  const path = resolve(import.meta.dirname, '../../../native-models/contracts/noise-vectors.json');
  const { streams } = JSON.parse(readFileSync(path, 'utf8')) as Vectors;

  it.each(streams)(
    '[A6] seed $seed, stream $stream: words exact, normals to one float32 rounding',
    (vector) => {
      const seed = BigInt(vector.seed);
      const key = { low: Number(seed & 0xffffffffn), high: Number(seed >> 32n) };
      const words = vector.words.flatMap((_, i) =>
        i % 4 === 0 ? philoxBlock([i / 4, 0, vector.stream, 0], key) : [],
      );
      expect(words.slice(0, vector.words.length)).toEqual(vector.words);
      const normals = new Float32Array(vector.normals.length);
      fillNormals(key, vector.stream, normals);
      normals.forEach((value, i) => {
        const expected = vector.normals[i]!;
        expect(Math.abs(value - expected)).toBeLessThanOrEqual(
          Math.max(Math.abs(expected), 2 ** -20) * 2 ** -23,
        );
      });
    },
  );
});
