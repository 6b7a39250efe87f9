import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CaptionWord } from '../../../contract/captions';
import { babble, openTinyCaptions } from '../testing/captions-fixtures';
import { StageTimes } from '../runtime/timing';
import type { CaptionsModel, ChunkNetwork } from './captions-model';
import { Recogniser, type Heard } from './recogniser';

const SECOND = 1_000_000;
const VOCABULARY = 3;
const BLANK = VOCABULARY;

/** A network of look-ahead 1 that says what a test wants; notes what it was given. */
class FakeNetwork implements ChunkNetwork {
  readonly geometry = {
    lookAhead: 1,
    window: 25,
    shift: 16,
    chunk: 2,
    vocabulary: VOCABULARY,
    startDelayUs: 0,
    endDelayUs: 0,
    sizes: {},
  };
  readonly pieces = ['\u2581one', '\u2581two', 'more'];
  readonly language = null;
  readonly windows: Float32Array[] = [];
  /** Ids of each run's two frames; blank when there is no entry. */
  says: Record<number, [number, number]> = {};
  broken: number | null = null;
  begun = 0;

  begin() {
    this.begun++;
    return {};
  }
  run(window: Float32Array) {
    const run = this.windows.push(window.slice()) - 1;
    const logProbabilities = new Float32Array(2 * (VOCABULARY + 1)).fill(-20);
    (this.says[run] ?? [BLANK, BLANK]).forEach((id, row) => {
      logProbabilities[row * (VOCABULARY + 1) + id] = run === this.broken ? Number.NaN : -0.01;
    });
    return Promise.resolve({ logProbabilities, caches: {} });
  }
}

/** Takes every update as the contract says. */
async function drain(recogniser: Recogniser, words: CaptionWord[]): Promise<Heard[]> {
  const all: Heard[] = [];
  while (recogniser.ready) {
    const heard = await recogniser.step();
    if (heard) all.push(heard);
  }
  const last = recogniser.resting ? recogniser.close() : null;
  if (last) all.push(last);
  for (const { from, words: changed } of all) words.splice(from, Infinity, ...changed);
  return all;
}

const noise = (seconds: number) => babble(seconds).map((value, n) => value + (n % 2 ? 0.01 : -0.01));

