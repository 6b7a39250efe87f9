import { describe, expect, it } from 'vitest';
import type { LiveState } from '../../../contract/live';
import {
  DEFAULT_BINAURAL,
  FULL_FRAME,
  emptyProject,
  type BinauralSettings,
  type Strip,
  type Transform,
} from '../../../contract/project';
import { captionedStream, refinedStream } from '../engine-link/linked-streams';
import { poseOf, usesNetwork } from './pose';

const strip = (change: Partial<BinauralSettings> | null): Strip => ({
  id: 'mic',
  name: 'Mic',
  source: { kind: 'layer', layerId: 'cam' },
  gainDb: 0,
  muted: false,
  syncOffsetMs: 0,
  binaural: change && { ...DEFAULT_BINAURAL, ...change },
});

function stateWith(transform: Transform, engine = 'ready'): LiveState {
  const project = emptyProject();
  project.scenes[0]!.layers = [{ id: 'cam', transform }] as (typeof project.scenes)[0]['layers'];
  const live = { state: engine, url: 'ws://127.0.0.1:9' };
  return {
    project,
    strips: { mic: { originUs: 0, streamId: 5, binaural: { epoch: 3, controlVersion: 8 } } },
    captions: { streamId: null, epoch: 1, controlVersion: 2 },
    engines: { binaural: live, captions: live },
  } as unknown as LiveState;
}

const at = (x: number, y: number, size = 0.5): Transform => ({
  ...FULL_FRAME,
  x: x - size / 2,
  y: y - size / 2,
  width: size,
  height: size,
});

describe('where a strip is heard', () => {
  const follow = strip({ followLayerId: 'cam', distanceM: 2, room: 0.3 });

  it.each([
    ['the middle', 0.5, 0.5, 0, 0],
    ['right', 1, 0.5, -60, 0],
    ['left', 0, 0.5, 60, 0],
    ['a quarter to the right', 0.75, 0.5, -30, 0],
    ['the top', 0.5, 0, 0, 30],
    ['the bottom', 0.5, 1, 0, -30],
    ['far off the right edge', 5, 0.5, -60, 0],
  ])('[B7] a layer at %s of the canvas', (_, x, y, azimuthDeg, elevationDeg) => {
    expect(poseOf(follow, stateWith(at(x, y)))).toEqual({
      azimuthDeg,
      elevationDeg,
      distanceM: 2,
      room: 0.3,
    });
  });

  it('[B7] half the size is twice as far', () => {
    expect(poseOf(follow, stateWith(at(0.5, 0.5, 1)))?.distanceM).toBe(1);
    expect(poseOf(follow, stateWith(at(0.5, 0.5, 0.25)))?.distanceM).toBe(4);
    expect(poseOf(follow, stateWith(at(0.5, 0.5, 0.005)))?.distanceM).toBe(20);
  });

  it('a strip that follows nothing, or a layer that is gone, stands where it was put', () => {
    const place = { azimuthDeg: 70, elevationDeg: -5, distanceM: 3, room: 0.5 };
    expect(poseOf(strip({ ...place, followLayerId: null }), stateWith(at(1, 1)))).toEqual(place);
    expect(poseOf(strip({ ...place, followLayerId: 'gone' }), stateWith(at(1, 1)))).toEqual(place);
  });

  it('a strip that is not placed has no pose and no stream', () => {
    for (const plain of [strip(null), strip({ enabled: false })]) {
      expect(poseOf(plain, stateWith(at(1, 1)))).toBeNull();
      expect(usesNetwork(plain, stateWith(at(1, 1)))).toBe(false);
      expect(refinedStream(plain, stateWith(at(1, 1)))).toBeNull();
    }
  });

  it('[B18] the network counts while its engine runs or comes back, not when it has failed', () => {
    const uses = (engine: string) => usesNetwork(strip({}), stateWith(FULL_FRAME, engine));
    expect(['starting', 'ready', 'restarting', 'failed', 'stopped'].map(uses)).toEqual([
      true,
      true,
      true,
      false,
      false,
    ]);
    expect(usesNetwork(strip({ network: false }), stateWith(FULL_FRAME))).toBe(false);
  });

  it('streams carry what the studio last told, and an address only while the engine is ready', () => {
    const stream = { url: 'ws://127.0.0.1:9', streamId: 5, epoch: 3, controlVersion: 8 };
    expect(refinedStream(strip({}), stateWith(FULL_FRAME))).toEqual(stream);
    expect(refinedStream(strip({}), stateWith(FULL_FRAME, 'restarting'))).toEqual({ ...stream, url: null });
    const state = stateWith(FULL_FRAME);
    expect(captionedStream(state)).toBeNull();
    const hearing = (streamId: number) =>
      captionedStream({ ...state, captions: { ...state.captions, streamId } });
    expect(hearing(0)).toMatchObject({ stripId: null, stream: { streamId: 0, epoch: 1, controlVersion: 2 } });
    expect(hearing(5)).toMatchObject({ stripId: 'mic', stream: { streamId: 5 } });
    expect(hearing(99)).toBeNull();
  });
});
