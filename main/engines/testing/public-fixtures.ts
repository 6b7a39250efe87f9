import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Tensor } from 'onnxruntime-node';
import * as v from 'valibot';
import { findFiles, proveFiles, type FilesProof } from '../runtime/contract-proof/prove-files';
import { ContractSchema, type Contract, type TensorSpec } from '../runtime/model-contract';
import type { Tensors } from '../runtime/session';
import { makeTensor } from '../runtime/session/tensors';
import { SHIPPED_MODELS_DIR } from './fixtures';

/** Random-weight models with public contracts; see native-models/train/public. */
export const PUBLIC_MODELS_DIR = resolve(import.meta.dirname, 'public-models');
/** Each of their folders, and its contract. */
export const PUBLIC_VARIANTS = [
  ['sd15-lcm', 'stable-diffusion'],
  ['sd15-scalar', 'stable-diffusion'],
  ['sd15-fp16', 'stable-diffusion'],
  ['sd-turbo', 'sd-turbo'],
  ['taesd', 'taesd'],
  ['nemo-ctc', 'nemo-ctc-streaming'],
  ['nemo-transducer', 'nemo-transducer-streaming'],
  ['modnet', 'matting-modnet'],
  ['upscale-x4', 'upscale-compact'],
  ['upscale-x4-fp16', 'upscale-compact'],
  ['upscale-x2', 'upscale-compact'],
] as const;

/** A tensor as golden.json tells it: its values, a ramp of them, or an output of the run before. */
type GoldenInput =
  | { type: TensorSpec['type']; dims: number[]; values: number[] }
  | { type: TensorSpec['type']; dims: number[]; ramp: [seed: number, low: number, high: number] }
  | { from: string };
/** Every so-manieth value of a result, and the sum of all. */
type GoldenOutput = { dims: number[]; every: number; values: number[]; sum: number };
export type GoldenRun = {
  role: string;
  inputs: Record<string, GoldenInput>;
  outputs: Record<string, GoldenOutput>;
};

export function readContract(name: string): Contract {
  const text = readFileSync(join(SHIPPED_MODELS_DIR, 'contracts', `${name}.json`), 'utf8');
  return v.parse(ContractSchema, JSON.parse(text));
}

/** What the files of a random-weight model say, and their paths. */
export function provePublic(folder: string, contractName: string): FilesProof {
  const contract = readContract(contractName);
  return proveFiles(contract, findFiles(contract, join(PUBLIC_MODELS_DIR, folder)));
}

export function readGoldenRuns(folder: string): GoldenRun[] {
  const text = readFileSync(join(PUBLIC_MODELS_DIR, folder, 'golden.json'), 'utf8');
  return (JSON.parse(text) as { runs: GoldenRun[] }).runs;
}

/** The inputs of a golden run; `before` are the results of the run before it. */
export function goldenFeeds({ inputs }: GoldenRun, before: Tensors): Tensors {
  return Object.fromEntries(
    Object.entries(inputs).map(([name, input]): [string, Tensor] => {
      if ('from' in input) return [name, before[input.from]!];
      const { type, dims } = input;
      if ('values' in input) return [name, makeTensor(type, dims, (i) => input.values[i]!)];
      const [seed, low, high] = input.ramp;
      const at = (i: number) => low + ((high - low) * ((7919 * i + 104_729 * seed) % 1009)) / 1008;
      return [name, makeTensor(type, dims, at)];
    }),
  );
}
