import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  goldenFeeds,
  provePublic,
  PUBLIC_MODELS_DIR,
  PUBLIC_VARIANTS,
  readContract,
  readGoldenRuns,
} from '../../testing/public-fixtures';
import { openGraph, releaseGraphs, type Graph, type Tensors } from '../session';
import { numbersOf } from '../session/tensors';
import { findFiles, proveFiles } from './prove-files';
import { proveModel } from './prove-model';

/** Half floats have eleven bits; sums of many of them lose some more. */
const TOLERANCE = { float32: 2e-5, float16: 1e-2 };

describe.each(PUBLIC_VARIANTS)('the random-weight model %s', (folder, contractName) => {
  const contract = readContract(contractName);
  const files = findFiles(contract, join(PUBLIC_MODELS_DIR, folder));

  it('is what its contract says', async () => {
    const { graphs } = await proveModel(contract, files);
    expect(graphs.map(({ role }) => role)).toEqual([
      ...new Set(readGoldenRuns(folder).map(({ role }) => role)),
    ]);
  });

  it('gives what numpy makes of its weights, in the contract’s names', async () => {
    const { graphs, sizes } = provePublic(folder, contractName);
    const open: Record<string, Graph> = {};
    let [role, before]: [string, Tensors] = ['', {}];
    for (const run of readGoldenRuns(folder)) {
      const { path, fit } = graphs.find((graph) => graph.role === run.role)!;
      open[run.role] ??= await openGraph(path, fit.spec, sizes, 1, fit.names);
      if (run.role !== role) [role, before] = [run.role, {}];
      before = await open[run.role]!.run(goldenFeeds(run, before));
      for (const [name, golden] of Object.entries(run.outputs)) {
        const result = before[name]!;
        expect(result.dims, name).toEqual(golden.dims);
        const numbers = Array.from(numbersOf(result));
        const seen = numbers.filter((_, i) => i % golden.every === 0);
        const allowed = result.type === 'float16' ? TOLERANCE.float16 : TOLERANCE.float32;
        seen.forEach((value, i) => expect(Math.abs(value - golden.values[i]!), name).toBeLessThan(allowed));
        const sum = numbers.reduce((total, value) => total + value, 0);
        expect(Math.abs(sum - golden.sum), name).toBeLessThan(allowed * numbers.length);
      }
    }
    await releaseGraphs(open);
  });
});

it('results that the contract does not name are allowed where it says so, and not given', async () => {
  const contract = readContract('stable-diffusion');
  const text = contract.files.find(({ role }) => role === 'text_encoder')!;
  text.outputs = text.outputs.filter(({ name }) => name !== 'pooler_output');
  const { graphs, sizes } = proveFiles(contract, findFiles(contract, join(PUBLIC_MODELS_DIR, 'sd15-lcm')));
  const { path, fit } = graphs.find(({ role }) => role === 'text_encoder')!;
  const graph = await openGraph(path, fit.spec, sizes, 1, fit.names);
  const [run] = readGoldenRuns('sd15-lcm');
  expect(Object.keys(await graph.run(goldenFeeds(run!, {})))).toEqual(['last_hidden_state']);
  await graph.release();
});

describe('the tiny CLIP tokenizer', () => {
  type Case = { text: string; ids: number[] };
  const cases = JSON.parse(readFileSync(join(PUBLIC_MODELS_DIR, 'tokenizer-golden.json'), 'utf8')) as Case[];
  const read = (folder: string, file: string) =>
    JSON.parse(readFileSync(join(PUBLIC_MODELS_DIR, folder, 'tokenizer', file), 'utf8')) as Record<
      string,
      never
    >;
  const vocabulary = read('sd15-lcm', 'vocab.json') as Record<string, number>;

  it('has ids that follow from its files by hand', () => {
    // 188 letters that are seen come first, from "!" on: "a" is the 65th. The merges begin at 512.
    expect(vocabulary).toMatchObject({ '!': 0, a: 64, 'a</w>': 320, th: 512, 'the</w>': 513 });
    expect(vocabulary).toMatchObject({ 'cat</w>': 515, '<|startoftext|>': 546, '<|endoftext|>': 547 });
    expect(cases.find(({ text }) => text === 'a cat')!.ids).toEqual([546, 320, 515, 547]);
    expect(cases.find(({ text }) => text === '')!.ids).toEqual([546, 547]);
  });

  it('golden ids spell their texts', () => {
    const words = Object.entries(vocabulary)
      .sort(([, a], [, b]) => a - b)
      .map(([word]) => word);
    for (const { text, ids } of cases) {
      expect(ids.length).toBeLessThanOrEqual(77);
      expect([ids[0], ids.at(-1)]).toEqual([546, 547]);
      if (/[^ -~]/.test(text)) continue;
      const spelt = ids
        .slice(1, -1)
        .map((id) => words[id]!)
        .join('')
        .replaceAll('</w>', '');
      const letters = text.toLowerCase().replace(/\s/g, '');
      expect(ids.length === 77 ? letters.startsWith(spelt) : letters === spelt, text).toBe(true);
    }
  });

  it('pads with the end in SD 1.5 and with "!" in SD-Turbo', () => {
    expect(read('sd15-lcm', 'special_tokens_map.json')).toMatchObject({ pad_token: '<|endoftext|>' });
    expect(read('sd-turbo', 'special_tokens_map.json')).toMatchObject({ pad_token: '!' });
    const idsOf = (folder: string) =>
      (readGoldenRuns(folder)[0]!.inputs.input_ids as { values: number[] }).values.slice(-3);
    expect(idsOf('sd15-lcm')).toEqual([547, 547, 547]);
    expect(idsOf('sd-turbo')).toEqual([0, 0, 0]);
  });
});
