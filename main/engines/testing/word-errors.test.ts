import { expect, it } from 'vitest';
import { wordErrors } from './word-errors';

it.each([
  ['a b c', 'a b c', 0],
  ['a b c', 'a c', 1],
  ['a b c', 'a x b c', 1],
  ['a b c', 'x b y', 2],
  ['', 'a b', 2],
  ['a b', '', 2],
])('"%s" heard as "%s" has %i errors', (truth, heard, errors) => {
  const split = (text: string) => text.split(' ').filter(Boolean);
  const found = wordErrors(split(truth), split(heard));
  expect(found.errors).toBe(errors);
  for (const [i, j] of found.matches) expect(split(heard)[j]).toBe(split(truth)[i]);
});
