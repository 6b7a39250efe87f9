import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CaptionUpdate, CaptionWord } from '../../../contract/captions';
import { CaptionTrack } from './caption-track';

function update(from: number, text: string, change: Partial<CaptionUpdate> = {}): CaptionUpdate {
  const words = text
    .split(' ')
    .filter(Boolean)
    .map((said): CaptionWord => {
      const state = said.endsWith('?') ? 'draft' : 'confirmed';
      return { text: said.replace('?', ''), startUs: 0, endUs: 1, confidence: 1, state, begins: false };
    });
  return { streamId: 1, epoch: 1, from, words, heardUs: 0, ...change };
}
const texts = (words: readonly CaptionWord[]) => words.map((word) => word.text).join(' ');

describe('CaptionTrack', () => {
  it('gives each word once, when it is confirmed', () => {
    const track = new CaptionTrack();
    expect(texts(track.apply(update(0, 'he?')))).toBe('');
    expect(texts(track.apply(update(0, 'hello wor?')))).toBe('hello');
    expect(texts(track.drafts)).toBe('wor');
    expect(texts(track.apply(update(1, 'world again?')))).toBe('world');
    expect(texts(track.apply(update(2, '')))).toBe('');
    expect(track.drafts).toEqual([]);
  });

  it('goes on when a new epoch counts from 0, without the old one’s drafts', () => {
    const track = new CaptionTrack();
    track.apply(update(0, 'one two?'));
    expect(texts(track.apply(update(0, 'three', { epoch: 2, streamId: 5 })))).toBe('three');
    expect(texts(track.apply(update(1, 'late', { epoch: 1 })))).toBe('');
    expect(texts(track.apply(update(1, 'four', { epoch: 2 })))).toBe('four');
  });

  it('goes on when an engine was started again and counts from 0 in the same epoch', () => {
    const track = new CaptionTrack();
    track.apply(update(0, 'one two three?'));
    expect(texts(track.apply(update(0, 'four five?')))).toBe('four');
    expect(texts(track.apply(update(1, 'five')))).toBe('five');
  });

  it('can begin in the middle and lose updates', () => {
    const track = new CaptionTrack();
    expect(texts(track.apply(update(500, 'late riser')))).toBe('late riser');
    expect(texts(track.apply(update(510, 'lost some')))).toBe('lost some');
    expect(texts(track.apply(update(512, 'on')))).toBe('on');
  });

  it('however drafts come and go, the confirmed words are those that were said', () => {
    const steps = fc.array(fc.record({ confirm: fc.nat(3), draft: fc.nat(3), keep: fc.boolean() }), {
      maxLength: 40,
    });
    fc.assert(
      fc.property(steps, (all) => {
        const track = new CaptionTrack();
        const heard: string[] = [];
        let said = 0;
        for (const { confirm, draft, keep } of all) {
          const sure = Array.from({ length: confirm }, (_, i) => `w${said + i}`);
          const unsure = Array.from({ length: draft }, (_, i) => `${keep ? 'd' : 'e'}${i}?`);
          heard.push(...track.apply(update(said, [...sure, ...unsure].join(' '))).map((word) => word.text));
          said += confirm;
        }
        expect(heard).toEqual(Array.from({ length: said }, (_, i) => `w${i}`));
      }),
    );
  });
});
