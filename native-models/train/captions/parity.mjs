/**
 * Runs a captions model with onnxruntime-node over features chunk by chunk and prints, as JSON, the
 * largest difference from scores computed elsewhere and the milliseconds of a run.
 *
 * node captions/parity.mjs model.onnx features.f32 scores.f32 frames window shift
 * features: [80, frames] with the 8 leading zero frames; scores: [T', V + 1].
 */
import { readFileSync } from 'node:fs';
import ort from 'onnxruntime-node';

const [model, featureFile, scoreFile, ...numbers] = process.argv.slice(2);
const [frames, window, shift] = numbers.map(Number);
const floats = (path) => new Float32Array(new Uint8Array(readFileSync(path)).buffer);
const features = floats(featureFile);
const expected = floats(scoreFile);

const session = await ort.InferenceSession.create(model, { intraOpNumThreads: 1, logSeverityLevel: 3 });
const zeros = (shape) => new ort.Tensor('float32', new Float32Array(shape.reduce((a, b) => a * b)), shape);
const cacheShape = (input) => [1, ...session.inputMetadata[input].shape.slice(1)];
let channel = zeros(cacheShape(2));
let time = zeros(cacheShape(3));
let filled = new ort.Tensor('int64', new BigInt64Array(1), [1]);
let worst = 0;
let at = 0;
const took = [];
for (let first = 0; first + window <= frames; first += shift) {
  const chunk = new Float32Array(80 * window);
  for (let band = 0; band < 80; band++) {
    chunk.set(features.subarray(band * frames + first, band * frames + first + window), band * window);
  }
  const values = [new ort.Tensor('float32', chunk, [1, 80, window]), new ort.Tensor('int64', BigInt64Array.of(BigInt(window)), [1]), channel, time, filled];
  const begun = performance.now();
  const out = await session.run(Object.fromEntries(session.inputNames.map((name, i) => [name, values[i]])));
  took.push(performance.now() - begun);
  const [scores, , ...caches] = session.outputNames.map((name) => out[name]);
  [channel, time, filled] = caches;
  for (const value of scores.data) worst = Math.max(worst, Math.abs(value - expected[at++]));
}
took.sort((a, b) => a - b);
console.log(JSON.stringify({ runs: took.length, maxDifference: worst, milliseconds: { least: took[0], median: took[took.length >> 1] } }));
