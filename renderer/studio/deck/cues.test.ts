import { beforeEach, expect, test } from 'vitest';
import type { Command } from '../../../contract/commands';
import type { Cue } from '../../../contract/project';
import { Cues, type CueSource } from './cues';
import type { PromptTarget } from './prompt-target';

const NAMED = { layerId: 'back', layerName: 'Backdrop', prompt: 'sea', seed: 9, enabled: true };
const MADE: PromptTarget = { ...NAMED, engine: 'generate', blendMs: 0 };
const PAINTED: PromptTarget = { ...NAMED, engine: 'animate', strength: 0.8 };
const NEON: Cue = { id: 'c1', prompt: 'neon', layerId: null, seed: null, blendMs: null, atMs: null };

let kept: Cue[];
let target: PromptTarget | null;
let targets: PromptTarget[];
let text: string;
let given: Command[];
let noted: string[];
let cues: Cues;

beforeEach(() => {
  kept = [NEON];
  target = PAINTED;
  targets = [PAINTED];
  text = 'ink';
  given = [];
  noted = [];
  const source: CueSource = {
    get cues() {
      return kept;
    },
    get target() {
      return target;
    },
    targetsOf: () => targets,
    deck: {
      get text() {
        return text;
      },
      note: (prompt: string) => void noted.push(`${given.length}:${prompt}`),
    },
    command: (command) => given.push(command),
  };
  cues = new Cues(source);
});

test('a cue plays on what the deck plays, and its prompt joins the history', () => {
  cues.playSlot(0);
  expect(given).toEqual([{ type: 'cue.play', cueId: 'c1', layerId: 'back' }]);
  // Noted while the prompt before still stands in the box.
  expect(noted).toEqual(['0:neon']);
  cues.playSlot(5);
  expect(given).toHaveLength(1);
});

test('a cue of another layer leaves the deck’s history alone', () => {
  kept = [{ ...NEON, layerId: 'cam' }];
  cues.playSlot(0);
  expect(given).toHaveLength(1);
  expect(noted).toEqual([]);
});

test('of a layer with both engines a cue plays the one that the deck plays', () => {
  target = MADE;
  targets = [MADE, PAINTED];
  kept = [{ ...NEON, seed: 4 }];
  cues.playSlot(0);
  expect(given).toEqual([{ type: 'generate.update', layerId: 'back', patch: { prompt: 'neon', seed: 4 } }]);
});

test('keeping over a cue keeps its time and layer, and a pinned seed follows the deck', () => {
  kept = [{ ...NEON, seed: 4, atMs: 5000, layerId: 'cam' }];
  cues.keep(0);
  expect(given).toEqual([
    { type: 'cue.set', cue: { ...NEON, prompt: 'ink', seed: 9, atMs: 5000, layerId: 'cam' } },
  ]);
});

test('keeping in any free slot adds the next cue; nothing is kept of an empty prompt', () => {
  cues.keep(6);
  expect(given[0]).toMatchObject({ type: 'cue.set', cue: { prompt: 'ink', seed: null, atMs: null } });
  text = '  ';
  cues.keep(6);
  expect(given).toHaveLength(1);
});

test('a cue with a time gets the deck’s layer, and keeps it when the time goes', () => {
  cues.setTime(NEON, 1500);
  cues.setTime({ ...NEON, layerId: 'cam', atMs: 10 }, null);
  expect(given).toEqual([
    { type: 'cue.set', cue: { ...NEON, atMs: 1500, layerId: 'back' } },
    { type: 'cue.set', cue: { ...NEON, layerId: 'cam' } },
  ]);
});

test('a full project takes no further cue', () => {
  kept = Array.from({ length: 64 }, (_, index) => ({ ...NEON, id: `c${index}` }));
  cues.keep(64);
  expect(cues.canAdd).toBe(false);
  expect(given).toEqual([]);
});
