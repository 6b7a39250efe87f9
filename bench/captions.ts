import { CaptionsModel } from '../main/engines/captions/captions-model';
import { wordErrors } from '../main/engines/testing/word-errors';
import { listenLive, recognise } from './lib/caption-runs';
import {
  CAPTIONS_DIR,
  joinSounds,
  MODELS_DIR,
  readErrorRates,
  readSamples,
  type ErrorRate,
} from './lib/caption-samples';
import { measureCacheSpeedup } from './lib/cache-speedup';
import { figure, publish, type Figure } from './lib/figures';
import { secondsOf } from './lib/options';
import { runSherpa } from './lib/sherpa';

const MODEL = 'captions-mini';
const ROUNDS = 3;
const PERCENT = 100;

/** The captions engine with the shipped model: what it costs, how late and how right its words are. */
export async function bench(args: readonly string[] = []): Promise<void> {
  const seconds = secondsOf(args, 60);
  const model = await CaptionsModel.open(MODELS_DIR, MODEL, 1);
  const samples = readSamples();
  const sound = joinSounds(samples.map((sample) => sample.sound));
  const figures: Figure[] = [
    ...(await measureCost(model, sound, joinSounds(samples.map((sample) => sample.samples)))),
    ...errorRates(),
    ...(await measureSamples(model, samples)),
    ...(await measureLive(model, sound, seconds)),
    figure('cacheAwareSpeedup', '×', 'higher', await measureCacheSpeedup(), {
      against: 'all 72 frames of context heard again for each chunk (random-weight model)',
    }),
  ];
  await model.release();
  publish('captions', 'cpu', figures);
}

/** CPU time against sherpa-onnx with the same file, one thread each, in turns. */
async function measureCost(
  model: CaptionsModel,
  sound: Float32Array,
  samples: Float32Array,
): Promise<Figure[]> {
  const length = sound.length / 48_000;
  const ours: number[] = [];
  const ratios: number[] = [];
  await recognise(model, sound);
  for (let round = 0; round < ROUNDS; round++) {
    const { cpuSeconds } = await recognise(model, sound);
    const peer = await runSherpa(CAPTIONS_DIR, samples);
    ours.push(cpuSeconds / length);
    ratios.push(cpuSeconds / peer.cpuSeconds);
  }
  return [
    figure('cpuSecondsPerSecond', 's/s', 'lower', ours, {
      against: 'one stream, everything from 48 kHz to words',
    }),
    figure('cpuRatioVsSherpa', '×', 'lower', ratios, {
      against: 'sherpa-onnx with the same model, one thread, fed at 16 kHz',
    }),
  ];
}

/** What the model's makers measured on held-out sentences (quality.json). */
function errorRates(): Figure[] {
  const { sets, people } = readErrorRates();
  const of = (id: string, belongs: (title: string) => boolean, against: string): Figure[] => {
    const chosen = sets.filter((set) => belongs(set.title));
    if (chosen.length === 0) return [];
    const rates = chosen.map((set) => set.rate * PERCENT);
    return [figure(id, '%', 'lower', rates, { value: meanRate(chosen), against })];
  };
  return [
    ...of('wordErrorRateSynthetic', (title) => title.startsWith('training voices'), 'held-out sentences'),
    ...of(
      'wordErrorRateNewAccent',
      (title) => title.startsWith('held-out accent'),
      'an accent never trained on',
    ),
    ...of(
      'wordErrorRateNewSynthesiser',
      (title) => title.startsWith('another'),
      'a synthesiser never trained on',
    ),
    ...(people.length > 0
      ? [
          figure(
            'wordErrorRateHuman',
            '%',
            'lower',
            people.map((rate) => rate * PERCENT),
            { against: 'people' },
          ),
        ]
      : []),
  ];
}

function meanRate(sets: readonly ErrorRate[]): number {
  const words = sets.reduce((sum, set) => sum + set.words, 0);
  return (sets.reduce((sum, set) => sum + set.rate * set.words, 0) / words) * PERCENT;
}

/** The sentences beside the model, from their first sample on. */
async function measureSamples(
  model: CaptionsModel,
  samples: ReturnType<typeof readSamples>,
): Promise<Figure[]> {
  const lost: number[] = [];
  const errorsMs: number[] = [];
  for (const { words, sound } of samples) {
    const said = words.map((word) => word.word);
    // The word's own first sample is the sound's: nothing leads up to it.
    const skipped = Math.floor(words[0]!.startMs * 48);
    const { words: cut } = await recognise(model, sound.subarray(skipped));
    const first = wordErrors(
      said,
      cut.map((word) => word.text),
    ).matches[0];
    lost.push(first ? first[0] : said.length);
    const { words: heard } = await recognise(model, sound);
    const { matches } = wordErrors(
      said,
      heard.map((word) => word.text),
    );
    for (const [truth, told] of matches) {
      errorsMs.push(Math.abs(heard[told]!.startUs / 1000 - words[truth]!.startMs));
      errorsMs.push(Math.abs(heard[told]!.endUs / 1000 - words[truth]!.endMs));
    }
  }
  return [
    figure('wordsLostAtStart', 'words', 'lower', lost, {
      value: lost.reduce((sum, words) => sum + words, 0),
      against: `${samples.length} sentences that begin with the sound`,
    }),
    ...(errorsMs.length === 0
      ? noWords('timestampErrorP95Ms')
      : [
          figure('timestampErrorP95Ms', 'ms', 'lower', errorsMs, {
            value: quantile(errorsMs, 0.95),
            against: 'start and end of each word in the synthesis',
          }),
        ]),
  ];
}

/** In real time: how late words come, and how often one that is shown changes. */
async function measureLive(model: CaptionsModel, sound: Float32Array, seconds: number): Promise<Figure[]> {
  const { latenciesMs, erased, words } = await listenLive(model, sound, seconds);
  if (latenciesMs.length === 0) return noWords('latencyP50Ms, latencyP99Ms and normalizedErasure');
  const against = 'from the end of a word to its whole text';
  return [
    figure('latencyP50Ms', 'ms', 'lower', latenciesMs, { against }),
    figure('latencyP99Ms', 'ms', 'lower', latenciesMs, { value: quantile(latenciesMs, 0.99), against }),
    figure('normalizedErasure', 'words/word', 'lower', [erased / words], {
      against: 'words that changed after they were shown, growth counted, for each word in the end',
    }),
  ];
}

function noWords(what: string): Figure[] {
  console.log(`WARNING: no word was heard, so there is no ${what}.`);
  return [];
}

function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))]!;
}
