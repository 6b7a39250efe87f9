import { expect, test } from 'vitest';
import { countRun, countStep, describeTally, emptyTally, exitCodeOf } from './tally.mjs';
import { parseTestOptions } from './test-options.mjs';

const passed = { name: 'a > passes', state: 'passed', note: null };
const failed = { name: 'a > fails', state: 'failed', note: null };
const skipped = { name: 'a > waits', state: 'skipped', note: 'no camera' };

test('passed, failed and skipped tests are added up and the last line counts them', () => {
  const tally = countRun(
    emptyTally(),
    'unit',
    { tests: [passed, failed, skipped, passed], errors: [] },
    'ended with code 1',
  );
  expect(describeTally(tally).at(-1)).toBe('2 passed, 1 failed, 1 skipped');
  expect(exitCodeOf(tally)).toBe(1);
});

test('each skip is named with its cause', () => {
  const silent = { ...skipped, name: 'a > says nothing', note: null };
  const lines = describeTally(
    countRun(emptyTally(), 'e2e', { tests: [passed, skipped, silent], errors: [] }, null),
  );
  expect(lines[0]).toBe('skipped: a > waits (no camera)');
  expect(lines[1]).toBe('skipped: a > says nothing (no cause given)');
});

test('a file that cannot be loaded is a failure though no test of it ran', () => {
  const errors = [{ where: 'a.test.ts', message: 'Unexpected token' }];
  const tally = countRun(emptyTally(), 'unit', { tests: [passed], errors }, 'ended with code 1');
  expect(tally.failed).toBe(1);
  expect(exitCodeOf(tally)).toBe(1);
});

test('vitest that dies before its summary is a failure', () => {
  const tally = countRun(emptyTally(), 'e2e', null, 'was ended by SIGKILL');
  expect(tally.failures).toEqual(['e2e tests (vitest was ended by SIGKILL)']);
  expect(exitCodeOf(tally)).toBe(1);
});

test('an exit code that no test explains is a failure', () => {
  expect(countRun(emptyTally(), 'unit', { tests: [passed], errors: [] }, 'ended with code 1').failed).toBe(1);
});

test('nothing that ran is a failure, and so are only skips', () => {
  expect(exitCodeOf(emptyTally())).toBe(1);
  expect(exitCodeOf(countRun(emptyTally(), 'unit', { tests: [skipped], errors: [] }, null))).toBe(1);
});

test('a step of the checks counts as one', () => {
  const tally = countStep(countStep(emptyTally(), 'types', true), 'lint', false);
  expect(describeTally(tally)).toEqual(['failed: lint', '1 passed, 1 failed, 0 skipped']);
});

test('--unit and --e2e choose one project, anything else is a file filter', () => {
  expect(parseTestOptions(['--unit', '--no-check', 'stage/clock'])).toMatchObject({
    unit: true,
    e2e: false,
    check: false,
    files: ['stage/clock'],
  });
  expect(parseTestOptions(['--e2e', '-t', 'reconnects'])).toMatchObject({
    unit: false,
    e2e: true,
    name: 'reconnects',
  });
});

test.each([[['--unit', '--e2e']], [['-t']], [['--watch']]])('%j is refused', (words) => {
  expect(() => parseTestOptions(words)).toThrow(/npm test|give one|followed/);
});
