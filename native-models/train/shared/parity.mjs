/**
 * Runs a graph of one input and one output with onnxruntime-node and prints, as JSON, the largest
 * difference from what torch made of the same input, and the milliseconds of a run.
 *
 * node shared/parity.mjs model.onnx input.f32 output.f32 DIMS [threads] [runs]
 * DIMS: the input's lengths, as 1,3,256,256.
 */
import { readFileSync } from 'node:fs';
import ort from 'onnxruntime-node';

const [model, inputFile, outputFile, dimensions, threads = '2', runs = '20'] = process.argv.slice(2);
const floats = (path) => new Float32Array(new Uint8Array(readFileSync(path)).buffer);
const expected = floats(outputFile);
const options = { intraOpNumThreads: Number(threads), interOpNumThreads: 1, logSeverityLevel: 3 };
const session = await ort.InferenceSession.create(model, options);
const input = new ort.Tensor('float32', floats(inputFile), dimensions.split(',').map(Number));
const took = [];
let output;
for (let run = 0; run < Number(runs); run++) {
  const begun = performance.now();
  output = (await session.run({ [session.inputNames[0]]: input }))[session.outputNames[0]];
  took.push(performance.now() - begun);
}
if (output.data.length !== expected.length) throw new Error(`The output must have ${expected.length} values, got ${output.data.length}.`);
let worst = 0;
for (let i = 0; i < expected.length; i++) worst = Math.max(worst, Math.abs(output.data[i] - expected[i]));
took.sort((a, b) => a - b);
const round = (value) => Math.round(value * 10) / 10;
console.log(JSON.stringify({ maxDifference: worst, leastMs: round(took[0]), medianMs: round(took[took.length >> 1]) }));
