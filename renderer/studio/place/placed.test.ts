import { expect, test } from 'vitest';
import { DEFAULT_BINAURAL, emptyProject, FULL_FRAME } from '../../../contract/project';
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

test('a strip that follows a layer is heard from the middle of it, at its own distance', () => {
  const layer = {
    ...newLayer('Guest', { kind: 'test-card', beep: false }),
    transform: { ...FULL_FRAME, x: 0.75, width: 0.25, height: 0.5 },
  };
  const project = { ...emptyProject(), scenes: [{ id: 's', name: 'S', layers: [layer] }] };
  const follows = { ...DEFAULT_BINAURAL, distanceM: 3, followLayerId: layer.id };
  const place = placeOf(project, follows);
  expect(place.azimuthDeg).toBeLessThan(0);
  expect(place.elevationDeg).toBeGreaterThan(0);
  expect(place.distanceM).toBe(3);
  expect(placeOf(project, { ...follows, followLayerId: 'gone' })).toMatchObject({ azimuthDeg: 0 });
});
