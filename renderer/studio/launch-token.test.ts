import { expect, test } from 'vitest';
import { findLaunchToken } from './launch-token';

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

const refuse = () => Promise.resolve(new Response('used', { status: 403 }));

test('the token is read from the fragment, hidden there and kept for a reload', async () => {
  const first = place('#token=abc_-9&mode=x');
  expect(await findLaunchToken(first, refuse)).toBe('abc_-9');
  expect(first.shown).toEqual(['/?a=1']);
  expect(await findLaunchToken(place('', first.kept), refuse)).toBe('abc_-9');
});

test('a page opened without a token has none', async () => {
  expect(await findLaunchToken(place('#other=1'), refuse)).toBeNull();
});

test('a launch code is exchanged for the token once, and hidden', async () => {
  const asked: unknown[] = [];
  const first = place('#launch=code');
  const token = await findLaunchToken(first, (path, init) => {
    asked.push(path, init.headers['x-launch-code']);
    return Promise.resolve(new Response('abc'));
  });
  expect(token).toBe('abc');
  expect(asked).toEqual(['/launch', 'code']);
  expect(first.shown).toEqual(['/?a=1']);
  expect(await findLaunchToken(place('', first.kept), refuse)).toBe('abc');
});

test('a used code, or a server that is gone, gives none', async () => {
  expect(await findLaunchToken(place('#launch=code'), refuse)).toBeNull();
  expect(await findLaunchToken(place('#launch=code'), () => Promise.reject(new Error('gone')))).toBeNull();
});
