import { join, resolve } from 'node:path';
import { InferenceSession, Tensor } from 'onnxruntime-node';

const FOLDER = resolve('main', 'engines', 'testing', 'models');
const BANDS = 80;
/** Output frames that the attention of a new one sees: 70 of the past and the chunk itself. */
const CONTEXT = 70 + 2;
const ROUNDS = 40;

/**
 * How much cheaper a chunk with caches is than hearing its whole context again: the streaming
 * graph of the random-weight model against its one-shot twin over 72 frames, alternating.
 */
export async function measureCacheSpeedup(): Promise<number[]> {
  const options = { intraOpNumThreads: 1, interOpNumThreads: 1, logSeverityLevel: 3 as const };
  const chunk = await InferenceSession.create(join(FOLDER, 'captions-tiny-r1.onnx'), options);
  const whole = await InferenceSession.create(join(FOLDER, 'captions-tiny-r1-whole.onnx'), options);
  const [signal, length, channel, time, filled] = chunk.inputMetadata.map((input) => {
    if (!input.isTensor) throw new Error(`Input ${input.name} is no tensor.`);
    const dims = input.shape.map((dim) => (typeof dim === 'number' ? dim : 1));
    const count = dims.reduce((product, dim) => product * dim, 1);
    const data = input.type === 'int64' ? new BigInt64Array(count).fill(25n) : new Float32Array(count);
    return { name: input.name, tensor: new Tensor(input.type as 'float32', data as Float32Array, dims) };
  });
  const feeds = Object.fromEntries(
    [signal, length, channel, time, filled].map((input) => [input!.name, input!.tensor]),
  );
  const frames = 8 * CONTEXT + 9;
  const all = { audio_signal: new Tensor('float32', new Float32Array(BANDS * frames), [1, BANDS, frames]) };
  const ratios: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const cachedMs = await timed(() => chunk.run(feeds));
    const wholeMs = await timed(() => whole.run(all));
    if (round > 0) ratios.push(wholeMs / cachedMs);
  }
  await chunk.release();
  await whole.release();
  return ratios;
}

async function timed(run: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await run();
  return performance.now() - start;
}
