import { expect, test } from 'vitest';
import type { EngineLive } from '../../../contract/live';
import { DEFAULT_BINAURAL, emptyProject } from '../../../contract/project';
import type { StageStats } from '../../../contract/stage';
import { STOPPED_ENGINE, idleState } from '../../../contract/testing/idle-state';
import { newStrip } from '../model/new-items';
import { runningEngines } from './running-engines';

const ready: EngineLive = { ...STOPPED_ENGINE, state: 'ready' };
const stats = {
  engines: [
    { layerId: 'a', engine: 'animate', fps: 11.42 },
    { layerId: 'b', engine: 'generate', fps: 8 },
    { layerId: 'c', engine: 'generate', fps: 6.04 },
  ],
  binaural: [
    { stripId: 'x', networkShare: 1, missed: 0, delayMs: 21 },
    { stripId: 'y', networkShare: 0.914, missed: 3, delayMs: 21 },
    { stripId: 'plain', networkShare: 0, missed: 0, delayMs: 3 },
  ],
} as unknown as StageStats;

test('each engine that runs has one figure, that of its worst stream', () => {
  const strip = (id: string, network: boolean) => ({
    ...newStrip(id, { kind: 'layer', layerId: 'a' }),
    id,
    binaural: { ...DEFAULT_BINAURAL, network },
  });
  const strips = [strip('x', true), strip('y', true), strip('plain', false)];
  const state = idleState({
    project: { ...emptyProject(), strips },
    engines: { animate: ready, generate: ready, captions: ready, binaural: ready },
    captions: { ...idleState().captions, latencyMs: { p50: 420.4, p95: 800, n: 9 } },
  });
  expect(runningEngines(state, stats).map(({ engine, figure }) => [engine, figure])).toEqual([
    ['binaural', '91 %'],
    ['captions', '420 ms'],
    ['animate', '11.4 fps'],
    ['generate', '6.0 fps'],
  ]);
});

test('an engine that nothing asks for is left out, one that does not run tells its state', () => {
  const failed = { ...STOPPED_ENGINE, state: 'failed' as const };
  const state = idleState({ engines: { ...idleState().engines, generate: failed, captions: ready } });
  expect(runningEngines(state, null).map(({ figure, trouble }) => [figure, trouble])).toEqual([
    ['–', false],
    ['Failed', true],
  ]);
});
