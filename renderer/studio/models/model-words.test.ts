import { expect, test } from 'vitest';
import type { ModelTransfer } from '../../../contract/models';
import {
  checkWords,
  importWords,
  languageWords,
  sizeWords,
  speedWords,
  stateWords,
  taskWords,
} from './model-words';
import { listing } from './testing/listing';

const transfer: ModelTransfer = {
  doneBytes: 420e6,
  totalBytes: 1e9,
  bytesPerSecond: 12e6,
  etaS: 48,
  file: 'unet.onnx',
  retrying: null,
};

test('a task that nobody knows yet keeps its own name', () => {
  expect(taskWords('binaural')).toBe('Placed voices');
  expect(taskWords('lip-sync')).toBe('Lip sync');
  expect(taskWords('constructor')).toBe('Constructor');
});

test('the state says how far a download is, and when nothing comes', () => {
  expect(stateWords(listing({ state: 'downloading', transfer }))).toBe('42 %\u2007');
  const stalled = { ...transfer, bytesPerSecond: 0 };
  expect(stateWords(listing({ state: 'downloading', transfer: stalled }))).toBe('42 %\u2007 · nothing comes');
  expect(stateWords(listing({ state: 'paused', transfer }))).toBe('Paused at 42 %');
  const endless = { ...transfer, totalBytes: 0 };
  expect(stateWords(listing({ state: 'downloading', transfer: endless }))).toBe('420 MB so far');
});

test('what comes with the studio is told apart from what was fetched', () => {
  expect(stateWords(listing({ state: 'installed', shipped: true }))).toBe('Comes with the studio');
  expect(stateWords(listing({ state: 'installed' }))).toBe('On this disk');
});

test('what has to be imported says so, and which file no address is known of', () => {
  const withoutAddress = ['vae_encoder/model.onnx', 'tokenizer/vocab.json', 'tokenizer/merges.txt'];
  expect(stateWords(listing({ withoutAddress }))).toBe(
    'Import it: no address for vae_encoder/model.onnx and 2 more',
  );
  expect(stateWords(listing({ withoutAddress: ['tokens.txt'] }))).toBe(
    'Import it: no address for tokens.txt',
  );
  expect(stateWords(listing({ withoutAddress, state: 'installed' }))).toBe('On this disk');
});

test('a check that found nothing wrong says how much it looked at, and when', () => {
  const atMs = new Date(2026, 10, 23, 9, 5).getTime();
  expect(checkWords({ files: 5, bytes: 15.9e6, atMs })).toBe(
    'All 5 files are right: 15.9 MB checked at 09:05.',
  );
  expect(checkWords({ files: 2, bytes: 459e6, atMs })).toMatch(/^Both files are right/);
  expect(checkWords({ files: 1, bytes: 1.3e6, atMs })).toBe('Its file is right: 1.3 MB checked at 09:05.');
});

test('a failure is told in the words of the error table', () => {
  const error = { origin: 'engine', code: 'model.corrupt', message: 'unet.onnx' } as const;
  expect(stateWords(listing({ state: 'damaged', error }))).toBe('The model file is damaged');
});

test('a speed that was not measured is not made up', () => {
  const fit = { verdict: 'fits', why: '', predictedFps: null, resultOf: 'a picture' } as const;
  expect(speedWords(fit, false)).toBe('Not measured');
  expect(speedWords({ ...fit, resultOf: null }, false)).toBe('');
  expect(speedWords(fit, true)).toBe('');
  expect(speedWords({ ...fit, predictedFps: 8.26 }, true)).toBe('about 8.3 fps');
  expect(speedWords({ ...fit, predictedFps: 0.3 }, true)).toBe('below 1 fps');
  expect(speedWords({ ...fit, predictedFps: 31.6 }, true)).toBe('about 32 fps');
});

test('sizes, languages and imports have words for what is not there', () => {
  expect(sizeWords(null)).toBe('Size not known');
  expect(languageWords(['en', 'de'])).toBe('English, German');
  expect(languageWords(['!'])).toBe('!');
  expect(importWords([])).toBe('Nothing there is a model that the studio knows.');
  expect(importWords(['A', 'B'])).toBe('Took in 2 models: A, B.');
});
