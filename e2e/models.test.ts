import { createHash } from 'node:crypto';
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ModelListing } from '../contract/models';
import { DEFAULT_ANIMATE } from '../contract/project';
import type { Result } from '../contract/rpc';
import { FileServer } from '../main/models/testing/file-server';
import { layerOf } from './helpers/live-state';
import { StudioProcess } from './helpers/studio-process';

const SHIPPED = resolve(import.meta.dirname, '..', 'native-models');
const ANIMATE = join(SHIPPED, 'models/animate');

type Catalogue = { models: { id: string; files: { path: string; bytes: number; sha256: string }[] }[] };

describe('models of the user', { timeout: 120_000 }, () => {
  let folder: string;
  let server: FileServer;
  let studio: StudioProcess;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'fantascope-models-'));
    server = new FileServer();
    await server.start();
    const models = join(folder, 'native-models');
    await mkdir(models);
    for (const name of ['catalogue.json', 'contracts', 'models'])
      await symlink(join(SHIPPED, name), join(models, name));
    const catalogue = JSON.parse(await readFile(join(SHIPPED, 'catalogue.json'), 'utf8')) as Catalogue;
    const shipped = catalogue.models.find(({ id }) => id === 'animate-mini')!;
    const files = await Promise.all(
      shipped.files.map(async (file) => ({
        ...file,
        urls: [server.add(file.path, await readFile(join(ANIMATE, file.path)))],
      })),
    );
    const fetched = { ...shipped, id: 'fetched', name: 'Fetched', files };
    await writeFile(join(models, 'public-models.json'), JSON.stringify({ version: 1, models: [fetched] }));
    const layer = layerOf(
      'layer',
      { kind: 'test-card', beep: false },
      { engine: { ...DEFAULT_ANIMATE, enabled: false } },
    );
    studio = await StudioProcess.start({
      project: { scenes: [{ id: 'scene-1', name: 'Scene', layers: [layer] }] },
      env: { FANTASCOPE_MODELS: models },
    });
  }, 120_000);
  afterAll(async () => {
    await studio?.stop();
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  });

  const ok = async <T>(answer: Promise<Result<T>>): Promise<T> => {
    const result = await answer;
    if (!result.ok) throw new Error(`${result.error.code}: ${result.error.message}`);
    return result.value;
  };
  const listing = (id: string): ModelListing | undefined =>
    studio.models?.models.find((model) => model.id === id);

  it('are listed beside the shipped ones, with what fits', async () => {
    studio.models = await ok(studio.rpc.watchModels());
    const shipped = studio.models.models.filter((model) => model.shipped).map(({ id }) => id);
    expect(shipped).toEqual(
      expect.arrayContaining(['animate-mini', 'binaural-mini', 'captions-mini', 'scenes']),
    );
    expect(listing('fetched')).toMatchObject({ state: 'absent', engine: 'animate', shipped: false });
    expect(listing('animate-mini')?.fit.predictedFps).toBeNull();
    await ok(studio.rpc.measureMachine());
    await studio.until('a measured machine', () => studio.models!.referenceMs !== null);
    expect(listing('animate-mini')!.fit.predictedFps).toBeGreaterThan(0);
  });

  it('are fetched, and an engine runs them', async () => {
    server.plan = [{ dropAfter: 100_000 }, {}];
    await ok(studio.rpc.downloadModel('fetched', false));
    await studio.until('the model is here', () => listing('fetched')?.state === 'installed');
    await studio.command({
      type: 'engine.update',
      layerId: 'layer',
      patch: { enabled: true, model: 'fetched' },
    });
    const { engines } = await studio.until(
      'the engine runs it',
      (state) => state.engines.animate.state === 'ready' && state.engines.animate.model === 'fetched',
    );
    expect(engines.animate.error).toBeNull();
    const refused = await studio.rpc.deleteModel('fetched');
    expect(refused).toMatchObject({ ok: false, error: { code: 'model.in-use' } });
  });

  it('are taken in from a folder', async () => {
    const mine = join(folder, 'mine');
    await mkdir(mine);
    await cp(ANIMATE, mine, { recursive: true });
    const file = async (role: string, path: string) => {
      const content = await readFile(join(mine, path));
      return {
        role,
        path,
        bytes: content.length,
        sha256: createHash('sha256').update(content).digest('hex'),
      };
    };
    const entry = {
      id: 'mine',
      name: 'Mine',
      task: 'animate',
      contract: 'animate',
      version: '1',
      licence: 'MIT',
      source: 'this test',
      tier: 'cpu',
      folder: 'models/mine',
      files: [await file('unet', 'unet.onnx')],
    };
    await writeFile(join(mine, 'model.json'), JSON.stringify(entry));
    expect(await ok(studio.rpc.importModels(mine, null))).toEqual(['mine']);
    await studio.until('the model is listed', () => listing('mine')?.state === 'installed');
    await ok(studio.rpc.deleteModel('mine'));
    await studio.until('the model is gone', () => listing('mine') === undefined);
  });

  it('that cannot be meant are refused in words, and nothing else changes', async () => {
    for (const id of ['', '../x', 'x'.repeat(100), 7 as unknown as string]) {
      const answer = await studio.rpc.downloadModel(id, false);
      expect(answer).toMatchObject({ ok: false });
    }
    expect(await studio.rpc.importModels('/nowhere', null)).toMatchObject({
      ok: false,
      error: { code: 'model.import-failed' },
    });
  });
});
