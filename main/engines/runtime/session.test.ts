import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Tensor } from 'onnxruntime-node';
import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { copyOf, TINY_MODELS_DIR } from '../testing/fixtures';
import { ContractSchema, graphSpec, resolveDims, type GraphSpec } from './model-contract';
import { openGraph } from './session';

const contract = v.parse(
  ContractSchema,
  JSON.parse(readFileSync(join(TINY_MODELS_DIR, 'contracts/animate.json'), 'utf8')),
);
const sizes = { B: 1, H: 32, W: 64, h: 4, w: 8 };
const file = (role: string) => join(TINY_MODELS_DIR, `models/animate/${role}.onnx`);
const changed = (role: string, change: (spec: GraphSpec) => void): GraphSpec => {
  const spec = structuredClone(graphSpec(contract, role));
  change(spec);
  return spec;
};

describe('openGraph', () => {
  it.each(['codec_encoder', 'codec_decoder', 'text_encoder', 'unet'])('takes a fitting %s', async (role) => {
    const graph = await openGraph(file(role), graphSpec(contract, role), sizes, 1);
    await graph.release();
  });

  it.each<[string, string, (spec: GraphSpec) => void, RegExp]>([
    [
      'another input name',
      'unet',
      (s) => (s.inputs[1]!.name = 'timestep'),
      /timestep float32\[B\].*found.*sigma/,
    ],
    ['another type', 'text_encoder', (s) => (s.inputs[0]!.type = 'float32'), /input_ids float32.*int64/],
    ['another rank', 'unet', (s) => s.inputs[1]!.dims.push(1), /sigma float32\[B, 1\]/],
    [
      'another channel count',
      'codec_encoder',
      (s) => (s.inputs[0]!.dims[1] = 4),
      /image float32\[B, 4, H, W\]/,
    ],
    [
      'a fixed length where the graph is free',
      'unet',
      (s) => (s.inputs[1]!.dims[0] = 1),
      /sigma float32\[1\]/,
    ],
    ['an input the contract lacks', 'unet', (s) => s.inputs.splice(3, 1), /found also strength/],
    ['another output name', 'unet', (s) => (s.outputs[0]!.name = 'noise'), /noise.*found velocity/],
    [
      'another result size, which only a run shows',
      'codec_decoder',
      (s) => (s.outputs[0]!.dims = ['B', 3, '4h', '8w']),
      /\[1, 3, 16, 64\].*found \[1, 3, 32, 64\]/,
    ],
  ])('refuses %s with model.contract', async (_, role, change, message) => {
    const opening = openGraph(file(role), changed(role, change), sizes, 1);
    await expect(opening).rejects.toMatchObject({
      code: 'model.contract',
      message: expect.stringMatching(message),
    });
  });

  it('refuses a file that is no graph with model.corrupt', async () => {
    const path = join(TINY_MODELS_DIR, 'catalogue.json');
    await expect(openGraph(path, graphSpec(contract, 'unet'), sizes, 1)).rejects.toMatchObject({
      code: 'model.corrupt',
    });
  });

  it.each([
    ['codec_encoder', 'codec_decoder'],
    ['unet', 'text_encoder'],
  ])('refuses %s in the place of %s with model.contract', async (found, role) => {
    const opening = openGraph(file(found), graphSpec(contract, role), sizes, 1);
    await expect(opening).rejects.toMatchObject({ code: 'model.contract' });
  });

  it('refuses a graph cut short anywhere in words', async () => {
    const copy = copyOf(dirname(file('unet')));
    const whole = readFileSync(file('unet'));
    for (let part = 1; part < 24; part++) {
      writeFileSync(join(copy.dir, 'unet.onnx'), whole.subarray(0, Math.floor((whole.length * part) / 24)));
      const opening = openGraph(join(copy.dir, 'unet.onnx'), graphSpec(contract, 'unet'), sizes, 1);
      await expect(opening).rejects.toMatchObject({ code: expect.stringMatching(/^model\./) });
    }
    copy.dispose();
  });
});

describe('openGraph, bound by position', () => {
  const unet = graphSpec(contract, 'unet');
  const other = changed('unet', (spec) => {
    spec.inputs.forEach((input, i) => (input.name = `place_${i}`));
    spec.outputs[0]!.name = 'result';
  });

  it('speaks the contract’s names to a graph that has others', async () => {
    const graph = await openGraph(file('unet'), other, sizes, 1, 'position');
    const byName = await openGraph(file('unet'), unet, sizes, 1);
    const feeds = unet.inputs.map(({ dims }, i) => {
      const shape = resolveDims(dims, sizes);
      const length = shape.reduce((product, dim) => product * dim, 1);
      return new Tensor('float32', new Float32Array(length).fill(0.1 * (i + 1)), shape);
    });
    const named = (spec: GraphSpec) =>
      Object.fromEntries(spec.inputs.map(({ name }, i) => [name, feeds[i]!]));
    const { result } = await graph.run(named(other));
    const { velocity } = await byName.run(named(unet));
    expect(result!.data).toEqual(velocity!.data);
    const own = new Tensor('float32', new Float32Array(velocity!.data.length), velocity!.dims);
    await graph.run(named(other), { result: own });
    expect(own.data).toEqual(velocity!.data);
    await graph.release();
    await byName.release();
  });

  it.each<[string, (spec: GraphSpec) => void, RegExp]>([
    ['another order', (s) => s.inputs.reverse(), /must have/],
    ['a tensor too many', (s) => s.inputs.pop(), /found also/],
    [
      'a tensor too few',
      (s) => s.outputs.push({ name: 'more', type: 'float32', dims: ['B'] }),
      /more float32/,
    ],
  ])('refuses %s', async (_, change, message) => {
    const opening = openGraph(file('unet'), changed('unet', change), sizes, 1, 'position');
    await expect(opening).rejects.toMatchObject({
      code: 'model.contract',
      message: expect.stringMatching(message),
    });
  });
});

it('resolveDims multiplies, divides and adds', () => {
  expect(resolveDims(['B', 3, 'H/8', '8w'], sizes)).toEqual([1, 3, 4, 64]);
  expect(resolveDims(['R+1', 'Ct'], { R: 6, Ct: 8 })).toEqual([7, 8]);
  expect(() => resolveDims(['Z'], sizes)).toThrow('Z');
});
