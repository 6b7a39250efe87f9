import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  CAPTIONS_CONTRACT,
  TINY_LOOK_AHEADS,
  TINY_TOKENS,
  openTinyCaptions,
  randomNumbers,
  tinyCaptionsFile,
  tinyWholeFile,
} from '../testing/captions-fixtures';
import { CaptionsModel } from './captions-model';

const BANDS = 80;
const LEAD = 8;
/** Enough for the caches of 70 frames to be full and roll. */
const OUTPUTS = 168;

describe.each(TINY_LOOK_AHEADS)('a network that looks %i frames ahead', { timeout: 60_000 }, (lookAhead) => {
  it('[C5] chunk by chunk gives what it gives for the whole signal at once', async () => {
    const model = await openTinyCaptions(lookAhead);
    const { window, shift, chunk } = model.geometry;
    expect([window, shift, chunk]).toEqual([9 + 8 * (lookAhead + 1), 8 * (lookAhead + 1), lookAhead + 1]);
    const frames = OUTPUTS * 8 + 9;
    const signal = features(frames);
    const streamed: number[] = [];
    let caches = model.begin();
    for (let first = 0; first + window <= frames; first += shift) {
      const step = await model.run(slice(signal, frames, first, window), caches);
      streamed.push(...step.logProbabilities);
      caches = step.caches;
    }
    await model.release();

    const session = await InferenceSession.create(tinyWholeFile(lookAhead), { logSeverityLevel: 3 });
    const { logprobs } = await session.run({
      audio_signal: new Tensor('float32', signal, [1, BANDS, frames]),
    });
    await session.release();
    const whole = logprobs!.data as Float32Array;
    expect(streamed.length).toBe(OUTPUTS * (model.pieces.length + 1));
    let worst = 0;
    streamed.forEach((value, i) => (worst = Math.max(worst, Math.abs(value - whole[i]!))));
    expect(worst).toBeLessThanOrEqual(1e-4);
  });
});

describe('CaptionsModel', { timeout: 60_000 }, () => {
  let dir: string;
  beforeAll(() => (dir = mkdtempSync(join(tmpdir(), 'fantascope-captions-'))));
  afterAll(() => rmSync(dir, { recursive: true, force: true }));

  it('[C5] the caches make a difference: a run with those of the beginning is another', async () => {
    const model = await openTinyCaptions();
    const { window } = model.geometry;
    const first = await model.run(features(window), model.begin());
    const again = await model.run(features(window), model.begin());
    const after = await model.run(features(window), first.caches);
    expect(again.logProbabilities).toEqual(first.logProbabilities);
    expect(after.logProbabilities).not.toEqual(first.logProbabilities);
    await model.release();
  });

  const load = (path: string) =>
    CaptionsModel.load({ path, tokensPath: TINY_TOKENS, languagePath: null }, CAPTIONS_CONTRACT, 1);

  /** The graph of look-ahead 1, with other metadata of the same length. */
  function changed(changes: Record<string, [from: string, to: string]>): string {
    let bytes = readFileSync(tinyCaptionsFile(1)).toString('latin1');
    for (const [key, [from, to]] of Object.entries(changes)) {
      const entry = (value: string) => `${key}\x12${String.fromCharCode(value.length)}${value}`;
      expect(bytes).toContain(entry(from));
      bytes = bytes.replace(entry(from), entry(to));
    }
    const path = join(dir, 'changed.onnx');
    writeFileSync(path, Buffer.from(bytes, 'latin1'));
    return path;
  }

  it.each<[string, Record<string, [string, string]>, RegExp]>([
    [
      'whose metadata promises more look-ahead than the graph has',
      { window_size: ['25', '65'], chunk_shift: ['16', '56'] },
      /looks 6 frames ahead, so each window of 65 feature frames must give 7 frames of scores; it does not fit.*Choose/s,
    ],
    [
      'whose window does not follow from its shift',
      { window_size: ['25', '24'] },
      /9 feature frames and 8 for each.*24 and a shift of 16/,
    ],
    ['with another sub-sampling', { subsampling_factor: ['8', '4'] }, /8 subsampling_factor.*"4"/],
    ['with other features', { feat_dim: ['80', '64'] }, /80 feat_dim.*"64"/],
    ['with a size that is none', { cache_last_time_dim3: ['8', 'x'] }, /cache_last_time_dim3.*"x"/],
    [
      'with other caches than it says',
      { cache_last_channel_dim3: ['16', '17'] },
      /cache_last_channel float32.*found/,
    ],
    ['without a word that it must have', { vocab_size: ['31', '30'] }, /30 tokens/],
  ])('[C5] refuses a model %s', async (_, changes, message) => {
    const loading = load(changed(changes));
    await expect(loading).rejects.toMatchObject({
      code: 'model.contract',
      message: expect.stringMatching(message),
    });
  });

  it('[C5] refuses a model without metadata, and says what is missing', async () => {
    const loading = load(tinyWholeFile(1));
    await expect(loading).rejects.toMatchObject({
      code: 'model.contract',
      message: expect.stringMatching(/must have the metadata window_size.*no window_size/),
    });
  });
});

/** [BANDS][frames] log energies that vary, the first 8 frames 0. */
function features(frames: number): Float32Array {
  const random = randomNumbers(7);
  const values = Float32Array.from({ length: BANDS * frames }, () => -10 + 8 * random());
  for (let band = 0; band < BANDS; band++) values.fill(0, band * frames, band * frames + LEAD);
  return values;
}

function slice(values: Float32Array, frames: number, first: number, count: number): Float32Array {
  const out = new Float32Array(BANDS * count);
  for (let band = 0; band < BANDS; band++) {
    out.set(values.subarray(band * frames + first, band * frames + first + count), band * count);
  }
  return out;
}
