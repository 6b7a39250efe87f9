import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CaptionWord } from '../../../contract/captions';
import { CaptionFiles } from '../../outputs/captions/caption-files';
import { StageTimes } from '../runtime/timing';
import { randomNumbers } from '../testing/captions-fixtures';
import { SHIPPED_MODELS_DIR } from '../testing/fixtures';
import { readWav, to48k } from '../testing/speech-sound';
import { wordErrors } from '../testing/word-errors';
import { CaptionsModel } from './captions-model';
import { Recogniser, type Heard } from './recogniser';

const FOLDER = join(SHIPPED_MODELS_DIR, 'models/captions');
const MODEL = 'captions-mini';
/** Of all words of the sentences beside the model; few, so wider than the card's limits. */
const WRONG_AT_MOST = 0.4;
const TIME_MS = 80;

type Sentence = {
  name: string;
  words: { word: string; startMs: number; endMs: number }[];
  sound: Float32Array;
};

function readSentences(): Sentence[] {
  const folder = join(FOLDER, 'samples');
  return readdirSync(folder)
    .filter((file) => file.endsWith('.wav'))
    .map((file) => {
      const name = file.slice(0, -4);
      const { words } = JSON.parse(readFileSync(join(folder, `${name}.json`), 'utf8')) as Sentence;
      return { name, words, sound: to48k(readWav(join(folder, file)).samples) };
    });
}

describe('the shipped captions model', { timeout: 300_000 }, () => {
  let model: CaptionsModel;
  let sentences: Sentence[];
  const heard = new Map<string, CaptionWord[]>();

  async function hear(sound: Float32Array, packet = 960, each = (_: Heard) => {}): Promise<CaptionWord[]> {
    const recogniser = new Recogniser(model, new StageTimes());
    const words: CaptionWord[] = [];
    const take = (change: Heard | null) => {
      if (!change) return;
      words.splice(change.from, Infinity, ...change.words);
      each(change);
    };
    for (let from = 0; from < sound.length; from += packet) {
      recogniser.push(from / 0.048, sound.subarray(from, from + packet));
      while (recogniser.ready) take(await recogniser.step());
    }
    recogniser.rest();
    while (recogniser.ready) take(await recogniser.step());
    take(recogniser.close());
    return words;
  }
  const texts = (words: readonly CaptionWord[]) => words.map((word) => word.text);

  beforeAll(async () => {
    model = await CaptionsModel.open(SHIPPED_MODELS_DIR, MODEL, 1);
    sentences = readSentences();
    for (const { name, sound } of sentences) heard.set(name, await hear(sound));
  }, 300_000);
  afterAll(() => model.release());

  it('hears the sentences beside it', () => {
    const said = sentences.flatMap(({ words }) => words.map((word) => word.word));
    const wrong = sentences.map(
      ({ name, words }) =>
        wordErrors(
          words.map((word) => word.word),
          texts(heard.get(name)!),
        ).errors,
    );
    expect(said.length).toBeGreaterThanOrEqual(24);
    expect(wrong.reduce((sum, errors) => sum + errors, 0) / said.length).toBeLessThanOrEqual(WRONG_AT_MOST);
  });

  it('hears a word that begins with the sound and one that ends with it', async () => {
    for (const { words, sound } of sentences) {
      const [firstMs, lastMs] = [words[0]!.startMs, words.at(-1)!.endMs];
      const cut = await hear(sound.subarray(Math.floor(firstMs * 48), Math.ceil(lastMs * 48)));
      // The last letters of a word may be told a little after its sound.
      expect(cut[0]!.startUs / 1000).toBeLessThanOrEqual(words[0]!.endMs - firstMs + TIME_MS);
      expect(cut.at(-1)!.endUs / 1000).toBeGreaterThanOrEqual(words.at(-1)!.startMs - firstMs);
    }
  });

  it('tells the times of words', () => {
    const errorsMs = sentences.flatMap(({ name, words }) => {
      const told = heard.get(name)!;
      return wordErrors(
        words.map((word) => word.word),
        texts(told),
      ).matches.flatMap(([i, j]) => [
        Math.abs(told[j]!.startUs / 1000 - words[i]!.startMs),
        Math.abs(told[j]!.endUs / 1000 - words[i]!.endMs),
      ]);
    });
    errorsMs.sort((a, b) => a - b);
    expect(errorsMs.length).toBeGreaterThan(20);
    expect(errorsMs[Math.floor(0.8 * errorsMs.length)]!).toBeLessThanOrEqual(TIME_MS);
  });

  /** How far each sentence's first cue is from its first word, ms. */
  async function cueErrors(): Promise<number[]> {
    const dir = mkdtempSync(join(tmpdir(), 'fantascope-srt-'));
    try {
      const errors = [];
      for (const { name, words, sound } of sentences) {
        const onFailed = (error: Error) => expect.fail(error.message);
        const files = await CaptionFiles.open({ basePath: join(dir, name), toFileUs: (us) => us, onFailed });
        await hear(sound, 960, (change) => files.heard({ streamId: 0, epoch: 1, ...change }));
        const [srt] = await files.finish();
        const [, h, m, s] = /^1\n(\d+):(\d+):([\d,]+) --> /.exec(readFileSync(srt!, 'utf8'))!;
        const startMs = (Number(h) * 60 + Number(m)) * 60_000 + Number(s!.replace(',', '.')) * 1000;
        errors.push(Math.abs(startMs - words[0]!.startMs));
      }
      return errors;
    } finally {
      rmSync(dir, { recursive: true, force: true });
    }
  }

  it('[C15] .srt cues stand where the sentences do', async () => {
    for (const errorMs of await cueErrors()) expect(errorMs).toBeLessThanOrEqual(TIME_MS);
  });

  it('[C2] [C4] [C5] packets of another size make no difference', async () => {
    const { name, sound } = sentences[0]!;
    for (const packet of [128, 4801, sound.length]) {
      expect(texts(await hear(sound, packet))).toEqual(texts(heard.get(name)!));
    }
  });

  it('[C8] a minute of speech without a pause loses nothing at any cut', async () => {
    const { name, sound, words } = sentences[0]!;
    const [from, to] = [words[0]!.startMs * 48, words.at(-1)!.endMs * 48];
    const once = sound.subarray(Math.floor(from), Math.ceil(to));
    const times = Math.ceil(60 / (once.length / 48_000));
    const long = new Float32Array(once.length * times);
    for (let i = 0; i < times; i++) long.set(once, i * once.length);
    const told = await hear(long);
    // Hearing the same again and again it makes about as many words each time.
    expect(told.length / times).toBeGreaterThan(0.7 * heard.get(name)!.length);
    const gaps = told.slice(1).map((word, i) => word.startUs - told[i]!.endUs);
    expect(Math.max(...gaps)).toBeLessThan((once.length / 48) * 1000);
  });

  it('[C9] three minutes of noise are almost no words', async () => {
    const random = randomNumbers(5);
    let slow = 0;
    const noise = Float32Array.from({ length: 48_000 * 180 }, (_, n) => {
      const white = 2 * random() - 1;
      slow += 0.02 * (white - slow);
      // White, then coloured like a room; quiet, then loud, by the half minute.
      const colour = Math.floor(n / (48_000 * 30)) % 2 ? 8 * slow : white;
      return 0.3 * (n / (48_000 * 180)) * colour;
    });
    // Each change of noise may be speech until 3 s have passed; speech would be some 450 words.
    expect((await hear(noise)).length).toBeLessThanOrEqual(20);
  });
});
