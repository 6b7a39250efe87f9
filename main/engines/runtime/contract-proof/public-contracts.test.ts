import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { SHIPPED_MODELS_DIR, TINY_MODELS_DIR } from '../../testing/fixtures';
import { symbolOf } from '../contract-dims';
import { ContractSchema, type Contract } from '../model-contract';

const FOLDER = join(SHIPPED_MODELS_DIR, 'contracts');
const read = (path: string) => JSON.parse(readFileSync(path, 'utf8')) as Partial<Contract>;
const contractsIn = (folder: string) =>
  readdirSync(folder)
    .filter((name) => name.endsWith('.json') && 'contract' in read(join(folder, name)))
    .map((name) => [name.slice(0, -5), join(folder, name)] as const);

describe.each(contractsIn(FOLDER))('the contract %s', (name, path) => {
  const contract = v.parse(ContractSchema, read(path));

  it('has its file’s name, a document, and roles that occur once', () => {
    expect(contract.contract).toBe(name);
    expect(existsSync(join(FOLDER, `${name}.md`))).toBe(true);
    const roles = contract.files.map(({ role }) => role);
    expect(new Set(roles).size).toBe(roles.length);
    expect(contract.proof).toBeDefined();
  });

  it('can be proved: each symbol has a size, or is told by metadata or by what a graph fixes', () => {
    const told = contract.files.flatMap(({ metadata = [] }) => metadata.map(({ gives }) => gives ?? 1));
    const known = new Set([
      ...Object.keys(contract.proof!.sizes),
      ...Object.keys(contract.proof!.only ?? {}),
      ...told.map(symbolOf),
    ]);
    const tensors = contract.files.flatMap(({ inputs, outputs }) => [...inputs, ...outputs]);
    const dims = tensors.flatMap(({ dims, shapes = [], value = 1 }) => [...dims, ...shapes.flat(), value]);
    for (const dim of dims) {
      const symbol = symbolOf(dim);
      if (symbol !== null) expect(known, `${dim}`).toContain(symbol);
    }
  });

  it('names tensors of a graph once, in groups of optional ones too', () => {
    for (const { inputs, outputs, exactlyOne = [] } of contract.files) {
      for (const tensors of [inputs, outputs]) {
        const names = tensors.flatMap(({ name: own, names: others = [] }) => [own, ...others]);
        expect(new Set(names).size).toBe(names.length);
      }
      for (const group of exactlyOne) {
        const tensors = [...inputs, ...outputs].filter(({ name: own }) => group.includes(own));
        expect(tensors.map(({ optional }) => optional)).toEqual(group.map(() => true));
      }
    }
  });
});

describe('ContractSchema', () => {
  const tensor = { name: 'x', type: 'float32', dims: ['B'] };
  const withFile = (file: object) => ({ contract: 'c', version: 1, files: [{ role: 'r', ...file }] });

  it('reads the contracts of the tests’ own models', () => {
    const found = contractsIn(join(TINY_MODELS_DIR, 'contracts'));
    expect(found.length).toBeGreaterThan(0);
    for (const [, path] of found) expect(v.is(ContractSchema, read(path))).toBe(true);
  });

  it.each<[string, object]>([
    ['an entry that it does not know', { inputs: [{ ...tensor, dtype: 'float32' }] }],
    ['another type', { inputs: [{ ...tensor, type: 'bfloat16' }] }],
    ['a dim that is no length', { inputs: [{ ...tensor, dims: ['B*2'] }] }],
    ['a length of 0', { inputs: [{ ...tensor, dims: [0] }] }],
    ['a place outside the folder', { file: '../model.onnx' }],
    ['a place from the root', { others: ['/etc/passwd'] }],
    ['a metadata rule without a type', { metadata: [{ key: 'vocab_size' }] }],
  ])('refuses %s', (_, file) => {
    expect(v.is(ContractSchema, withFile({ inputs: [tensor] }))).toBe(true);
    expect(v.is(ContractSchema, withFile(file))).toBe(false);
  });
});
