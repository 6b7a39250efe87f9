import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TINY_MODELS_DIR } from '../testing/fixtures';
import { delimited, entry, varint } from '../testing/proto-bytes';
import { readOnnxMetadata } from './onnx-metadata';

const utf8 = (text: string) => new TextEncoder().encode(text);
const prop = (pair: [string, string]) => entry(14, pair);

describe('readOnnxMetadata', () => {
  let dir: string;
  let file: string;
  beforeAll(() => {
    dir = mkdtempSync(join(tmpdir(), 'fantascope-onnx-'));
    file = join(dir, 'model.onnx');
  });
  afterAll(() => rmSync(dir, { recursive: true, force: true }));

  it('reads what an export wrote', async () => {
    const props = await readOnnxMetadata(join(TINY_MODELS_DIR, 'captions-tiny-r1.onnx'));
    expect(Object.fromEntries(props)).toMatchObject({
      window_size: '25',
      chunk_shift: '16',
      subsampling_factor: '8',
      vocab_size: '31',
      normalize_type: '',
      cache_last_channel_dim2: '70',
    });
  });

  it('finds every entry between fields of every kind, a long graph among them', async () => {
    const text = fc.string({ unit: 'grapheme', maxLength: 20 });
    const other = fc.oneof(
      fc.integer({ min: 0, max: 2 ** 40 }).map((n) => [...varint(1 * 8), ...varint(n)]),
      fc.constant([...varint(3 * 8 + 1), 1, 2, 3, 4, 5, 6, 7, 8]),
      fc.constant([...varint(4 * 8 + 5), 1, 2, 3, 4]),
      fc.integer({ min: 0, max: 70_000 }).map((n) => delimited(7, new Uint8Array(n).fill(0x72))),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(other, fc.tuple(text, text)), { maxLength: 6 }), async (parts) => {
        writeFileSync(file, Uint8Array.from(parts.flatMap(([field, pair]) => [...field, ...prop(pair)])));
        expect(await readOnnxMetadata(file)).toEqual(new Map(parts.map(([, pair]) => pair)));
      }),
      { numRuns: 40 },
    );
  });

  it('a model cut short anywhere is refused or read, never misread', async () => {
    const whole = readFileSync(join(TINY_MODELS_DIR, 'captions-tiny-r1.onnx'));
    const full = await readOnnxMetadata(join(TINY_MODELS_DIR, 'captions-tiny-r1.onnx'));
    let refused = 0;
    for (let left = 1; left < 400; left++) {
      writeFileSync(file, whole.subarray(0, whole.length - left));
      try {
        for (const [key, value] of await readOnnxMetadata(file)) expect(full.get(key)).toBe(value);
      } catch (error) {
        expect(error).toMatchObject({ code: 'model.corrupt' });
        refused++;
      }
    }
    expect(refused).toBeGreaterThan(300);
  });

  it.each([
    ['text', utf8('This is no model at all, it is a text.')],
    ['a number without end', new Uint8Array(40).fill(0xff)],
  ])('refuses %s with model.corrupt', async (_, bytes) => {
    writeFileSync(file, bytes);
    await expect(readOnnxMetadata(file)).rejects.toMatchObject({ code: 'model.corrupt' });
  });

  it('refuses an absent file with model.missing', async () => {
    const absent = readOnnxMetadata(join(dir, 'absent.onnx'));
    await expect(absent).rejects.toMatchObject({ code: 'model.missing' });
  });
});
