import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readSecretFile, writeSecretFile } from './secret-file';

let folder: string;
let file: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'fantascope-secrets-'));
  file = join(folder, 'secrets.json');
});
afterEach(() => rmSync(folder, { recursive: true }));

test('no file is an empty set', async () => {
  expect(await readSecretFile(file)).toEqual({});
});

test('what was written is read back, and only the owner may read it', async () => {
  await writeSecretFile(file, { twitch: 'c2VhbGVk' });
  expect(await readSecretFile(file)).toEqual({ twitch: 'c2VhbGVk' });
  if (process.platform !== 'win32') expect(statSync(file).mode & 0o777).toBe(0o600);
});

test('a file that cannot be understood is kept aside, not written over', async () => {
  writeFileSync(file, '{"version":1,"values":');
  expect(await readSecretFile(file)).toEqual({});
  await writeSecretFile(file, { a: 'Yg==' });
  expect(readFileSync(`${file}.unreadable`, 'utf8')).toBe('{"version":1,"values":');
});
