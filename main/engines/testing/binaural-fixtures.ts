import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import * as v from 'valibot';
import { BinauralContractSchema, type BinauralContract } from '../binaural/contract';
import { loadVelocityNetwork, type VelocityNetwork } from '../binaural/velocity-graph';
import { fillNormals } from '../runtime/philox';

const FOLDER = resolve(import.meta.dirname, 'models', 'binaural-tiny');

/** The contract of the random-weight binaural model. */
export function tinyBinauralContract(): BinauralContract {
  const text = readFileSync(join(FOLDER, 'binaural.json'), 'utf8');
  return v.parse(BinauralContractSchema, JSON.parse(text));
}

/** The random-weight binaural model; made by native-models/train/binaural/tiny.py. */
export function openTinyBinaural(): Promise<VelocityNetwork> {
  return loadVelocityNetwork(join(FOLDER, 'velocity.onnx'), tinyBinauralContract(), 1);
}

/** A network that returns φ unchanged at the end of an Euler step from 0: velocity = start − φ. */
export function echoNetwork(contract = tinyBinauralContract()): VelocityNetwork {
  return {
    contract,
    evaluate: async ({ sample, start }, caches) => ({
      velocity: start.map((value, i) => value - sample[i]!),
      caches: [...caches],
    }),
    release: async () => {},
  };
}

/** Stereo noise of a seed, interleaved. */
export function stereoNoise(blocks: number, seed: number): Float32Array<ArrayBuffer> {
  const samples = new Float32Array(blocks * 256);
  fillNormals({ low: seed, high: 0 }, 0, samples);
  return samples.map((x) => 0.1 * x);
}
