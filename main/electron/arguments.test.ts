import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readArguments } from './arguments';

const read = (...words: string[]) =>
  readArguments(['electron', '--no-sandbox', '.', ...words], '/app/shows', '/home/ada');

test('nothing asked: the last project, no show, the system folder', () => {
  expect(read()).toEqual({ project: null, show: null, out: join('/home/ada', 'out/shows'), userData: null });
});

test('values stand after their word, wherever that is', () => {
  expect(read('--user-data', '/tmp/u', '--disable-gpu', '--project', '/a b/p.json')).toMatchObject({
    project: '/a b/p.json',
    userData: '/tmp/u',
  });
});

test('--demo is the show that comes with the studio', () => {
  expect(read('--demo', '--out', '/films')).toMatchObject({
    show: join('/app', 'shows/demo/demo.json'),
    out: '/films',
  });
});

test('a word without its value asks for nothing', () => {
  expect(read('--project', '--show')).toMatchObject({ project: null, show: null });
});
