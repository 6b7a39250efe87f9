import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as v from 'valibot';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { graphSpec } from '../runtime/model-contract';
import { fillNormals } from '../runtime/philox';
import { openGraph, type Graph } from '../runtime/session';
import { SHIPPED_MODELS_DIR } from '../testing/fixtures';
import { AnimateContractSchema } from './contract';
import { AnimateNetwork, type Conditions } from './network';
import { flowLevels } from './stream/levels';
import { StreamBatch, type Guidance } from './stream/stream-batch';

const contract = v.parse(
  AnimateContractSchema,
  JSON.parse(readFileSync(join(SHIPPED_MODELS_DIR, 'contracts/animate.json'), 'utf8')),
);
const SIZES = [
  { width: 64, height: 64 },
  { width: 96, height: 64 },
];

function normals(seed: number, length: number): Float32Array {
  const values = new Float32Array(length);
  fillNormals({ low: seed, high: 3 }, 0, values);
  return values;
}

describe('the shipped network in the stream batch', { timeout: 60_000 }, () => {
  let graph: Graph;
  beforeAll(async () => {
    const sizes = { B: 1, H: 64, W: 64, h: 8, w: 8 };
    const file = join(SHIPPED_MODELS_DIR, 'models/animate/unet.onnx');
    graph = await openGraph(file, graphSpec(contract, 'unet'), sizes, 1);
  });
  afterAll(() => graph.release());

  function frame(tag: number, n: number, guidance: Guidance) {
    const size = SIZES[tag % 3 === 2 ? 1 : 0]!;
    const length = (contract.latentChannels * size.width * size.height) / contract.codecFactor ** 2;
    const source = normals(100 + tag, length);
    const conditions: Conditions = {
      size,
      condition: source,
      strength: 0.1 * (tag % 9),
      hidden: normals(200 + tag, 12 * 64),
      against: normals(300 + tag, 12 * 64),
    };
    const levels = flowLevels(contract.sigmas.slice(0, n));
    const noises = levels.map((_, slot) => normals(400 + slot, length));
    return {
      tag: conditions,
      plan: { levels, guidance, renoise: true, start: 'source' as const },
      source,
      noises,
    };
  }

  it.each([1, 2, 4].flatMap((n) => [1, 2].map((buffer) => [n, buffer] as const)))(
    '[S3] %i levels, frame buffer %i: within 1e-5 of each frame alone, sizes and guidance mixed',
    async (n, buffer) => {
      const modes = ['none', 'full', 'self', 'onetime'] as const;
      const guided = (tag: number): Guidance => ({ mode: modes[tag % 4]!, scale: 1.3, delta: 0.9 });
      const frames = Array.from({ length: 8 }, (_, tag) => frame(tag, n, guided(tag)));
      const batch = new StreamBatch<Conditions>('flow', new AnimateNetwork(graph, contract).run);
      const found = new Map<Conditions, Float32Array>();
      const step = async () => {
        for (const { tag, clean } of await batch.step()) found.set(tag, clean);
      };
      for (let k = 0; k < frames.length; k += buffer) {
        for (const one of frames.slice(k, k + buffer)) batch.enter(one);
        await step();
      }
      while (batch.size > 0) await step();
      for (const one of frames) {
        const alone = new StreamBatch<Conditions>('flow', new AnimateNetwork(graph, contract).run);
        alone.enter(one);
        let done: { clean: Float32Array }[] = [];
        while (alone.size > 0) done = await alone.step();
        const together = found.get(one.tag)!;
        const apart = done[0]!.clean.map((value, i) => Math.abs(value - together[i]!));
        expect(Math.max(...apart)).toBeLessThanOrEqual(1e-5);
      }
    },
  );
});
