// Recognises a file of 16 kHz float samples with sherpa-onnx: `node sherpa-child.mjs FOLDER FILE`,
// in pieces of 20 ms, one thread; prints {cpuSeconds, text}. A process of its own, for it brings an
// ONNX Runtime of its own.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import sherpa from 'sherpa-onnx-node';

const SAMPLE_RATE = 16_000;
const PIECE = 320;

const [folder, file] = process.argv.slice(2);
const at = (name) => join(folder, name);
const graphs = existsSync(at('encoder.onnx'))
  ? { transducer: { encoder: at('encoder.onnx'), decoder: at('decoder.onnx'), joiner: at('joiner.onnx') } }
  : { nemoCtc: { model: at('model.onnx') } };
const recognizer = new sherpa.OnlineRecognizer({
  featConfig: { sampleRate: SAMPLE_RATE, featureDim: 80 },
  modelConfig: {
    ...graphs,
    tokens: at('tokens.txt'),
    numThreads: 1,
    provider: 'cpu',
    debug: 0,
  },
  decodingMethod: 'greedy_search',
  enableEndpoint: false,
});
const bytes = readFileSync(file);
const samples = new Float32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
const stream = recognizer.createStream();
const before = process.cpuUsage();
for (let from = 0; from < samples.length; from += PIECE) {
  stream.acceptWaveform({ samples: samples.slice(from, from + PIECE), sampleRate: SAMPLE_RATE });
  while (recognizer.isReady(stream)) recognizer.decode(stream);
}
const { user, system } = process.cpuUsage(before);
console.log(JSON.stringify({ cpuSeconds: (user + system) / 1e6, text: recognizer.getResult(stream).text }));
