import { describe, expect, it } from 'vitest';
import type { CaptionUpdate, CaptionWord } from '../../contract/captions';
import { HeardWords } from './heard-words';

const word = (text: string): CaptionWord => ({
  text,
  startUs: 0,
  endUs: 1,
  confidence: 1,
  state: 'draft',
  begins: false,
});
const update = (from: number, texts: string[], epoch = 1): CaptionUpdate => ({
  streamId: 3,
  epoch,
  from,
  words: texts.map(word),
  heardUs: 0,
});
const texts = (heard: HeardWords) => heard.words.map(({ text }) => text).join(' ');

describe('HeardWords', () => {
  it('replaces the words from the named index on', () => {
    const heard = new HeardWords();
    heard.take(update(0, ['good', 'even']));
    heard.take(update(1, ['evening', 'every']));
    heard.take(update(2, ['everyone']));
    expect(texts(heard)).toBe('good evening everyone');
  });

  it('begins anew with another epoch, and where updates were missed', () => {
    const heard = new HeardWords();
    heard.take(update(0, ['good', 'evening']));
    heard.take(update(0, ['hello'], 2));
    expect(texts(heard)).toBe('hello');
    heard.take(update(9, ['later'], 2));
    expect(texts(heard)).toBe('later');
  });

  it('keeps a bounded number and the indices right', () => {
    const heard = new HeardWords();
    for (let i = 0; i < 300; i++) heard.take(update(i, [`w${i}`]));
    expect(heard.words.length).toBeLessThanOrEqual(80);
    heard.take(update(299, ['last']));
    expect(texts(heard)).toMatch(/w297 w298 last$/);
  });
});
