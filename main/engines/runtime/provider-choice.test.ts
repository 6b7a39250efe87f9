import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { EngineInit, RunningProvider } from '../../../contract/engine';
import { bundleEntry } from '../testing/bundle-entry';
import { TINY_MODEL, TINY_MODELS_DIR, copyOf } from '../testing/fixtures';
import { forkChild } from '../testing/fork-child';
import { ProviderChoice, type Choice, type Tried } from './provider-choice';
import { lookAtMachine } from './provider-machine';
import { ProviderMemory, VERDICT_LASTS_MS } from './provider-memory';
import { tryProvider } from './provider-trial';

const init: EngineInit = {
  type: 'init',
  engine: 'animate',
  token: 't',
  origin: 'http://127.0.0.1:1',
  modelsDir: TINY_MODELS_DIR,
  model: TINY_MODEL,
  threads: 1,
};

describe('ProviderChoice', { timeout: 60_000 }, () => {
  let bundle: Awaited<ReturnType<typeof bundleEntry>>;
  let dir: string;
  let nowMs: number;
  let spawned: number;
  let verdicts: Tried[];
  beforeAll(async () => {
    bundle = await bundleEntry('main/engines/testing/provider-child.ts');
    dir = mkdtempSync(join(tmpdir(), 'fantascope-providers-'));
  }, 60_000);
  afterEach(() => {
    delete process.env.TRIAL_FAULT;
    rmSync(join(dir, 'providers.json'), { force: true });
  });
  afterAll(() => {
    bundle.dispose();
    rmSync(dir, { recursive: true, force: true });
  });

  /** A studio's choice as after a start: what is remembered is on the disk. */
  function choice(candidates: RunningProvider[], change: { driver?: string; runtime?: string } = {}) {
    nowMs = 1e12;
    spawned = 0;
    verdicts = [];
    return new ProviderChoice({
      spawn: (entry) => {
        spawned++;
        return forkChild(entry);
      },
      entryFile: bundle.entryFile,
      timeoutMs: 6000,
      memory: new ProviderMemory(join(dir, 'providers.json'), () => nowMs),
      runtime: change.runtime ?? '1',
      machine: { candidates, driver: change.driver ?? 'd' },
      onVerdict: (_, tried) => verdicts.push(tried),
    });
  }
  const reason = ({ tried: [first] }: Choice) => (first!.verdict.agrees ? 'agrees' : first!.verdict.reason);

  it.each([
    ['lie', /agree with the processor in .* away on average/],
    ['nan', /values that are not numbers/],
    ['shape', /what the processor does, and fails.*found \[16384\]/],
    ['hang', /within 6 s and did not/],
    ['crash', /ended its process by SIGABRT/],
  ])('refuses a provider with the fault "%s", in words, and does not try it again', async (fault, words) => {
    process.env.TRIAL_FAULT = fault;
    const found = await choice(['webgpu']).choose(init, 'auto');
    expect(found.provider).toBe('cpu');
    expect(reason(found)).toMatch(words);
    expect(verdicts).toHaveLength(1);
    // The next start of the studio knows it from the file, and a named provider is no way round it.
    for (const wanted of ['auto', 'webgpu'] as const) {
      const next = await choice(['webgpu']).choose(init, wanted);
      expect(next).toEqual(found);
      expect(spawned).toBe(0);
    }
  });

  it('takes one that agrees within rounding and is fast, never one that is slower', async () => {
    process.env.TRIAL_FAULT = 'slow';
    const slow = await choice(['webgpu']).choose(init, 'auto');
    expect(slow).toMatchObject({ provider: 'cpu', tried: [{ verdict: { agrees: true } }] });
    // Who names it gets it, for it agrees.
    expect(await choice(['webgpu']).choose(init, 'webgpu')).toMatchObject({ provider: 'webgpu' });
    process.env.TRIAL_FAULT = 'round';
    const [first] = (await choice(['cuda']).choose(init, 'auto')).tried;
    expect(first).toMatchObject({ provider: 'cuda', verdict: { agrees: true } });
  });

  it('an absent provider is remembered for every model, and the next one is tried', async () => {
    process.env.TRIAL_FAULT = 'lie';
    const both = choice(['dml', 'webgpu']);
    const found = await both.choose(init, 'auto');
    expect(found.tried.map(({ verdict }) => verdict.agrees)).toEqual([false, false]);
    expect(found.tried[0]!.verdict).toMatchObject({ holds: 'machine' });
    expect(spawned).toBe(2);
    const copy = copyOf(TINY_MODELS_DIR);
    const file = join(copy.dir, 'catalogue.json');
    writeFileSync(file, readFileSync(file, 'utf8').replace(/"sha256": "./, '"sha256": "0'));
    await both.choose({ ...init, modelsDir: copy.dir }, 'auto');
    expect(spawned).toBe(3);
    copy.dispose();
  });

  it('tries anew with another driver, another runtime, and after a month; a damaged file is no harm', async () => {
    process.env.TRIAL_FAULT = 'crash';
    await choice(['webgpu']).choose(init, 'auto');
    for (const change of [{ driver: 'e' }, { runtime: '2' }]) {
      await choice(['webgpu'], change).choose(init, 'auto');
      expect(spawned).toBe(1);
    }
    const later = choice(['webgpu']);
    nowMs += VERDICT_LASTS_MS + 1;
    await later.choose(init, 'auto');
    expect(spawned).toBe(1);
    writeFileSync(join(dir, 'providers.json'), '{"version":1,"verdicts":{"x":');
    expect(await choice(['webgpu']).choose(init, 'auto')).toMatchObject({ provider: 'cpu' });
    expect(spawned).toBe(1);
  });

  it('two engines that ask at once make one trial each, one after the other', async () => {
    process.env.TRIAL_FAULT = 'crash';
    const asked = choice(['webgpu']);
    const [a, b] = await Promise.all([asked.choose(init, 'auto'), asked.choose(init, 'auto')]);
    expect(a).toEqual(b);
    expect(spawned).toBe(1);
  });

  it('a model that is damaged says nothing of the provider', async () => {
    const copy = copyOf(TINY_MODELS_DIR);
    rmSync(join(copy.dir, 'models/animate/unet.onnx'));
    const options = { spawn: forkChild, entryFile: bundle.entryFile };
    const verdict = await tryProvider({ ...init, modelsDir: copy.dir, provider: 'webgpu' }, options);
    expect(verdict).toMatchObject({ agrees: false, holds: 'once', reason: expect.stringMatching(/unet/) });
    copy.dispose();
  });

  it('what cannot even be started is a verdict', async () => {
    const spawn = () => {
      throw new Error('ENOENT');
    };
    const verdict = await tryProvider({ ...init, provider: 'cuda' }, { spawn, entryFile: '/none' });
    expect(verdict).toMatchObject({ agrees: false, holds: 'once', reason: expect.stringMatching(/ENOENT/) });
  });
});

describe('lookAtMachine', () => {
  it('tries on Linux only what has a device, and knows its driver', () => {
    const root = `${mkdtempSync(join(tmpdir(), 'fantascope-machine-'))}/`;
    expect(lookAtMachine('linux', root).candidates).toEqual([]);
    mkdirSync(join(root, 'dev/dri'), { recursive: true });
    writeFileSync(join(root, 'dev/dri/renderD128'), '');
    expect(lookAtMachine('linux', root).candidates).toEqual(['webgpu']);
    writeFileSync(join(root, 'dev/nvidiactl'), '');
    mkdirSync(join(root, 'proc/driver/nvidia'), { recursive: true });
    writeFileSync(join(root, 'proc/driver/nvidia/version'), 'NVRM version: Module  550.54.14  Thu');
    const machine = lookAtMachine('linux', root);
    expect(machine.candidates).toEqual(['cuda', 'webgpu']);
    expect(machine.driver).toContain('550.54.14');
    expect(lookAtMachine('win32').candidates).toEqual(['dml', 'webgpu']);
    expect(lookAtMachine('darwin').candidates).toEqual(['coreml', 'webgpu']);
    rmSync(root, { recursive: true });
  });
});
