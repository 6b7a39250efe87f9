import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as v from 'valibot';
import { CaptionsModel } from '../captions/captions-model';
import { CaptionsContractSchema } from '../captions/contract';
import { SHIPPED_MODELS_DIR, TINY_MODELS_DIR } from './fixtures';

/** Look-aheads of the random-weight captions graphs. */
export const TINY_LOOK_AHEADS = [0, 1, 6] as const;
export const TINY_TOKENS = join(TINY_MODELS_DIR, 'captions-tiny-tokens.txt');

/** The random-weight streaming graph of a look-ahead. */
export function tinyCaptionsFile(lookAhead: number): string {
  return join(TINY_MODELS_DIR, `captions-tiny-r${lookAhead}.onnx`);
}

/** The same weights over a whole signal: what the streamed scores must equal. */
export function tinyWholeFile(lookAhead: number): string {
  return join(TINY_MODELS_DIR, `captions-tiny-r${lookAhead}-whole.onnx`);
}

export const CAPTIONS_CONTRACT = v.parse(
  CaptionsContractSchema,
  JSON.parse(readFileSync(join(SHIPPED_MODELS_DIR, 'contracts/captions.json'), 'utf8')),
);

export function openTinyCaptions(lookAhead = 1): Promise<CaptionsModel> {
  const files = { path: tinyCaptionsFile(lookAhead), tokensPath: TINY_TOKENS, languagePath: null };
  return CaptionsModel.load(files, CAPTIONS_CONTRACT, 1);
}

/** Numbers from 0 to 1 that are the same at every call with a seed (a linear congruential generator). */
export function randomNumbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

/** Something that varies like speech does, at 48 kHz: noise and tones that come and go. */
export function babble(seconds: number, seed = 1): Float32Array {
  const random = randomNumbers(seed);
  const samples = new Float32Array(Math.round(48_000 * seconds));
  let [hz, level, phase] = [200, 0, 0];
  for (let n = 0; n < samples.length; n++) {
    if (n % 2400 === 0) {
      hz = 120 + 3000 * random() ** 2;
      level = random() < 0.3 ? 0 : 0.3 * random();
    }
    phase += (2 * Math.PI * hz) / 48_000;
    samples[n] = level * (Math.sin(phase) + 0.3 * (random() - 0.5)) + 0.002 * (random() - 0.5);
  }
  return samples;
}
