import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { RemoteUrlSchema, type EngineInit, type EngineName, type ToEngine } from '../../contract/engine';
import type { ProviderMachine } from '../engines/runtime/provider-machine';
import { TINY_MODEL, TINY_MODELS_DIR } from '../engines/testing/fixtures';
import { redact } from '../outputs/redact';
import { sessionSecrets } from '../studio/session-secrets';
import type { ChildHandle, SpawnChild } from '../studio/shell';
import { EngineSessions } from './engine-sessions';
import * as v from 'valibot';

const TOKEN = 'hunter2-of-the-server';
const init: EngineInit = {
  type: 'init',
  engine: 'animate',
  token: 't',
  origin: 'http://127.0.0.1:1',
  modelsDir: TINY_MODELS_DIR,
  model: TINY_MODEL,
  threads: 1,
};
const remote = { url: 'grpcs://gpu.example:8001' };

/** A trial in which the provider agrees and is fast. */
class AgreeingChild implements ChildHandle {
  readonly pid = undefined;
  #message = (_: unknown) => {};
  #exit = (_code: number | null, _signal: string | null) => {};
  send({ type }: ToEngine): void {
    if (type === 'init') setImmediate(() => this.#message({ type: 'tried', providerMs: 1, cpuMs: 5 }));
    if (type === 'stop') setImmediate(() => this.#exit(0, null));
  }
  onMessage(listener: (message: unknown) => void): void {
    this.#message = listener;
  }
  onExit(listener: (code: number | null, signal: string | null) => void): void {
    this.#exit = listener;
  }
  onOutput(): void {}
  kill(): void {}
}

describe('EngineSessions', () => {
  let dir: string;
  let secrets: ReturnType<typeof sessionSecrets>;
  let changed: EngineName[];
  let pinned: [EngineName, number | null][];
  let logged: string[];
  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'fantascope-runs-'));
    secrets = sessionSecrets();
    [changed, pinned, logged] = [[], [], []];
  });
  afterEach(() => rm(dir, { recursive: true, force: true }));

  const noTrial = () => {
    throw new Error('No trial is wanted here.');
  };
  const open = (change: { machine?: ProviderMachine; spawnChild?: SpawnChild } = {}) =>
    EngineSessions.open({
      shell: { secrets, spawnChild: change.spawnChild ?? noTrial },
      ...(change.machine ? { machine: change.machine } : {}),
      paths: { userDataDir: dir, engineEntry: '/none.js', appDir: resolve(import.meta.dirname, '../..') },
      holders: () => [],
      onChange: (engine) => changed.push(engine),
      onQuality: (engine, tier) => pinned.push([engine, tier]),
      onLog: (line) => logged.push(line),
    });

  it('another quality tier alone is told to the engine that runs, and to the next one', async () => {
    const sessions = await open();
    await sessions.setRun('animate', { provider: 'auto', remote: null, quality: 2 });
    expect(pinned).toEqual([['animate', 2]]);
    expect(changed).toEqual([]);
    expect(await sessions.prepare(init)).toMatchObject({ quality: 2 });
    await sessions.setRun('animate', { provider: 'cpu', remote: null, device: 1, quality: 2 });
    expect(pinned).toHaveLength(1);
    expect(changed).toEqual(['animate']);
    expect(await sessions.prepare(init)).toMatchObject({ quality: 2, device: 1, provider: 'cpu' });
    await sessions.setRun('animate', { provider: 'cpu', remote: null, device: 1 });
    expect(pinned.at(-1)).toEqual(['animate', null]);
  });

  it('tells an engine what the user chose, also after the next start of the studio', async () => {
    const sessions = await open();
    expect(await sessions.run('animate')).toEqual({
      provider: 'auto',
      remote: null,
      hasToken: false,
      trials: [],
    });
    await sessions.setRun('animate', { provider: 'cpu', remote });
    await sessions.setToken('animate', TOKEN);
    expect(changed).toEqual(['animate', 'animate']);
    for (const each of [sessions, await open()]) {
      expect(await each.prepare(init)).toEqual({
        ...init,
        provider: 'cpu',
        quality: null,
        remote: { ...remote, token: TOKEN },
      });
      expect(await each.run('animate')).toEqual({ provider: 'cpu', remote, hasToken: true, trials: [] });
    }
    expect(await sessions.prepare({ ...init })).not.toHaveProperty('remote.ca');
  });

  it('keeps the token out of every file and strikes it out of the log', async () => {
    const sessions = await open();
    await sessions.setRun('animate', { provider: 'auto', remote });
    await sessions.setToken('animate', TOKEN);
    await sessions.prepare(init);
    for (const name of await readdir(dir)) {
      expect(await readFile(join(dir, name), 'utf8')).not.toContain(TOKEN);
    }
    expect(redact(`Bearer ${TOKEN}`)).not.toContain(TOKEN);
    expect(JSON.stringify([await sessions.run('animate'), logged])).not.toContain(TOKEN);
  });

  it('does not send a token to a server it was not typed for', async () => {
    const sessions = await open();
    await sessions.setRun('animate', { provider: 'cpu', remote });
    await sessions.setToken('animate', TOKEN);
    const elsewhere = { url: 'grpcs://other.example:8001' };
    await sessions.setRun('animate', { provider: 'cpu', remote: elsewhere });
    expect(await sessions.prepare(init)).toMatchObject({ remote: elsewhere });
    expect(JSON.stringify(await sessions.prepare(init))).not.toContain(TOKEN);
  });

  it('says what is wrong: no server for a token, a certificate that is not there, no such model', async () => {
    const sessions = await open();
    await expect(sessions.setToken('captions', TOKEN)).rejects.toMatchObject({ code: 'argument.invalid' });
    await sessions.setRun('animate', { provider: 'cpu', remote: { ...remote, caFile: join(dir, 'no.pem') } });
    await expect(sessions.prepare(init)).rejects.toThrow(/no\.pem/);
    await expect(sessions.prepare({ ...init, model: 'none' })).rejects.toMatchObject({
      code: 'model.missing',
    });
  });

  it('a provider that is named and refused is not exchanged without a word', async () => {
    const sessions = await open();
    await sessions.setRun('animate', { provider: 'cuda', remote: null });
    expect(await sessions.prepare(init)).toMatchObject({
      provider: 'cpu',
      standIn: { code: 'provider.refused', message: expect.stringMatching(/processor.*No trial is wanted/) },
    });
    const { trials } = await sessions.run('animate');
    expect(trials).toEqual([expect.stringMatching(/Provider cuda is refused for animate-tiny/)]);
    expect(logged).toEqual(trials);
  });

  it('a provider under which the engine goes on crashing is refused, one under which it did once is not', async () => {
    const sessions = await open({
      machine: { candidates: ['webgpu'], driver: 'd' },
      spawnChild: () => new AgreeingChild(),
    });
    expect(await sessions.prepare(init)).toMatchObject({ provider: 'webgpu' });
    for (const atMs of [0, 10, 400_000, 400_010]) {
      await sessions.crashed('animate', atMs);
      expect(await sessions.prepare(init)).toMatchObject({ provider: 'webgpu' });
    }
    await sessions.crashed('animate', 400_020);
    expect(await sessions.prepare(init)).toMatchObject({ provider: 'cpu' });
    expect(logged.at(-1)).toMatch(/webgpu is refused for animate-tiny: .*ended 3 times within 5 minutes/);
    // On the processor there is nothing to refuse.
    for (const atMs of [0, 1, 2, 3]) await sessions.crashed('animate', atMs);
    expect(await sessions.prepare(init)).toMatchObject({ provider: 'cpu' });
  });

  it('goes on without a file that is damaged, and says so', async () => {
    await writeFile(join(dir, 'engines.json'), '{"version":1,"engines":{"animate":{"provider":"magic"}}}');
    const sessions = await open();
    expect(await sessions.run('animate')).toMatchObject({ provider: 'auto' });
    expect(logged).toEqual([expect.stringMatching(/engines\.json must say what engines run on/)]);
  });
});

it.each([
  ['grpcs://host:8001', true],
  ['https://host/models', true],
  ['http://[::1]:8000', true],
  ['https://user:password@host', false],
  ['https://host?token=x', false],
  ['ftp://host', false],
  ['host:8001', false],
  ['grpc:// host', false],
])('an address of a model server: %s → %s', (url, fits) => {
  expect(v.is(RemoteUrlSchema, url)).toBe(fits);
});