describe('Recogniser', { timeout: 60_000 }, () => {
  it('[C5] begins with 8 frames of zeros, windows overlap by 9 frames', async () => {
    const network = new FakeNetwork();
    const recogniser = new Recogniser(network, new StageTimes());
    recogniser.push(0, noise(1));
    await drain(recogniser, []);
    const column = (window: Float32Array, frame: number) =>
      Array.from({ length: 80 }, (_, band) => window[band * 25 + frame]);
    const [first, second] = network.windows as [Float32Array, Float32Array];
    for (let frame = 0; frame < 8; frame++) expect(column(first, frame)).toEqual(Array(80).fill(0));
    expect(column(first, 8)).not.toContain(0);
    for (let frame = 0; frame < 9; frame++) expect(column(second, frame)).toEqual(column(first, frame + 16));
    // 1 s is 100 frames less the window's half, 8 in front: 1 + ⌊(106 − 25)/16⌋ windows.
    expect(network.windows).toHaveLength(6);
  });

  it('[C6] [C8] a token of output i lies in the 80 ms from 80·i on, its word lasts one frame more', async () => {
    const network = new FakeNetwork();
    network.says = { 0: [0, BLANK], 2: [BLANK, 1] };
    const words: CaptionWord[] = [];
    const recogniser = new Recogniser(network, new StageTimes());
    recogniser.push(5 * SECOND, noise(1));
    await drain(recogniser, words);
    expect(words.map(({ text, startUs, endUs }) => [text, startUs, endUs])).toEqual([
      ['one', 5 * SECOND, 5 * SECOND + 160_000],
      ['two', 5 * SECOND + 400_000, 5 * SECOND + 560_000],
    ]);
  });

  it('[C9] silence cannot speak, whatever the network says', async () => {
    const network = new FakeNetwork();
    for (let run = 0; run < 100; run++) network.says[run] = [run % 2, BLANK];
    const words: CaptionWord[] = [];
    const recogniser = new Recogniser(network, new StageTimes());
    recogniser.push(0, new Float32Array(48_000 * 5));
    await drain(recogniser, words);
    expect(network.windows.length).toBeGreaterThan(25);
    expect(words).toEqual([]);
    recogniser.push(5 * SECOND, noise(0.5));
    recogniser.push(5.5 * SECOND, new Float32Array(48_000 * 4));
    await drain(recogniser, words);
    expect(words.length).toBeGreaterThan(0);
    for (const { startUs, endUs } of words) {
      expect(startUs).toBeGreaterThanOrEqual(4.8 * SECOND);
      // A word may be told half a second after its sound.
      expect(endUs).toBeLessThanOrEqual(6.2 * SECOND);
    }
  });

  it('[C11] a rest brings out the last word and confirms it; what follows begins in time', async () => {
    const network = new FakeNetwork();
    // The last 100 ms of the sound are heard by the 7th run only.
    network.says = { 6: [0, BLANK] };
    const words: CaptionWord[] = [];
    const recogniser = new Recogniser(network, new StageTimes());
    recogniser.push(0, noise(1));
    await drain(recogniser, words);
    expect(words).toEqual([]);
    recogniser.rest();
    recogniser.rest();
    const updates = await drain(recogniser, words);
    expect(words).toMatchObject([{ text: 'one', startUs: 960_000, state: 'confirmed' }]);
    expect(updates.at(-1)!.heardUs).toBe(SECOND);
    const runs = network.windows.length;
    network.says = { [runs]: [1, 1], [runs + 1]: [1, 1] };
    recogniser.push(60 * SECOND, noise(1));
    await drain(recogniser, words);
    expect(words[1]).toMatchObject({ text: 'two', begins: true });
    expect(Math.abs(words[1]!.startUs - 60 * SECOND)).toBeLessThan(0.3 * SECOND);
  });

  it('[C10] more than 10 s behind it skips to the last second, and says how much', async () => {
    const network = new FakeNetwork();
    const recogniser = new Recogniser(network, new StageTimes());
    const sound = noise(20);
    for (let i = 0; i < 200; i++) {
      recogniser.push(i * 0.1 * SECOND, sound.subarray(i * 4800, (i + 1) * 4800));
      expect(recogniser.waitingSeconds).toBeLessThanOrEqual(10.1);
    }
    expect(recogniser.skipped).toBeGreaterThan(900);
    for (let run = 0; run < 20; run++) network.says[run] = [run % 2, BLANK];
    const words: CaptionWord[] = [];
    await drain(recogniser, words);
    // What waits begins where the skipped part ends.
    expect(words[0]!.startUs).toBeGreaterThan(8 * SECOND);
    expect(words[0]!.startUs).toBeLessThan(20 * SECOND);
  });

  it('[C12] scores that are not numbers fail once; the stream goes on with empty caches', async () => {
    const network = new FakeNetwork();
    network.broken = 1;
    network.says = { 0: [0, BLANK], 2: [1, BLANK] };
    const words: CaptionWord[] = [];
    const recogniser = new Recogniser(network, new StageTimes());
    recogniser.push(0, noise(1));
    await recogniser.step();
    await expect(recogniser.step()).rejects.toMatchObject({ code: 'engine.failed' });
    expect(network.begun).toBe(2);
    await drain(recogniser, words);
    expect(words.map((word) => word.text)).toEqual(['one', 'two']);
  });

  it('[C12] what is not a number, silence and clipping never reach the network as such', async () => {
    const network = new FakeNetwork();
    const recogniser = new Recogniser(network, new StageTimes());
    recogniser.push(0, new Float32Array(24_000));
    recogniser.push(0.5 * SECOND, new Float32Array(24_000).fill(1));
    await drain(recogniser, []);
    for (const window of network.windows) expect(window.every(Number.isFinite)).toBe(true);
  });
});

describe('Recogniser with random weights', { timeout: 120_000 }, () => {
  let model: CaptionsModel;
  beforeAll(async () => {
    model = await openTinyCaptions(1);
  });
  afterAll(() => model.release());

  async function wordsOf(sound: Float32Array, packets: readonly number[]): Promise<CaptionWord[]> {
    const recogniser = new Recogniser(model, new StageTimes());
    const words: CaptionWord[] = [];
    let from = 0;
    for (let i = 0; from < sound.length; i++) {
      const length = packets[i % packets.length]!;
      recogniser.push(SECOND + (from / 48_000) * 1e6, sound.subarray(from, from + length));
      from += length;
      await drain(recogniser, words);
    }
    recogniser.rest();
    await drain(recogniser, words);
    return words;
  }

  it('[C2] [C4] [C5] packets of any size give the same words at the same times', async () => {
    const sound = babble(6);
    const whole = await wordsOf(sound, [sound.length]);
    expect(whole.map((word) => word.text).join('').length).toBeGreaterThan(5);
    expect(whole.every((word) => word.state === 'confirmed')).toBe(true);
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 48, max: 30_000 }), { minLength: 1, maxLength: 5 }),
        async (packets) => {
          const words = await wordsOf(sound, packets);
          expect(words.map((word) => word.text)).toEqual(whole.map((word) => word.text));
          words.forEach((word, i) => expect(Math.abs(word.startUs - whole[i]!.startUs)).toBeLessThan(100));
        },
      ),
      { numRuns: 8 },
    );
  });
});
