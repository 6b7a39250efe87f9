import { expect, test } from 'vitest';
import { projectArgument } from './arguments';

test('the word after --project is the project, wherever it stands', () => {
  expect(projectArgument(['electron', '--no-sandbox', '.', '--project', '/a b/show.json'])).toBe(
    '/a b/show.json',
  );
});

test.each([[['electron', '.']], [['electron', '--project']], [['electron', '--project', '--demo']]])(
  '%j names no project',
  (argv) => {
    expect(projectArgument(argv)).toBeUndefined();
  },
);
