import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Tensor } from 'onnxruntime-node';
import * as v from 'valibot';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { bundleEntry } from '../../testing/bundle-entry';
import { SHIPPED_MODELS_DIR } from '../../testing/fixtures';
import { ContractSchema, graphSpec } from '../model-contract';
import { PromptEncoder } from '../prompt-encoder';
import { openGraph, type Graph } from '../session';
import { StageTimes } from '../timing';
import { sessionRuntime, useSessionRuntime } from './runtime';
import { openSideGraph } from './side-graph';

const contract = v.parse(
  ContractSchema,
  JSON.parse(readFileSync(join(SHIPPED_MODELS_DIR, 'contracts/animate.json'), 'utf8')),
);
const sizes = { B: 1, H: 256, W: 256, h: 32, w: 32 };
const file = (role: string) => join(SHIPPED_MODELS_DIR, `models/animate/${role}.onnx`);
const opening = (role: string) => ({ path: file(role), spec: graphSpec(contract, role), sizes });

function unetFeeds(fill: number) {
  const map = () => new Tensor('float32', new Float32Array(16 * 32 * 32).fill(fill), [1, 16, 32, 32]);
  return {
    sample: map(),
    sigma: new Tensor('float32', Float32Array.of(1), [1]),
    condition: map(),
    strength: new Tensor('float32', Float32Array.of(0.8), [1]),
    encoder_hidden_states: new Tensor('float32', new Float32Array(12 * 64).fill(0.1), [1, 12, 64]),
  };
}

describe('a graph in a side thread', { timeout: 60_000 }, () => {
  let bundle: Awaited<ReturnType<typeof bundleEntry>>;
  const graphs: Graph[] = [];
  beforeAll(async () => {
    bundle = await bundleEntry();
  }, 60_000);
  afterEach(async () => {
    for (const graph of graphs.splice(0)) await graph.release();
  });
  afterAll(() => bundle.dispose());

  it('gives what it gives in the loop, also to several asks at once, and the loop goes on meanwhile', async () => {
    const side = await openSideGraph(bundle.entryFile, opening('unet'));
    const local = await openGraph(file('unet'), graphSpec(contract, 'unet'), sizes, 1);
    graphs.push(side, local);
    const fills = [0.1, -0.4, 0.9];
    let turns = 0;
    let asking = true;
    const loop = (async () => {
      while (asking) {
        turns++;
        await new Promise((resolve) => setImmediate(resolve));
      }
    })();
    const answers = await Promise.all(fills.map((fill) => side.run(unetFeeds(fill))));
    asking = false;
    await loop;
    // In the loop itself each run is one turn.
    expect(turns).toBeGreaterThan(50);
    for (const [i, fill] of fills.entries()) {
      const { velocity } = await local.run(unetFeeds(fill));
      expect(answers[i]!.velocity!.dims).toEqual(velocity!.dims);
      expect(answers[i]!.velocity!.data).toEqual(velocity!.data);
    }
  });

  it('tells what is wrong with a file, and with a run, and goes on after the latter', async () => {
    const wrong = { ...opening('unet'), path: file('nothing') };
    await expect(openSideGraph(bundle.entryFile, wrong)).rejects.toMatchObject({ code: 'model.missing' });
    const side = await openSideGraph(bundle.entryFile, opening('unet'));
    graphs.push(side);
    await expect(side.run({})).rejects.toMatchObject({ code: 'engine.failed' });
    expect(Object.keys(await side.run(unetFeeds(0)))).toEqual(['velocity']);
  });

  it('[A8] a slow prompt encoder works there, a quick one in the loop', async () => {
    const before = sessionRuntime();
    useSessionRuntime({ ...before, sideEntry: bundle.entryFile });
    try {
      const { path, spec } = opening('text_encoder');
      const quick = await PromptEncoder.over(
        await openGraph(path, spec, sizes, 1),
        opening('text_encoder'),
        new StageTimes(),
      );
      expect(quick.beside).toBe(false);
      const ids = Array.from({ length: 12 }, (_, i) => (i < 2 ? i + 2 : 0));
      expect(quick.prepare(ids)).toBeNull();
      const graph = await openGraph(path, spec, sizes, 1);
      const slowly: Graph = {
        run: async (feeds) => {
          const results = await graph.run(feeds);
          for (const endMs = performance.now() + 20; performance.now() < endMs;);
          return results;
        },
        release: () => graph.release(),
      };
      const slow = await PromptEncoder.over(slowly, opening('text_encoder'), new StageTimes());
      expect(slow.beside).toBe(true);
      const preparing = slow.prepare(ids);
      expect(preparing).not.toBeNull();
      await preparing;
      expect(slow.prepare(ids)).toBeNull();
      expect((await slow.embed(ids)).data).toEqual((await quick.embed(ids)).data);
      await Promise.all([slow.release(), quick.release()]);
    } finally {
      useSessionRuntime(before);
    }
  });
});
