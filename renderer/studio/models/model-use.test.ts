import { expect, test } from 'vitest';
import { CommandSchema } from '../../../contract/commands';
import * as v from 'valibot';
import {
  DEFAULT_ANIMATE,
  DEFAULT_BINAURAL,
  DEFAULT_GENERATE,
  FULL_FRAME,
  emptyProject,
} from '../../../contract/project';
import { canUse, modelAt, useModel, type ModelPlace } from './model-use';

const project = emptyProject();
project.scenes[0]?.layers.push({
  id: 'back',
  name: 'Backdrop',
  source: DEFAULT_GENERATE,
  visible: true,
  locked: false,
  transform: FULL_FRAME,
  opacity: 1,
  blend: 'normal',
  engine: DEFAULT_ANIMATE,
});
project.strips.push({
  id: 'mic',
  name: 'Mic',
  source: { kind: 'microphone', device: { deviceId: '', label: '' } },
  gainDb: 0,
  muted: false,
  syncOffsetMs: 0,
  binaural: { ...DEFAULT_BINAURAL, room: 0.25 },
});

const PLACES: [ModelPlace, string][] = [
  [{ engine: 'animate', layerId: 'back' }, 'animate-mini'],
  [{ engine: 'generate', layerId: 'back' }, 'scenes'],
  [{ engine: 'captions' }, 'captions-mini'],
  [{ engine: 'binaural', stripId: 'mic' }, 'binaural-mini'],
];

test.each(PLACES)('%j names %s and takes another model by one command', (place, modelId) => {
  expect(modelAt(project, place)?.modelId).toBe(modelId);
  const command = useModel(project, place, 'another');
  expect(v.parse(CommandSchema, command)).toEqual(command);
  expect(JSON.stringify(command)).toContain('"model":"another"');
});

test('another model leaves the rest of a placed strip as it is', () => {
  expect(useModel(project, { engine: 'binaural', stripId: 'mic' }, 'another')).toMatchObject({
    patch: { binaural: { room: 0.25 } },
  });
});

test('a place that is gone gets no command', () => {
  expect(useModel(project, { engine: 'animate', layerId: 'gone' }, 'another')).toBeNull();
  expect(useModel(project, { engine: 'binaural', stripId: 'gone' }, 'another')).toBeNull();
});

test('only a whole model of the same engine can be used', () => {
  const place: ModelPlace = { engine: 'captions' };
  expect(canUse({ engine: 'captions', state: 'installed' }, place)).toBe(true);
  expect(canUse({ engine: 'captions', state: 'absent' }, place)).toBe(false);
  expect(canUse({ engine: 'animate', state: 'installed' }, place)).toBe(false);
  expect(canUse({ engine: 'captions', state: 'installed' }, null)).toBe(false);
});
