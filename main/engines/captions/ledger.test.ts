import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CaptionWord } from '../../../contract/captions';
import type { Token } from './ctc';
import { CaptionLedger } from './ledger';

const PIECES = ['\u2581', '\u2581the', '\u2581to', 'ast', 'er', 'x', '<unk>'];
const FRAME_US = 80_000;

function token(piece: string, frame: number, margin = 1): Token {
  const startUs = frame * FRAME_US;
  return { id: PIECES.indexOf(piece), startUs, endUs: startUs + FRAME_US, probability: 0.5, margin };
}

/** A ledger, and what somebody knows who takes every update as it says. */
function account() {
  const ledger = new CaptionLedger(PIECES);
  const words: CaptionWord[] = [];
  const apply = (update: { from: number; words: readonly CaptionWord[] } | null) => {
    if (!update) return;
    // The contract: nothing below the first draft is touched.
    const drafts = words.findIndex((word) => word.state === 'draft');
    expect(update.from).toBeGreaterThanOrEqual(drafts < 0 ? words.length : drafts);
    expect(update.from).toBeLessThanOrEqual(words.length);
    words.splice(update.from, Infinity, ...update.words);
  };
  return {
    words,
    take: (tokens: Token[], heardFrames: number, open: Token[] = []) =>
      apply(ledger.take(tokens, heardFrames * FRAME_US, open)),
    close: (tokens: Token[] = []) => apply(ledger.close(tokens)),
    told: () => words.map((word) => word.text + (word.state === 'draft' ? '?' : '')).join(' '),
  };
}

