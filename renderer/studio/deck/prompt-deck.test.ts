import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Command } from '../../../contract/commands';
import type { LiveState } from '../../../contract/live';
import type { StageStats } from '../../../contract/stage';
import { PromptDeck, type DeckSource } from './prompt-deck.svelte';
import type { PromptTarget } from './prompt-target';

let target: PromptTarget;
let given: Command[];
let sent: string[];
let times: (number | undefined)[];
let versions: { wanted: number; shown: number };
let deck: PromptDeck;

const NAMED = { layerId: 'cam', layerName: 'Camera', prompt: 'ink', seed: 2, enabled: true };

beforeEach(() => {
  vi.useFakeTimers();
  target = { ...NAMED, engine: 'animate', strength: 0.8 };
  given = [];
  sent = [];
  times = [];
  versions = { wanted: 1, shown: 1 };
  const source: DeckSource = {
    get state() {
      const told = { controlVersion: versions.wanted, unknownWords: ['flumph'] };
      const made = { controlVersion: 1, unknownWords: [] };
      const cam = target.engine === 'animate' ? { ...told, generated: made } : { ...made, generated: told };
      const engines = { animate: { state: 'ready' }, generate: { state: 'ready' } };
      return { layers: { cam }, engines } as unknown as LiveState;
    },
    get stats() {
      const other = target.engine === 'animate' ? 'generate' : 'animate';
      const engines = [
        { layerId: 'cam', engine: other, appliedVersion: 99 },
        { layerId: 'cam', engine: target.engine, appliedVersion: versions.shown },
      ];
      return { engines } as unknown as StageStats;
    },
    get target() {
      return target;
    },
    command(command: Command, inputMs?: number) {
      given.push(command);
      if (command.type !== 'engine.update' && command.type !== 'generate.update') return;
      if (command.patch.prompt === undefined) return;
      sent.push(command.patch.prompt);
      times.push(inputMs);
      target = { ...target, prompt: command.patch.prompt };
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

test('a made picture is played by its own command, and by its own version and words', () => {
  target = { ...NAMED, engine: 'generate', blendMs: 1000 };
  deck.play('sea fog', 50);
  expect(given).toEqual([{ type: 'generate.update', layerId: 'cam', patch: { prompt: 'sea fog' } }]);
  expect(deck.progress).toBe('sent');
  versions.shown = versions.wanted;
  expect(deck.progress).toBe('applied');
  expect(deck.unknownWords).toEqual(['flumph']);
});

test('what is typed for one of a layer’s engines is not shown for the other', () => {
  deck.type('ink storm');
  target = { ...NAMED, engine: 'generate', blendMs: 0, prompt: 'sea' };
  expect(deck.text).toBe('sea');
  vi.advanceTimersByTime(200);
  expect(given.map((command) => command.type)).toEqual(['engine.update']);
});

test('a cue that was played by the studio can be walked back from', () => {
  deck.note('neon');
  target = { ...target, prompt: 'neon' };
  deck.back();
  expect(sent).toEqual(['ink']);
});
