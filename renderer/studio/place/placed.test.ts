import { expect, test } from 'vitest';
import { DEFAULT_BINAURAL, emptyProject, FULL_FRAME } from '../../../contract/project';
import { idleState } from '../../../contract/testing/idle-state';
import { newLayer, newStrip } from '../model/new-items';
import { firstPlace, placeOf } from './placed';

const strip = (azimuthDeg: number, enabled = true) => ({
  ...newStrip('Voice', { kind: 'layer', layerId: 'x' }),
  binaural: { ...DEFAULT_BINAURAL, azimuthDeg, enabled },
});

test('a new strip stands in front, and beside those who are there already', () => {
  expect(firstPlace([]).azimuthDeg).toBe(0);
  expect(firstPlace([strip(5), strip(-170)]).azimuthDeg).toBe(45);
  expect(firstPlace([strip(0, false)]).azimuthDeg).toBe(0);
});

test('a strip that follows a layer is shown where it is heard, one that is not placed in front', () => {
  const layer = {
    ...newLayer('Guest', { kind: 'test-card', beep: false }),
    transform: { ...FULL_FRAME, x: 0.75, width: 0.25, height: 0.5 },
  };
  const project = { ...emptyProject(), scenes: [{ id: 's', name: 'S', layers: [layer] }] };
  const state = idleState({ project });
  const follows = strip(0);
  follows.binaural.followLayerId = layer.id;
  const place = placeOf(follows, state);
  expect(place.azimuthDeg).toBeLessThan(0);
  expect(place.elevationDeg).toBeGreaterThan(0);
  expect(placeOf(strip(70), state).azimuthDeg).toBe(70);
  expect(placeOf({ ...strip(0), binaural: null }, state)).toMatchObject({ azimuthDeg: 0, distanceM: 1.5 });
});
