import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { readWav, to48k } from '../../main/engines/testing/speech-sound';

/** Where the shipped captions model lies. */
export const MODELS_DIR = resolve('native-models');
export const CAPTIONS_DIR = join(MODELS_DIR, 'models', 'captions');

export type SpokenWord = { word: string; startMs: number; endMs: number };
/** A sentence with the truth about its words. */
export type CaptionSample = {
  name: string;
  words: SpokenWord[];
  /** The sentence at 16 kHz and at 48 kHz. */
  samples: Float32Array;
  sound: Float32Array;
};

/** Sentences that lie beside the model; none of them was trained on. */
export function readSamples(): CaptionSample[] {
  const folder = join(CAPTIONS_DIR, 'samples');
  const names = readdirSync(folder).filter((file) => file.endsWith('.wav'));
  return names.map((file) => {
    const name = file.slice(0, -4);
    const { words } = JSON.parse(readFileSync(join(folder, `${name}.json`), 'utf8')) as {
      words: SpokenWord[];
    };
    const { samples } = readWav(join(folder, file));
    return { name, words, samples, sound: to48k(samples) };
  });
}

/** One sound after the other. */
export function joinSounds(sounds: readonly Float32Array[]): Float32Array {
  const whole = new Float32Array(sounds.reduce((sum, sound) => sum + sound.length, 0));
  let at = 0;
  for (const sound of sounds) {
    whole.set(sound, at);
    at += sound.length;
  }
  return whole;
}

/** What `quality.json` says of word error rates, at the shipped look-ahead. */
export type ErrorRate = { title: string; rate: number; words: number };

/** Rates that were measured when the model was made; empty when it was not. */
export function readErrorRates(): { sets: ErrorRate[]; people: number[] } {
  const path = join(CAPTIONS_DIR, 'quality.json');
  if (!existsSync(path)) return { sets: [], people: [] };
  const { wer, people, lookAhead } = JSON.parse(readFileSync(path, 'utf8')) as {
    lookAhead: number;
    wer: Record<string, Record<string, number> & { words: number }>;
    people?: Record<string, { wer: number }>;
  };
  return {
    sets: Object.entries(wer).map(([title, set]) => ({
      title,
      rate: set[`R=${lookAhead}`]!,
      words: set.words,
    })),
    people: Object.values(people ?? {}).map((person) => person.wer),
  };
}
