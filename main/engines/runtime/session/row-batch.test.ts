import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Tensor } from 'onnxruntime-node';
import * as v from 'valibot';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TINY_MODELS_DIR } from '../../testing/fixtures';
import { ContractSchema, graphSpec } from '../model-contract';
import { openGraph, type Graph } from '../session';
import { RowBatch } from './row-batch';
import { unitNoise } from './provider-check';

const contract = v.parse(
  ContractSchema,
  JSON.parse(readFileSync(join(TINY_MODELS_DIR, 'contracts/animate.json'), 'utf8')),
);
const sizes = { B: 1, h: 4, w: 8 };
const spec = graphSpec(contract, 'unet');

describe('RowBatch', () => {
  let graph: Graph;
  beforeAll(async () => {
    graph = await openGraph(join(TINY_MODELS_DIR, 'models/animate/unet.onnx'), spec, sizes, 1);
  });
  afterAll(() => graph.release());

  it('gives each row what it would get alone, run after run in the same memory', async () => {
    const batch = new RowBatch(spec, 'B', 3, sizes);
    const result = batch.output('velocity', 1);
    for (const run of [0, 1]) {
      const rows = [0, 1, 2].map((row) => {
        const feeds: Record<string, Tensor> = {};
        for (const [i, { name, dims }] of spec.inputs.entries()) {
          const values = batch.input(name, row) as Float32Array;
          values.set(unitNoise(values.length, 100 * run + 10 * row + i));
          const shape = dims.map((dim, axis) =>
            axis === 0 ? 1 : typeof dim === 'number' ? dim : sizes[dim as 'h'],
          );
          feeds[name] = new Tensor('float32', values.slice(), shape);
        }
        return feeds;
      });
      await batch.run(graph);
      for (const [row, feeds] of rows.entries()) {
        const { velocity } = await graph.run(feeds);
        const apart = (batch.output('velocity', row) as Float32Array).map((value, i) =>
          Math.abs(value - (velocity!.data as Float32Array)[i]!),
        );
        expect(Math.max(...apart)).toBeLessThanOrEqual(1e-6);
      }
    }
    expect(batch.output('velocity', 1).buffer).toBe(result.buffer);
  });

  it('says what is no tensor of the graph, and which has no rows', () => {
    const batch = new RowBatch(spec, 'B', 2, sizes);
    expect(() => batch.input('nothing', 0)).toThrow('has no tensor nothing');
    const odd = structuredClone(spec);
    odd.inputs[0]!.dims = [1, 16, 'h', 'w'];
    expect(() => new RowBatch(odd, 'B', 2, sizes)).toThrow('must have B rows first, has [1, 16, h, w]');
  });
});
