import { describe, expect, it } from 'vitest';
import type { Declared, GraphSpec, TensorSpec } from '../model-contract';
import { fitGraph } from './fit-graph';
import { Symbols } from './symbols';

const tensor = (name: string, dims: Declared['dims'], type = 'float32'): Declared => ({ name, type, dims });
const spec = (
  inputs: TensorSpec[],
  outputs: TensorSpec[] = [],
  more: Partial<GraphSpec> = {},
): GraphSpec => ({
  role: 'graph',
  inputs,
  outputs,
  ...more,
});
const fit = (rules: GraphSpec, inputs: Declared[], outputs: Declared[] = [], symbols = new Symbols()) =>
  fitGraph('graph "g"', {}, rules, { inputs, outputs }, symbols);

describe('fitGraph', () => {
  const timestep: TensorSpec = {
    name: 'timestep',
    names: ['t'],
    type: 'int64',
    types: ['float32'],
    dims: ['B'],
    shapes: [[1], []],
  };

  it.each<[string, Declared, TensorSpec['type'], TensorSpec['dims']]>([
    ['a batch of whole numbers', tensor('timestep', ['batch'], 'int64'), 'int64', ['B']],
    ['one float', tensor('t', [1]), 'float32', [1]],
    ['a scalar', tensor('timestep', []), 'float32', []],
    ['a batch that is fixed', tensor('timestep', [4], 'int64'), 'int64', ['B']],
  ])('takes %s, and says which of its ways it is', (_, found, type, dims) => {
    const { spec: fitted, names } = fit(spec([timestep]), [found]);
    expect(fitted.inputs[0]).toMatchObject({ name: 'timestep', type, dims });
    expect(names.inputs).toEqual({ timestep: found.name });
  });

  it.each<[string, Declared]>([
    ['another name', tensor('time', ['batch'], 'int64')],
    ['another type', tensor('timestep', ['batch'], 'int32')],
    ['another rank', tensor('timestep', ['batch', 1], 'int64')],
  ])('refuses %s, and names every way', (_, found) => {
    expect(() => fit(spec([timestep]), [found])).toThrow(
      /timestep \(or t\) int64 or float32\[B\] or \[1\] or \[\]; found/,
    );
  });

  it('settles a symbol once for all graphs, and says who did', () => {
    const symbols = new Symbols({ D: [768, 1024] }, ['F']);
    const width = spec([{ name: 'x', type: 'float32', dims: ['B', 'D'] }]);
    expect(() => fit(width, [tensor('x', ['b', 512])], [], symbols)).toThrow(/D = 768 or 1024/);
    fit(width, [tensor('x', ['b', 768])], [], symbols);
    expect(symbols.sizes({ B: 1, D: 5 })).toEqual({ B: 1, D: 768 });
    expect(() => fit(width, [tensor('x', ['b', 1024])], [], symbols)).toThrow(/D = 768 \(x of graph "g"\)/);
    const frames = spec([{ name: 'x', type: 'float32', dims: ['F'] }]);
    expect(() => fit(frames, [tensor('x', [3])], [], symbols)).toThrow(/with F left free/);
  });

  it('refuses one symbol of two sizes within a shape, and sizes that are not whole', () => {
    const square = spec([{ name: 'x', type: 'float32', dims: ['H', 'H'] }]);
    expect(() => fit(square, [tensor('x', [8, 16])])).toThrow(/x float32\[H, H\]/);
    const eighth = spec([{ name: 'x', type: 'float32', dims: ['8h'] }]);
    expect(() => fit(eighth, [tensor('x', [12])])).toThrow(/8h/);
    const later = spec([{ name: 'x', type: 'float32', dims: ['R+2'] }]);
    expect(() => fit(later, [tensor('x', [1])])).toThrow(/R\+2/);
  });

  it('leaves to a run what no header tells', () => {
    const output: TensorSpec = { name: 'y', type: 'float32', dims: ['4H'], shapes: [['2H']] };
    const { spec: open } = fit(spec([], [output]), [], [tensor('y', ['rows'])]);
    expect(open.outputs[0]).toMatchObject({ dims: ['4H'], shapes: [['2H']] });
    const symbols = new Symbols();
    symbols.settle('H', 16, 'x');
    const { spec: settled } = fit(spec([], [output]), [], [tensor('y', [32])], symbols);
    expect(settled.outputs[0]).toMatchObject({ dims: ['2H'], shapes: [] });
  });

  it('takes results beyond the contract only where it allows them, and inputs never', () => {
    const y: TensorSpec = { name: 'y', type: 'float32', dims: ['B'] };
    const found = [tensor('y', ['b']), tensor('hidden', ['b'])];
    expect(() => fit(spec([], [y]), [], found)).toThrow(/outputs of graph "g".*also hidden/);
    const { names } = fit(spec([], [y], { extraOutputs: true }), [], found);
    expect(names.outputs).toEqual({ y: 'y' });
    expect(() => fit(spec([y], [], { extraOutputs: true }), found)).toThrow(
      /inputs of graph "g".*also hidden/,
    );
  });

  it('leaves out optional tensors that a graph lacks', () => {
    const optional: TensorSpec = { name: 'z', type: 'float32', dims: ['B'], optional: true };
    const { spec: fitted } = fit(spec([timestep, optional]), [tensor('timestep', ['b'], 'int64')]);
    expect(fitted.inputs.map(({ name }) => name)).toEqual(['timestep']);
  });
});
