import { spawn } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DEFAULT_ANIMATE, FULL_FRAME, emptyProject, type Layer, type Source } from '../contract/project';
import { layerOf } from './helpers/live-state';
import { StudioProcess } from './helpers/studio-process';

const ROOT = resolve(import.meta.dirname, '..');

let folder: string;
let studio: StudioProcess | null = null;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fantascope-bad-'));
});
afterEach(async () => {
  await studio?.stop();
  studio = null;
  await rm(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
});

function layer(source: Source, extra: Partial<Layer> = {}): Layer {
  return layerOf('layer', source, extra);
}

const scenesOf = (...layers: Layer[]) => [{ id: 'scene-1', name: 'Scene', layers }];

/** Runs the studio from the command line and answers with its exit code and last line. */
function runCli(
  args: string[],
  env: NodeJS.ProcessEnv = {},
): Promise<{ code: number | null; lastLine: string }> {
  return new Promise((done) => {
    const child = spawn(process.execPath, [join(ROOT, 'out/main/browser.js'), ...args], {
      env: { ...process.env, FANTASCOPE_USER_DATA: join(folder, 'user'), ...env },
      timeout: 60_000,
    });
    let output = '';
    child.stdout.on('data', (chunk) => (output += chunk));
    child.stderr.on('data', (chunk) => (output += chunk));
    child.on('close', (code) => done({ code, lastLine: output.trim().split('\n').at(-1) ?? '' }));
  });
}

describe('the command line', () => {
  it.each([
    ['a show that is not there', ['--show', '/nowhere/show.json', '--headless'], /cannot|can be read/],
    ['an unknown option', ['--frobnicate'], /--frobnicate/],
  ])('refuses %s in one sentence and with exit code 1', async (_, args, words) => {
    const { code, lastLine } = await runCli(args);
    expect(code).toBe(1);
    expect(lastLine).toMatch(words);
  });

  it('refuses a malformed show and says where it is wrong', async () => {
    const file = join(folder, 'show.json');
    await writeFile(
      file,
      JSON.stringify({ version: 1, title: 'x', durationS: 'long', project: {}, cues: [] }),
    );
    const { code, lastLine } = await runCli(['--show', file, '--headless', '--out', folder]);
    expect(code).toBe(1);
    expect(lastLine).toMatch(/durationS/);
  });

  it('says of a show that could not record why, with exit code 1', async () => {
    const file = join(folder, 'show.json');
    await writeFile(
      file,
      JSON.stringify({ version: 1, title: 'x', durationS: 3, project: emptyProject(), cues: [] }),
    );
    await writeFile(join(folder, 'not-a-folder'), '');
    const { code, lastLine } = await runCli([
      '--show',
      file,
      '--headless',
      '--out',
      join(folder, 'not-a-folder'),
    ]);
    expect(code).toBe(1);
    expect(lastLine).toMatch(/^Show failed: .*(folder|written)/i);
  });

  it('does not start twice on the same user data', async () => {
    studio = await StudioProcess.start({ args: ['--serve'], userData: folder });
    const { code, lastLine } = await runCli(['--serve', '--user-data', folder]);
    expect(code).toBe(1);
    expect(lastLine).toMatch(/already running/);
  });
});

describe('the running studio', () => {
  it('opens with a new project when the file is malformed, keeps the file, and says so', async () => {
    await writeFile(join(folder, 'project.json'), '{"version":1,"scenes":');
    studio = await StudioProcess.start({ args: ['--serve'], userData: folder });
    expect(studio.state.notices.map((n) => n.error.code)).toContain('project.unreadable');
    const names = await readdir(folder);
    const aside = names.find((name) => name.includes('unreadable'))!;
    expect(await readFile(join(folder, aside), 'utf8')).toBe('{"version":1,"scenes":');
    const refused = await studio.rpc.openProject(join(folder, aside));
    expect(refused).toMatchObject({ ok: false, error: { code: 'project.unreadable' } });
  });

  it.each([
    ['missing', 'model.missing', async (models: string) => rm(join(models, 'models/animate/unet.onnx'))],
    [
      'damaged',
      'model.corrupt',
      async (models: string) => {
        const file = join(models, 'models/animate/unet.onnx');
        const bytes = await readFile(file);
        bytes[bytes.length >> 1]! ^= 0xff;
        await writeFile(file, bytes);
      },
    ],
  ])('passes the picture through when the model is %s, and names the file', async (_, code, harm) => {
    const models = join(folder, 'models');
    for (const part of ['catalogue.json', 'contracts', 'models']) {
      await mkdir(models, { recursive: true });
      await cp(join(ROOT, 'native-models', part), join(models, part), { recursive: true });
    }
    await harm(models);
    studio = await StudioProcess.start({
      project: { scenes: scenesOf(layer({ kind: 'test-card', beep: false }, { engine: DEFAULT_ANIMATE })) },
      env: { FANTASCOPE_MODELS: models },
      userData: folder,
    });
    const state = await studio.until('refusal', (s) => s.engines.animate.state === 'failed');
    expect(state.engines.animate.error).toMatchObject({ code });
    expect(state.engines.animate.error!.message).toContain('unet.onnx');
    await studio.command({ type: 'recording.start' });
    await studio.until('the programme goes on', (s) => s.recording.durationUs > 2e6);
    await studio.command({ type: 'recording.stop' });
    await studio.until('file', (s) => s.recording.state === 'idle' && s.recording.file !== null);
  });

  it('says of a film that cannot be played that it cannot, and goes on', async () => {
    const path = join(folder, 'film.mp4');
    await writeFile(path, 'this is no film');
    studio = await StudioProcess.start({
      project: {
        media: [{ id: 'film', name: 'film.mp4', path }],
        scenes: scenesOf(layer({ kind: 'film', mediaId: 'film', loop: true })),
      },
    });
    const state = await studio.until('notice', (s) => s.notices.some((n) => n.key === 'layer-layer'));
    expect(state.notices.find((n) => n.key === 'layer-layer')!.error.code).toMatch(/^media\./);
  });

  it('refuses to record where it may not write, before anything is lost', async () => {
    await writeFile(join(folder, 'file'), '');
    studio = await StudioProcess.start({
      project: { recording: { folder: join(folder, 'file'), container: 'mp4' } },
      userData: folder,
    });
    await studio.command({ type: 'recording.start' });
    const state = await studio.until('notice', (s) => s.notices.some((n) => n.key === 'recording'));
    expect(state.notices.find((n) => n.key === 'recording')!.error.code).toBe('recording.folder');
    expect(state.recording.state).toBe('idle');
    expect(state.onAir).toBe(false);
  });

  it('refuses an address that is none when going live', async () => {
    studio = await StudioProcess.start({
      args: ['--serve'],
      project: {
        destinations: [
          { id: 'd', name: 'D', protocol: 'rtmp', url: 'http://example.org', audioBitrateKbps: 128 },
        ],
      },
    });
    await studio.command({ type: 'live.start', destinationId: 'd' });
    const state = await studio.until('notice', (s) => s.notices.some((n) => n.key === 'live-d'));
    expect(state.notices.find((n) => n.key === 'live-d')!.error.code).toBe('destination.invalid');
  });

  it('takes an engine picture again after a project with odd sizes and absurd places', async () => {
    const odd = layer(
      { kind: 'test-card', beep: false },
      {
        transform: {
          ...FULL_FRAME,
          x: -7.9,
          width: 0.005,
          height: 15.9,
          rotationDeg: 359.9,
          crop: { left: 1, top: 1, right: 1, bottom: 1 },
        },
      },
    );
    studio = await StudioProcess.start({ project: { scenes: scenesOf(odd) } });
    await studio.command({ type: 'recording.start' });
    await studio.until('the programme goes on', (s) => s.recording.durationUs > 2e6);
    await studio.command({ type: 'recording.stop' });
    await studio.until('file', (s) => s.recording.state === 'idle' && s.recording.file !== null);
  });
});
