import { closeSync, mkdtempSync, openSync, rmSync, truncateSync, writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InferenceSession } from 'onnxruntime-node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { delimited, entry, number, text, varint } from '../testing/proto-bytes';
import { provePublic, PUBLIC_VARIANTS } from '../testing/public-fixtures';
import { readOnnxHeader } from './onnx-header';

type Bytes = number[];
const dim = (length: number | bigint | string) =>
  delimited(1, typeof length === 'string' ? text(2, length) : number(1, length));
const value = (field: number, name: string, type: number, dims: (number | bigint | string)[]): Bytes =>
  delimited(field, [
    ...text(1, name),
    ...delimited(2, delimited(1, [...number(1, type), ...delimited(2, dims.flatMap(dim))])),
  ]);
const [INPUT, OUTPUT, FLOAT, HALF] = [11, 12, 1, 10];

describe('readOnnxHeader', () => {
  let dir: string;
  let file: string;
  beforeAll(() => {
    dir = mkdtempSync(join(tmpdir(), 'fantascope-header-'));
    file = join(dir, 'model.onnx');
  });
  afterAll(() => rmSync(dir, { recursive: true, force: true }));
  const read = (...bytes: Bytes[]) => {
    writeFileSync(file, Uint8Array.from(bytes.flat()));
    return readOnnxHeader(file);
  };

  it.each(PUBLIC_VARIANTS)('reads of %s what ONNX Runtime declares', async (folder, contract) => {
    for (const { path, header } of provePublic(folder, contract).graphs) {
      const session = await InferenceSession.create(path, { graphOptimizationLevel: 'disabled' });
      const own = session.inputMetadata.map((found) => (found.isTensor ? found : null));
      expect(header.inputs).toEqual(
        own.map((found) => ({ name: found?.name, type: found?.type, dims: found?.shape })),
      );
      expect(header.outputs.map(({ name }) => name)).toEqual(session.outputNames);
      expect(header).toMatchObject({ opset: 17, irVersion: 8, producer: 'fantascope-tests' });
      await session.release();
    }
  });

  it('leaves constants out, keeps order, and takes negative lengths as free ones', () => {
    const weight = delimited(5, [...text(8, 'w'), ...number(2, FLOAT)]);
    const graph = [
      weight,
      value(INPUT, 'x', HALF, ['B', 4]),
      value(INPUT, 'w', FLOAT, [3]),
      value(INPUT, 'y', FLOAT, [2n ** 64n - 1n]),
      value(OUTPUT, 'z', FLOAT, []),
    ];
    const header = read(delimited(7, graph.flat()), entry(14, ['key', 'value']));
    expect(header.inputs).toEqual([
      { name: 'x', type: 'float16', dims: ['B', 4] },
      { name: 'y', type: 'float32', dims: ['?'] },
    ]);
    expect(header.outputs).toEqual([{ name: 'z', type: 'float32', dims: [] }]);
    expect(Object.fromEntries(header.metadata)).toEqual({ key: 'value' });
  });

  it('reads past five gigabytes of weights in the file, in little time and memory', () => {
    const gigabytes = 5 * 2 ** 30;
    const after = [...value(INPUT, 'x', FLOAT, [1]), ...value(OUTPUT, 'y', FLOAT, [1])];
    const tensor = [...text(8, 'w'), ...varint(9 * 8 + 2), ...varint(gigabytes)];
    const initializer = [...varint(5 * 8 + 2), ...varint(tensor.length + gigabytes), ...tensor];
    const graph = initializer.length + gigabytes + after.length;
    const before = Uint8Array.from([...varint(7 * 8 + 2), ...varint(graph), ...initializer]);
    truncateSync(file, 0);
    const descriptor = openSync(file, 'r+');
    writeSync(descriptor, before, 0, before.length, 0);
    writeSync(descriptor, Uint8Array.from(after), 0, after.length, before.length + gigabytes);
    closeSync(descriptor);
    const { rss } = process.memoryUsage();
    const header = readOnnxHeader(file);
    expect(header.inputs).toEqual([{ name: 'x', type: 'float32', dims: [1] }]);
    expect(header.outputs).toEqual([{ name: 'y', type: 'float32', dims: [1] }]);
    expect(header.bytes).toBe(before.length + gigabytes + after.length);
    expect(process.memoryUsage().rss - rss).toBeLessThan(64 * 2 ** 20);
    truncateSync(file, 0);
  });

  it.each<[string, Bytes]>([
    ['no graph', text(2, 'nobody')],
    ['two graphs', [...delimited(7, []), ...delimited(7, [])]],
    [
      'a tensor of too many axes',
      delimited(
        7,
        value(
          INPUT,
          'x',
          FLOAT,
          Array.from({ length: 65 }, () => 1),
        ),
      ),
    ],
    ['a name without end', delimited(7, value(INPUT, 'x'.repeat(5000), FLOAT, [1]))],
    ['something else', [...new TextEncoder().encode('no model at all')]],
  ])('refuses %s with model.corrupt', (_, bytes) => {
    expect(() => read(bytes)).toThrow(expect.objectContaining({ code: 'model.corrupt' }));
  });

  it('refuses a file that is not there with model.missing', () => {
    const missing = expect.objectContaining({ code: 'model.missing' });
    expect(() => readOnnxHeader(join(dir, 'absent.onnx'))).toThrow(missing);
  });
});
