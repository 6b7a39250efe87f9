import { describe, expect, it } from 'vitest';
import { Silences } from './silences';

const FRAME_US = 10_000;

function heard(pattern: string): Silences {
  const silences = new Silences();
  [...pattern].forEach((sign, i) => silences.push(i * FRAME_US, sign === '#' ? 0.1 : 0.002));
  return silences;
}

describe('Silences', () => {
  it('[C15] a word cannot begin in silence: its start moves to where the sound begins', () => {
    const silences = heard('##########..........####');
    expect(silences.soundFrom(150_000, 280_000)).toBe(200_000);
    expect(silences.soundFrom(100_000, 280_000)).toBe(200_000);
    expect(silences.soundFrom(90_000, 280_000)).toBe(90_000);
    expect(silences.soundFrom(210_000, 280_000)).toBe(210_000);
  });

  it('[C15] nothing sounds before the stream', () => {
    expect(heard('####').soundFrom(-40_000, 80_000)).toBe(0);
    expect(heard('...###').soundFrom(-40_000, 80_000)).toBe(30_000);
  });

  it('[C15] the closing of a consonant is no pause', () => {
    expect(heard('######....#####').soundFrom(80_000, 200_000)).toBe(80_000);
  });

  it('[C15] sound that begins after the frame that told the word is not its own', () => {
    const silences = heard('######..............####');
    expect(silences.soundFrom(70_000, 150_000)).toBe(70_000);
    expect(silences.soundFrom(70_000, 200_000)).toBe(200_000);
  });

  it('[C15] silence that goes on has no end yet', () => {
    expect(heard('######..........').soundFrom(90_000, 1_000_000)).toBe(90_000);
  });
});
