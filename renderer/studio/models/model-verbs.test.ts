import { expect, test } from 'vitest';
import type { ModelState } from '../../../contract/models';
import { mainVerb, mustAgree, mustAsk, verbsOf, type ModelVerb } from './model-verbs';
import { listing } from './testing/listing';

const terms = { id: 'OpenRAIL', url: null, terms: 'No deceit.', accepted: false };
const done = (doneBytes: number) => ({
  transfer: { doneBytes, totalBytes: 1e9, bytesPerSecond: 0, etaS: null, file: null, retrying: null },
});

test.each<[ModelState, ModelVerb | null]>([
  ['absent', 'get'],
  ['waiting', 'pause'],
  ['downloading', 'pause'],
  ['paused', 'resume'],
  ['verifying', null],
  ['failed', 'retry'],
  ['installed', 'verify'],
  ['damaged', 'mend'],
])('%s: the main verb is %s', (state, verb) => {
  expect(mainVerb(listing({ state }))).toBe(verb);
});

test('what comes with the studio can be checked, and nothing else', () => {
  for (const state of ['installed', 'damaged'] as const) {
    expect(verbsOf(listing({ state, shipped: true }))).toEqual(['verify']);
  }
});

test.each<[ModelState, ModelVerb[]]>([
  ['absent', ['import']],
  ['paused', ['import', 'cancel']],
  ['failed', ['import', 'cancel']],
  ['damaged', ['import', 'verify', 'delete']],
  ['installed', ['verify', 'delete']],
])('%s, without an address of every file: nothing is offered that would fetch', (state, verbs) => {
  expect(verbsOf(listing({ state, withoutAddress: ['vae_encoder/model.onnx'] }))).toEqual(verbs);
});

test('whatever fetches waits for the terms, until they are agreed to', () => {
  for (const verb of ['get', 'resume', 'retry', 'mend'] as const) {
    expect(mustAgree(listing({ licence: terms }), verb)).toBe(true);
    expect(mustAgree(listing({ licence: { ...terms, accepted: true } }), verb)).toBe(false);
    expect(mustAgree(listing(), verb)).toBe(false);
  }
  expect(mustAgree(listing({ licence: terms }), 'pause')).toBe(false);
});

test('deleting always asks, cancelling only when more than a little is lost', () => {
  expect(mustAsk(listing({ state: 'installed' }), 'delete')).toBe(true);
  expect(mustAsk(listing({ state: 'paused', ...done(20e6) }), 'cancel')).toBe(false);
  expect(mustAsk(listing({ state: 'paused', ...done(20e6 + 1) }), 'cancel')).toBe(true);
  expect(mustAsk(listing({ state: 'failed', haveBytes: 1e9 }), 'cancel')).toBe(true);
  expect(mustAsk(listing({ state: 'paused', ...done(1e9) }), 'pause')).toBe(false);
});
