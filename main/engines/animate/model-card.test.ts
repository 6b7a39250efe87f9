import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';

const FOLDER = resolve(import.meta.dirname, '..', '..', '..', 'native-models', 'models', 'animate');
/** What a look word must reach to be offered. */
const RECOGNISED = 0.8;

type Word = {
  recognisedAtStrength1: number;
  recognisedAtStrength08: number;
  changeAtStrength05OverCodec: number;
  n: number;
};
type Checkpoint = { step: number; psnrDb: number; flicker: number };
type Quality = {
  codec: {
    heldOutSynthetic: { psnrDb: number };
    film: { psnrDb: number; n: number };
    flicker: { movedPicture: number; filmError: number; filmOwnChange: number };
    polish: Checkpoint[];
    twoCheckpoints: [early: Checkpoint, last: Checkpoint];
  };
  oneStep: {
    words: Record<string, Word>;
    diversityOverTeacher: number;
    closestLooks: { difference: number };
    largestTwoSeedDifference: number;
  };
  guidance: { negative: Record<string, { without: number; full: number; onetime: number }> };
};

function readModelFile<T>(name: string): T {
  return JSON.parse(readFileSync(join(FOLDER, name), 'utf8')) as T;
}

const quality = readModelFile<Quality>('quality.json');
const vocabulary = readModelFile<{ groups: { look: string[] } }>('vocabulary.json');

describe('the shipped animate model, as its card measured it', () => {
  it.each(vocabulary.groups.look)('offers "%s" because it is recognised on held-out pictures', (look) => {
    const measured = quality.oneStep.words[look]!;
    expect(measured.n).toBeGreaterThanOrEqual(20);
    expect(measured.recognisedAtStrength1).toBeGreaterThanOrEqual(RECOGNISED);
    expect(measured.recognisedAtStrength08).toBeGreaterThanOrEqual(RECOGNISED);
    // At half strength it is still no codec alone.
    expect(measured.changeAtStrength05OverCodec).toBeGreaterThanOrEqual(3);
  });

  it('offers enough looks to play with', () => {
    expect(vocabulary.groups.look.length).toBeGreaterThanOrEqual(10);
  });

  it('makes any two looks differ more than two seeds of one do', () => {
    const { closestLooks, largestTwoSeedDifference } = quality.oneStep;
    expect(closestLooks.difference).toBeGreaterThan(largestTwoSeedDifference);
  });

  it('keeps the diversity of what it was taught', () => {
    expect(quality.oneStep.diversityOverTeacher).toBeGreaterThanOrEqual(0.8);
  });

  it('takes away what a negative prompt names, of the words that show at all', () => {
    const shown = Object.values(quality.guidance.negative).filter(({ without }) => without >= 0.5);
    expect(shown.length).toBeGreaterThanOrEqual(5);
    const mean = (of: 'without' | 'full') => shown.reduce((sum, one) => sum + one[of], 0) / shown.length;
    expect(mean('full')).toBeLessThan(0.7 * mean('without'));
  });

  it('has a codec of 30 dB and more on a film it never saw, steadier than the film', () => {
    const { film, flicker } = quality.codec;
    expect(film.n).toBeGreaterThanOrEqual(24);
    expect(film.psnrDb).toBeGreaterThanOrEqual(30);
    expect(flicker.filmError).toBeLessThan(flicker.filmOwnChange);
    expect(flicker.movedPicture).toBeLessThan(3);
  });

  it('has a decoder that was not stopped early: the last two fifths of its training changed nothing to speak of', () => {
    const [early, last] = quality.codec.twoCheckpoints;
    expect(quality.codec.polish.at(-1)).toEqual(last);
    expect(early.step).toBeLessThanOrEqual(0.7 * last.step);
    expect(Math.abs(last.psnrDb - early.psnrDb)).toBeLessThan(0.1);
  });
});
