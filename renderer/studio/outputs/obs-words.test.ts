import { expect, test } from 'vitest';
import { StudioError } from '../../../contract/errors';
import type { ObsLive } from '../../../contract/live';
import { obsWords } from './obs-words';

const idle: ObsLive = { state: 'idle', latencyMs: null, obsVersion: null, hasPassword: false, error: null };

test('a delay is told only when it was measured', () => {
  expect(obsWords({ ...idle, state: 'live' })).toBe('Sending · measuring');
  expect(obsWords({ ...idle, state: 'live', latencyMs: { p50: 212.4, p95: 260, n: 40 } })).toBe(
    'Sending · 212 ms',
  );
});

test('what is wrong is told in words while nothing is sent', () => {
  const error = new StudioError('output', 'obs.absent', 'Nothing listens on 127.0.0.1:4455.').toShape();
  expect(obsWords({ ...idle, error })).toBe('OBS could not be reached.');
  expect(obsWords({ ...idle, state: 'reconnecting' })).toBe('Reconnecting');
});
