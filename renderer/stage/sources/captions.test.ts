import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { CaptionWord } from '../../../contract/captions';
import { DEFAULT_CAPTION_LAYER } from '../../../contract/project';
import { CaptionsSource } from './captions';

const BOX = { width: 1000, height: 200, programmeHeight: 720 };

let drawn: { text: string; colour: string }[];
let words: CaptionWord[];
let source: CaptionsSource;

/** A canvas that notes the words and their colours. */
class NotingCanvas {
  readonly width: number;
  readonly height: number;
  constructor(width: number, height: number) {
    this.width = width;
    this.height = height;
  }
  getContext() {
    const context = {
      fillStyle: '',
      measureText: (text: string) => ({ width: 18 * text.length }),
      fillText: (text: string) => drawn.push({ text, colour: context.fillStyle }),
      fillRect: () => undefined,
      save: () => undefined,
      restore: () => undefined,
      translate: () => undefined,
      scale: () => undefined,
    };
    return context;
  }
}

function word(text: string, startUs: number, state: CaptionWord['state'] = 'confirmed'): CaptionWord {
  return { text, startUs, endUs: startUs + 1e5, confidence: 1, state, begins: false };
}

/** The words of the picture at a tick, or null without one. */
function seenAt(tickUs: number): string | null {
  drawn = [];
  const picture = source.pictureAt(tickUs);
  return picture === null ? null : drawn.map(({ text }) => text).join(' ');
}

beforeEach(() => {
  vi.stubGlobal('OffscreenCanvas', NotingCanvas);
  drawn = [];
  words = [];
  source = new CaptionsSource(DEFAULT_CAPTION_LAYER, BOX, () => words);
  return () => vi.unstubAllGlobals();
});

describe('CaptionsSource', () => {
  it('shows nothing before anything is heard', () => {
    expect(seenAt(0)).toBeNull();
  });

  it('draws drafts in their own colour', () => {
    words = [word('good', 1), word('even', 2, 'draft')];
    expect(seenAt(0)).toBe('good even');
    expect(drawn.map(({ colour }) => colour)).toEqual([
      DEFAULT_CAPTION_LAYER.colour,
      DEFAULT_CAPTION_LAYER.draftColour,
    ]);
  });

  it('clears the panel after a while, and what left it does not come back with the next words', () => {
    words = [word('good', 1), word('evening', 2)];
    expect(seenAt(1e6)).toBe('good evening');
    expect(seenAt(10e6)).toBeNull();
    words = [...words, word('everyone', 9e6)];
    expect(seenAt(10.1e6)).toBe('everyone');
  });

  it('does not show words that were said long before the layer came', () => {
    words = [word('good', 1), word('evening', 2)];
    expect(seenAt(60e6)).toBeNull();
  });

  it('begins anew when the stream does, whose times may be earlier', () => {
    words = [word('late', 9e6)];
    seenAt(0);
    seenAt(10e6);
    words = [];
    seenAt(10.1e6);
    words = [word('early', 8e6)];
    expect(seenAt(10.2e6)).toBe('early');
  });
});
