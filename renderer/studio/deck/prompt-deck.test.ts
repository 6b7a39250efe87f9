import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Command } from '../../../contract/commands';
import type { LiveState } from '../../../contract/live';
import { DEFAULT_ANIMATE } from '../../../contract/project';
import type { StageStats } from '../../../contract/stage';
import { newLayer } from '../model/new-items';
import { PromptDeck, type DeckSource, type EngineLayer } from './prompt-deck.svelte';

let target: EngineLayer;
let sent: string[];
let times: (number | undefined)[];
let versions: { wanted: number; shown: number };
let deck: PromptDeck;

beforeEach(() => {
  vi.useFakeTimers();
  const layer = newLayer('Camera', { kind: 'test-card', beep: false });
  target = { ...layer, engine: { ...DEFAULT_ANIMATE, prompt: 'ink' } };
  sent = [];
  times = [];
  versions = { wanted: 1, shown: 1 };
  const source: DeckSource = {
    get state() {
      const layers = { [target.id]: { controlVersion: versions.wanted, unknownWords: ['flumph'] } };
      return { layers, engines: { animate: { state: 'ready' } } } as unknown as LiveState;
    },
    get stats() {
      return { engines: [{ layerId: target.id, appliedVersion: versions.shown }] } as unknown as StageStats;
    },
    get target() {
      return target;
    },
    command(command: Command, inputMs?: number) {
      if (command.type !== 'engine.update' || command.patch.prompt === undefined) return;
      sent.push(command.patch.prompt);
      times.push(inputMs);
      target = { ...target, engine: { ...target.engine, prompt: command.patch.prompt } };
      versions.wanted += 1;
    },
  };
  deck = new PromptDeck(source);
});

afterEach(() => {
  deck.dispose();
  vi.useRealTimers();
});

test('a prompt is sent once, 120 ms after the last key', () => {
  for (const text of ['ink n', 'ink ne', 'ink neo', 'ink neon']) {
    deck.type(text);
    vi.advanceTimersByTime(100);
  }
  expect(sent).toEqual([]);
  expect(deck.progress).toBe('typing');
  vi.advanceTimersByTime(20);
  expect(sent).toEqual(['ink neon']);
});

test('a prompt is timed by the last key that made it, not by its sending', () => {
  deck.type('ink n', 1000);
  vi.advanceTimersByTime(100);
  deck.type('ink ne', 1100);
  vi.advanceTimersByTime(120);
  deck.type('ink neon', 1400);
  // Enter and leaving the box only send what is there.
  deck.send();
  deck.send();
  deck.play('rain', 2000);
  deck.back(2100);
  deck.forward(2200);
  expect(sent).toEqual(['ink ne', 'ink neon', 'rain', 'ink neon', 'rain']);
  expect(times).toEqual([1100, 1400, 2000, 2100, 2200]);
});

test('a prompt counts as applied when pictures made with its version are on stage', () => {
  deck.play('neon');
  expect(deck.progress).toBe('sent');
  versions.shown = versions.wanted;
  expect(deck.progress).toBe('applied');
});

test('history walks back over resting prompts, not over every key, and forward again', () => {
  deck.type('ink r');
  deck.type('ink rain');
  vi.advanceTimersByTime(2000);
  deck.play('neon');
  deck.back();
  expect(deck.text).toBe('ink rain');
  deck.back();
  expect(deck.text).toBe('ink');
  expect(deck.canGoBack).toBe(false);
  deck.forward();
  deck.forward();
  expect(deck.text).toBe('neon');
  expect(deck.canGoForward).toBe(false);
});

test('a prompt that is still being typed can be walked back from and returned to', () => {
  deck.type('ink storm');
  deck.back();
  expect(deck.text).toBe('ink');
  deck.forward();
  expect(deck.text).toBe('ink storm');
});

test('nothing is sent after the deck is disposed of', () => {
  deck.type('neon');
  deck.dispose();
  vi.advanceTimersByTime(5000);
  expect(sent).toEqual([]);
});
