import { expect, test } from 'vitest';
import { takeLaunchToken } from './launch-token';

function place(hash: string, kept: Record<string, string> = {}) {
  const shown: string[] = [];
  return {
    kept,
    shown,
    location: { hash, pathname: '/', search: '?a=1' },
    history: { replaceState: (_: unknown, __: string, url: string) => void shown.push(url) },
    sessionStorage: {
      getItem: (key: string) => kept[key] ?? null,
      setItem: (key: string, value: string) => void (kept[key] = value),
    },
  };
}

test('the token is read from the fragment, hidden there and kept for a reload', () => {
  const first = place('#token=abc_-9&mode=x');
  expect(takeLaunchToken(first)).toBe('abc_-9');
  expect(first.shown).toEqual(['/?a=1']);
  expect(takeLaunchToken(place('', first.kept))).toBe('abc_-9');
});

test('a page opened without a token has none', () => {
  expect(takeLaunchToken(place('#other=1'))).toBeNull();
});
