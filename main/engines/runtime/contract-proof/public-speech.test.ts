import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runSherpa } from '../../../../bench/lib/sherpa';
import { goldenFeeds, provePublic, PUBLIC_MODELS_DIR, readGoldenRuns } from '../../testing/public-fixtures';
import { openGraph, releaseGraphs, type Graph, type Tensors } from '../session';
import { makeTensor, numbersOf } from '../session/tensors';

const MOST_SYMBOLS = 10;
const greedyOf = (folder: string): number[] =>
  JSON.parse(readFileSync(join(PUBLIC_MODELS_DIR, folder, 'golden.json'), 'utf8')).greedy as number[];
const argmax = (scores: readonly number[]) => scores.indexOf(Math.max(...scores));

async function openAll(folder: string, contract: string) {
  const { graphs, sizes } = provePublic(folder, contract);
  const open: Record<string, Graph> = {};
  for (const { role, path, fit } of graphs) open[role] = await openGraph(path, fit.spec, sizes, 1, fit.names);
  return { open, sizes };
}

/** Every result of the golden stream of chunks, caches handed on. */
async function stream(graph: Graph, folder: string, role: string): Promise<Tensors[]> {
  const results: Tensors[] = [];
  for (const run of readGoldenRuns(folder).filter((golden) => golden.role === role)) {
    results.push(await graph.run(goldenFeeds(run, results.at(-1) ?? {})));
  }
  return results;
}

describe('the random-weight speech models, streamed and decoded', () => {
  it('CTC: each new best token but the blank, across chunks', async () => {
    const { open, sizes } = await openAll('nemo-ctc', 'nemo-ctc-streaming');
    const width = sizes.V! + 1;
    const best = (await stream(open.model!, 'nemo-ctc', 'model')).flatMap(({ logprobs }) => {
      const scores = Array.from(numbersOf(logprobs!));
      return Array.from({ length: scores.length / width }, (_, t) =>
        argmax(scores.slice(t * width, (t + 1) * width)),
      );
    });
    const heard = best.filter((token, t) => token !== sizes.V && token !== best[t - 1]);
    expect(heard).toEqual(greedyOf('nemo-ctc'));
    expect(new Set(best).size).toBeGreaterThan(3);
    await releaseGraphs(open);
  });

  it('transducer: up to ten tokens a frame, states that only a token changes', async () => {
    const { open, sizes } = await openAll('nemo-transducer', 'nemo-transducer-streaming');
    const { V, N, P, D } = sizes as Record<'V' | 'N' | 'P' | 'D', number>;
    const predict = (target: number, hidden: Tensors[string], cell: Tensors[string]) =>
      open.decoder!.run({
        targets: makeTensor('int32', [1, 1], () => target),
        target_length: makeTensor('int32', [1], () => 1),
        hidden: hidden,
        cell: cell,
      });
    const zeros = () => makeTensor('float32', [P, 1, N]);
    let state = await predict(V, zeros(), zeros());
    const heard: number[] = [];
    for (const { outputs } of await stream(open.encoder!, 'nemo-transducer', 'encoder')) {
      const frames = outputs!.dims[2]!;
      for (let t = 0; t < frames; t++) {
        const frame = makeTensor('float32', [1, D, 1], (d) => numbersOf(outputs!)[d * frames + t]!);
        for (let n = 0; n < MOST_SYMBOLS; n++) {
          const { logits } = await open.joiner!.run({
            encoder_outputs: frame,
            decoder_outputs: state.outputs!,
          });
          const token = argmax(Array.from(numbersOf(logits!)));
          if (token === V) break;
          heard.push(token);
          state = await predict(token, state.hidden_next!, state.cell_next!);
        }
      }
    }
    expect(heard).toEqual(greedyOf('nemo-transducer'));
    expect(new Set(heard).size).toBeGreaterThan(2);
    await releaseGraphs(open);
  });
});

const hasSherpa = existsSync(resolve(import.meta.dirname, '../../../../node_modules/sherpa-onnx-node'));

// The runtime that the public exports are made for: what it takes has their contract.
describe.skipIf(!hasSherpa)('sherpa-onnx itself', () => {
  it.each(['nemo-ctc', 'nemo-transducer'])(
    'streams sound through %s',
    { timeout: 60_000 },
    async (folder) => {
      const tone = (_: unknown, i: number) => 0.3 * Math.sin(i / 20) * Math.sin(i / 1500);
      const sound = Float32Array.from({ length: 32_000 }, tone);
      const { text } = await runSherpa(join(PUBLIC_MODELS_DIR, folder), sound);
      expect(typeof text).toBe('string');
    },
  );
});
