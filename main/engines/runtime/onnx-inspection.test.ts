import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TINY_MODELS_DIR } from '../testing/fixtures';
import { delimited, entry, number, text } from '../testing/proto-bytes';
import { inspectOnnx } from './onnx-inspection';

const FLOAT = 1;
type Bytes = number[];

/** A TensorProto with the dims and whatever says where its data are. */
const tensor = (dims: (number | bigint)[], ...data: Bytes[]): Bytes => [
  ...dims.flatMap((dim) => number(1, dim)),
  ...number(2, FLOAT),
  ...text(8, 'w'),
  ...data.flat(),
];
const raw = (bytes: number) => delimited(9, new Uint8Array(bytes));
const external = (entries: Record<string, string>) => [
  ...Object.entries(entries).flatMap((pair) => entry(13, pair)),
  ...number(14, 1),
];
const model = (...tensors: Bytes[]): Bytes =>
  delimited(
    7,
    tensors.flatMap((bytes) => delimited(5, bytes)),
  );
/** The tensor within a graph within an attribute, so many times. */
const nested = (bytes: Bytes, depth: number): Bytes =>
  depth === 0 ? delimited(5, bytes) : delimited(1, delimited(5, delimited(6, nested(bytes, depth - 1))));

describe('inspectOnnx', () => {
  let root: string;
  let file: string;
  beforeAll(() => {
    root = mkdtempSync(join(tmpdir(), 'fantascope-inspection-'));
    mkdirSync(join(root, 'model'));
    file = join(root, 'model', 'model.onnx');
    writeFileSync(join(root, 'secret.bin'), new Uint8Array(64));
    writeFileSync(join(root, 'model', 'data.bin'), new Uint8Array(64));
    symlinkSync(join(root, 'secret.bin'), join(root, 'model', 'link.bin'));
  });
  afterAll(() => rmSync(root, { recursive: true, force: true }));

  const inspect = (bytes: Bytes) => {
    writeFileSync(file, Uint8Array.from(bytes));
    return inspectOnnx(file);
  };

  it('counts weights in the file and beside it', () => {
    const inFile = tensor([2, 3], raw(24));
    const beside = tensor([4, 4], external({ location: 'data.bin', offset: '0', length: '64' }));
    expect(inspect(model(inFile, beside))).toEqual({
      declaredBytes: 24 + 64,
      externalFiles: [join(root, 'model', 'data.bin')],
    });
  });

  it('takes every graph that the tests have', () => {
    const graphs = readdirSync(TINY_MODELS_DIR, { recursive: true, encoding: 'utf8' }).filter((name) =>
      name.endsWith('.onnx'),
    );
    expect(graphs.length).toBeGreaterThan(8);
    for (const name of graphs) expect(inspectOnnx(join(TINY_MODELS_DIR, name)).externalFiles).toEqual([]);
  });

  it.each<[string, Bytes, RegExp]>([
    ['a path that climbs', external({ location: '../secret.bin' }), /beside it.*secret/],
    ['a path that climbs late', external({ location: 'a/../../secret.bin' }), /beside it/],
    ['a path from the root', external({ location: '/etc/passwd' }), /beside it/],
    ['a path of a drive', external({ location: 'C:\\secret.bin' }), /beside it/],
    ['a path with a zero', external({ location: 'data.bin\0.txt' }), /beside it/],
    ['no path', external({ offset: '0' }), /beside it/],
    ['the folder itself', external({ location: '.' }), /beside it/],
    ['a link that leads out', external({ location: 'link.bin' }), /own folder.*link to/],
    ['data beyond the end', external({ location: 'data.bin', offset: '32' }), /within the 64.*32/],
    ['a negative offset', external({ location: 'data.bin', offset: '-64' }), /-64/],
    ['an offset that is no number', external({ location: 'data.bin', offset: 'x' }), /NaN/],
    ['a length that lies', external({ location: 'data.bin', length: '8' }), /64 bytes.*8/],
    ['raw data that are too short', raw(60), /64 bytes.*60/],
  ])('refuses %s with model.corrupt', (_, data, message) => {
    const refused = { code: 'model.corrupt', message: expect.stringMatching(message) };
    expect(() => inspect(model(tensor([4, 4], data)))).toThrow(expect.objectContaining(refused));
    // The same in the body of a loop, where the runtime would find it too.
    const deep = delimited(7, nested(tensor([4, 4], data), 3));
    expect(() => inspect(deep)).toThrow(expect.objectContaining(refused));
  });

  it.each<[string, (number | bigint)[]]>([
    ['a negative length', [2n ** 64n - 1n]],
    ['dims whose product no machine holds', [2 ** 31, 2 ** 31]],
    ['endless dims', Array.from({ length: 1100 }, () => 2)],
  ])('refuses %s with model.corrupt', (_, dims) => {
    expect(() => inspect(model(tensor(dims)))).toThrow(
      expect.objectContaining({ code: 'model.corrupt', message: expect.stringMatching(/size that can be/) }),
    );
  });

  it('refuses weights that unfold to far more than their files hold', () => {
    const declared = tensor([2 ** 20, 2 ** 10]);
    expect(() => inspect(model(declared))).toThrow(/weights of at most/);
    truncateSync(join(root, 'model', 'data.bin'), 1 << 20);
    const shared = tensor([512, 512], external({ location: 'data.bin' }));
    expect(inspect(model(shared, shared))).toMatchObject({ declaredBytes: 2 << 20 });
    const bomb = Array.from({ length: 8 }, () => shared);
    expect(() => inspect(model(...bomb))).toThrow(/weights of at most/);
    truncateSync(join(root, 'model', 'data.bin'), 64);
  });

  it('refuses graphs that are nested without end', () => {
    expect(() => inspect(delimited(7, nested(tensor([1], raw(4)), 40)))).toThrow(/at most 16 deep/);
  });

  it('refuses a missing data file with model.missing', () => {
    const beside = tensor([4], external({ location: 'gone.bin' }));
    expect(() => inspect(model(beside))).toThrow(expect.objectContaining({ code: 'model.missing' }));
  });

  it('answers any bytes in words', () => {
    const whole = model(tensor([2, 3], raw(24)), tensor([4, 4], external({ location: 'data.bin' })));
    fc.assert(
      fc.property(fc.nat(whole.length - 1), fc.integer({ min: 0, max: 255 }), (at, byte) => {
        const changed = whole.with(at, byte);
        try {
          inspect(changed);
        } catch (error) {
          expect(error).toMatchObject({ code: expect.stringMatching(/^model\./) });
        }
      }),
      { numRuns: 300 },
    );
  });
});
