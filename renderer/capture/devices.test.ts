import { describe, expect, test } from 'vitest';
import { captureError, matchDevice } from './devices';

const connected = [
  { deviceId: 'a', label: 'Front' },
  { deviceId: 'b', label: 'Back' },
];

describe('matchDevice', () => {
  test('the id decides, even when the label became another', () => {
    expect(matchDevice({ deviceId: 'b', label: 'Front' }, connected)).toEqual(connected[1]);
  });

  test('an id that changed with the origin is found again by its label', () => {
    expect(matchDevice({ deviceId: 'old', label: 'Back' }, connected)).toEqual(connected[1]);
  });

  test('nothing saved means the first device', () => {
    expect(matchDevice({ deviceId: '', label: '' }, connected)).toEqual(connected[0]);
  });

  test('another device never stands in for the one that is meant', () => {
    expect(matchDevice({ deviceId: 'x', label: 'Side' }, connected)).toBe('missing');
    expect(matchDevice({ deviceId: 'x', label: '' }, connected)).toBe('missing');
  });

  test('before a permission the browser tells that there is something, but not what', () => {
    expect(matchDevice({ deviceId: 'a', label: 'Front' }, [{ deviceId: '', label: '' }])).toBe('hidden');
    expect(matchDevice({ deviceId: 'x', label: 'Front' }, [{ deviceId: 'b', label: '' }])).toBe('hidden');
    expect(matchDevice({ deviceId: 'a', label: 'Front' }, [])).toBe('missing');
  });
});

test.each([
  ['NotFoundError', 'device.missing'],
  ['OverconstrainedError', 'device.missing'],
  ['NotAllowedError', 'device.denied'],
  ['NotReadableError', 'device.lost'],
])('%s becomes %s with the device’s name', (name, code) => {
  const error = captureError('camera', { deviceId: 'a', label: 'Front' }, new DOMException('no', name));
  expect(error.code).toBe(code);
  expect(error.message).toContain('“Front”');
});
