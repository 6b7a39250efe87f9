import { describe, expect, it } from 'vitest';
import { checkJob } from './check-job';
import type { ImageJobs } from './image-ops';
import { planTiles } from './tile-plan';

const line = { scale: 1, offset: 0 };
const bytes = (length: number) => new Uint8Array(length);
const floats = (length: number) => new Float32Array(length);
/** Claims a length without the memory. */
const claimed = (length: number) => ({ length }) as Uint8Array;

describe('image jobs', () => {
  it.each<[string, ImageJobs['unpack'], string]>([
    ['no pixel', { rgba: bytes(0), line, out: floats(0) }, 'got 0'],
    ['a part of a pixel', { rgba: bytes(7), line, out: floats(3) }, 'got 7'],
    ['other planes', { rgba: bytes(8), line, out: floats(3) }, 'must have 6 elements for this size, got 3'],
    ['a falling line', { rgba: bytes(4), line: { scale: -1, offset: 0 }, out: floats(3) }, '-1·x'],
    ['a line of NaN', { rgba: bytes(4), line: { scale: 1, offset: NaN }, out: floats(3) }, 'NaN'],
  ])('[I1] unpack refuses %s in words', (_, job, words) => {
    expect(() => checkJob('unpack', job)).toThrow(words);
  });

  it('[I1] a 16K picture is refused in words before its memory is looked at', () => {
    const source = { width: 15_360, height: 8640, rgba: claimed(4 * 15_360 * 8640) };
    const job = { source, width: 8, height: 8, filter: 'area', out: bytes(256) } as const;
    expect(() => checkJob('resize', job)).toThrow(/1 to 8192 pixels.*got 15360×8640; use a smaller one/);
    const square = { ...job, source: { width: 8192, height: 8192, rgba: claimed(4 * 8192 ** 2) } };
    expect(() => checkJob('resize', square)).toThrow('got 8192×8192');
  });

  it.each([0, -1, 1.5, NaN, Infinity])('[I1] a side of %f is refused', (side) => {
    const source = { width: side, height: 1, rgba: bytes(4) };
    expect(() => checkJob('toYuv', { source, planes: 'luma', out: bytes(1) })).toThrow(`got ${side}×1`);
  });

  it('[I1] what is read and what is written must not share memory', () => {
    const memory = bytes(32);
    const source = { width: 2, height: 2, rgba: memory.subarray(0, 16) };
    const job = { source, width: 2, height: 2, filter: 'area' as const };
    expect(() => checkJob('resize', { ...job, out: memory.subarray(12, 28) })).toThrow('share memory');
    expect(() => checkJob('resize', { ...job, out: memory.subarray(16) })).not.toThrow();
  });

  it('[I1] an unknown filter, tiles that overlap by more than half and a wrong frame are refused', () => {
    const source = { width: 1, height: 1, rgba: bytes(4) };
    const filter = 'lanczos' as 'area';
    expect(() => checkJob('resize', { source, width: 1, height: 1, filter, out: bytes(4) })).toThrow(
      'lanczos',
    );
    const plan = planTiles(4, 4, 4, 3);
    expect(() => checkJob('cutTiles', { planes: floats(16), channels: 1, plan, out: floats(16) })).toThrow(
      '0 to 2',
    );
    const field = floats(2);
    const flow = floats(2);
    const shape = { width: 1, height: 1, channels: 1, seed: { low: 0, high: 0 } };
    const job = { ...shape, field, forward: flow, backward: flow, frame: -1, out: floats(2) };
    expect(() => checkJob('warpNoise', job)).toThrow('0 to 4294967295, got -1');
  });

  it('[I1] one pixel and odd sides are taken', () => {
    checkJob('unpack', { rgba: bytes(4), line, out: floats(3) });
    const source = { width: 3, height: 1, rgba: bytes(12) };
    checkJob('toYuv', { source, planes: 'i420', out: bytes(7) });
  });
});