describe('CaptionLedger', () => {
  it('[C8] a word is a draft while it may grow, confirmed once the next has begun', () => {
    const { take, told } = account();
    take([token('\u2581to', 1)], 2);
    expect(told()).toBe('to?');
    take([token('ast', 2), token('er', 3)], 4);
    expect(told()).toBe('toaster?');
    take([token('\u2581the', 5)], 6);
    expect(told()).toBe('toaster the?');
  });

  it('[C14] a guess is told as a draft, replaced by the next, and never confirmed', () => {
    const { take, close, told } = account();
    take([], 2, [token('\u2581to', 1)]);
    expect(told()).toBe('to?');
    take([token('\u2581the', 1)], 4, [token('\u2581to', 2), token('er', 3)]);
    expect(told()).toBe('the? toer?');
    take([token('\u2581to', 2)], 6, [token('ast', 3), token('\u2581to', 5)]);
    expect(told()).toBe('the toast? to?');
    take([token('ast', 3)], 8);
    expect(told()).toBe('the toast?');
    close([token('er', 4)]);
    expect(told()).toBe('the toaster');
  });

  it('[C14] a guess that goes away leaves nothing behind', () => {
    const { take, told } = account();
    take([], 2, [token('\u2581to', 1)]);
    take([], 4);
    expect(told()).toBe('');
  });

  it('[C8] a word that nothing followed for 480 ms is confirmed; what comes then is another', () => {
    const { take, told } = account();
    take([token('\u2581to', 0)], 2);
    take([], 6);
    expect(told()).toBe('to?');
    take([], 7);
    expect(told()).toBe('to');
    take([token('ast', 8)], 10);
    expect(told()).toBe('to ast?');
  });

  it('[C8] an unsure end holds a word for one chunk more', () => {
    const { take, told } = account();
    take([token('\u2581to', 0, 0.1), token('\u2581the', 1)], 2);
    expect(told()).toBe('to? the?');
    take([], 4);
    expect(told()).toBe('to the?');
  });

  it('[C8] spaces alone, tags and unknown ids are no words', () => {
    const { take, told, close } = account();
    take([token('\u2581', 0), token('<unk>', 1), { ...token('x', 1), id: 99 }], 2);
    expect(told()).toBe('');
    take([token('\u2581', 2), token('x', 3), token('\u2581', 4)], 5);
    expect(told()).toBe('x');
    close();
    expect(told()).toBe('x');
  });

  it('[C8] the mean of the tokens’ probabilities is the confidence; a word lasts one frame beyond its last', () => {
    const { take, words } = account();
    take([token('\u2581to', 3), { ...token('ast', 5), probability: 0.7 }], 8);
    expect(words[0]).toMatchObject({ startUs: 3 * FRAME_US, endUs: 7 * FRAME_US });
    expect(words[0]!.confidence).toBeCloseTo(0.6);
  });

  it('[C8] a word ends at the latest where the next begins', () => {
    const { take, words } = account();
    take([token('\u2581to', 3)], 4);
    expect(words[0]).toMatchObject({ startUs: 3 * FRAME_US, endUs: 5 * FRAME_US });
    take([token('\u2581the', 4)], 6);
    expect(words[0]).toMatchObject({ endUs: 4 * FRAME_US, state: 'confirmed' });
  });

  it.each([
    ['14 frames', 14, false],
    ['15 frames, 1.2 s', 15, true],
  ])('[C8] after a pause of %s a word begins: %s', (_, frames, begins) => {
    const { take, words } = account();
    take([token('\u2581to', 0)], 1);
    take([token('\u2581the', 1 + frames)], 2 + frames);
    expect(words.map((word) => word.begins)).toEqual([true, begins]);
  });

  it('[C8] tells a pause of 1.2 s once, with a change of nothing', () => {
    const ledger = new CaptionLedger(PIECES);
    const quiet = (frames: number) => ledger.take([], frames * FRAME_US);
    expect(quiet(40)).toBeNull();
    ledger.take([token('\u2581to', 40)], 41 * FRAME_US);
    expect(quiet(47)).toMatchObject({ from: 0, words: [{ text: 'to', state: 'confirmed' }] });
    expect(quiet(55)).toBeNull();
    expect(quiet(56)).toEqual({ from: 1, words: [] });
    expect(quiet(57)).toBeNull();
  });

  it('[C8] time that goes back begins a word', () => {
    const { take, words } = account();
    take([token('\u2581to', 100)], 102);
    take([token('ast', 3)], 5);
    expect(words.map(({ text, begins }) => [text, begins])).toEqual([
      ['to', true],
      ['ast', true],
    ]);
  });

  it('[C8] a word without an end is cut at 64 letters', () => {
    const { take, words } = account();
    for (let i = 0; i < 100; i++) take([token('ast', i)], i + 1);
    expect(words.map((word) => word.text).join('')).toBe('ast'.repeat(100));
    for (const { text } of words) expect(text.length).toBeLessThanOrEqual(64);
  });

  it('[C8] confirmed never changes, drafts never outlive the end, no text is lost', () => {
    const step = fc.record({
      tokens: fc.array(
        fc.record({
          id: fc.nat(PIECES.length - 1),
          gap: fc.integer({ min: 1, max: 20 }),
          margin: fc.double({ min: 0, max: 1, noNaN: true }),
        }),
        { maxLength: 3 },
      ),
      silence: fc.nat(20),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const { take, close, words } = account();
        let frame = 0;
        let text = '';
        const confirmed: CaptionWord[] = [];
        const check = () =>
          words.forEach((word, i) => {
            if (confirmed[i]) expect(word).toEqual(confirmed[i]);
            else if (word.state === 'confirmed') confirmed[i] = word;
          });
        for (const { tokens, silence } of steps) {
          const heard = tokens.map(({ id, gap, margin }) => {
            frame += gap;
            const piece = PIECES[id]!;
            if (!piece.startsWith('<')) text += piece.replace('\u2581', '');
            return { ...token(piece, frame, margin) };
          });
          frame += silence;
          take(heard, frame + 1);
          check();
        }
        close();
        check();
        expect(words.every((word) => word.state === 'confirmed')).toBe(true);
        expect(words.map((word) => word.text).join('')).toBe(text);
      }),
      { numRuns: 300 },
    );
  });
});
