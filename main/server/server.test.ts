import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { FrameFormat, FrameKind, encodeFrame } from '../../contract/frame';
import type { Media } from '../../contract/project';
import { CONTROL_PATH, STAGE_PATH, SUBPROTOCOL, TOKEN_PREFIX, type Result } from '../../contract/rpc';
import { testStudio } from '../studio/testing';
import type { StudioVerbs } from '../studio/verbs';
import { StudioServer } from './server';
import { REPLACED_CODE, StageLink } from './stage-socket';

const refuse = () => Promise.reject(new Error('not in this test'));
let opened: string[] = [];
const verbs: StudioVerbs = {
  setStreamKey: refuse,
  setObsPassword: refuse,
  engineRun: refuse,
  setEngineRun: refuse,
  setEngineToken: refuse,
  chooseFile: refuse,
  openExternal: async (address) => {
    opened.push(address);
    return null;
  },
  listProjects: refuse,
  openProject: refuse,
  saveProjectAs: refuse,
  addMedia: refuse,
  probeCameras: refuse,
  models: {
    shelf: () => ({ models: [], folder: '/models', usedBytes: 0, freeBytes: 1, referenceMs: null }),
    onChange: () => () => {},
    download: refuse,
    pause: refuse,
    cancel: refuse,
    delete: refuse,
    verify: refuse,
    import: refuse,
    measure: refuse,
  },
  revealRecording: refuse,
};

let dir: string;
let server: StudioServer;
let stageEvents: string[];
let stage: StageLink;
let studio: ReturnType<typeof testStudio>['studio'];

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'fantascope-server-'));
  await mkdir(join(dir, 'renderer'));
  await writeFile(join(dir, 'renderer', 'index.html'), '<p>studio</p>');
  await writeFile(join(dir, 'secret.txt'), 'secret');
  ({ studio } = testStudio());
  stageEvents = [];
  stage = new StageLink(() => 1000, {
    connected: () => stageEvents.push('connected'),
    message: (message) => stageEvents.push(message.type),
    frame: (frame) => stageEvents.push(`frame ${frame.header.kind}`),
    gone: () => stageEvents.push('gone'),
  });
  server = await StudioServer.start({
    rendererDir: join(dir, 'renderer'),
    userDataDir: dir,
    studio,
    stage,
    verbs,
  });
});
afterEach(async () => {
  await server.stop();
  await rm(dir, { recursive: true, force: true });
});

type Answer = { status: number; headers: Record<string, unknown>; body: string };

function get(path: string, headers: Record<string, string> = {}, body?: string): Promise<Answer> {
  const { port } = new URL(server.door.origin);
  return new Promise((resolve, reject) => {
    const call = request(
      { host: '127.0.0.1', port, path, headers, method: body === undefined ? 'GET' : 'POST' },
      (response) => {
        let text = '';
        response.on('data', (chunk) => (text += chunk));
        response.on('end', () =>
          resolve({ status: response.statusCode!, headers: response.headers, body: text }),
        );
      },
    );
    call.on('error', reject);
    call.end(body);
  });
}

function connect(path: string, token = server.door.token, origin = server.door.origin): Promise<WebSocket> {
  const socket = new WebSocket(
    `${server.door.origin.replace('http', 'ws')}${path}`,
    [SUBPROTOCOL, TOKEN_PREFIX + token],
    { origin },
  );
  return new Promise((resolve, reject) => {
    socket.once('open', () => resolve(socket));
    socket.once('error', reject);
  });
}

function call(socket: WebSocket, method: string, ...args: unknown[]): Promise<Result<unknown>> {
  const id = Math.random().toString(36);
  return new Promise((resolve) => {
    const listen = (data: unknown) => {
      const message = JSON.parse(String(data)) as { i?: string; r?: Result<unknown> };
      if (message.i !== id) return;
      socket.off('message', listen);
      resolve(message.r!);
    };
    socket.on('message', listen);
    socket.send(JSON.stringify({ t: 'q', m: method, a: args, i: id }));
  });
}

describe('the loopback door', () => {
  it('serves the page isolated and under a policy that runs only its own scripts', async () => {
    const answer = await get('/');
    expect(answer.body).toBe('<p>studio</p>');
    expect(answer.headers['cross-origin-opener-policy']).toBe('same-origin');
    expect(answer.headers['cross-origin-embedder-policy']).toBe('require-corp');
    expect(answer.headers['content-security-policy']).toContain("default-src 'none'");
  });

  it.each(['/../secret.txt', '/..%2fsecret.txt', '/%2e%2e/secret.txt', '/%00', '/%zz', '//secret.txt'])(
    'does not serve %s',
    async (path) => {
      expect((await get(path)).status).toBe(404);
    },
  );

  it('refuses another host name, as a rebound DNS name would bring', async () => {
    expect((await get('/', { host: 'evil.example' })).status).toBe(421);
  });

  it.each([
    ['a wrong token', 'nope', undefined],
    ['another origin', undefined, 'http://evil.example'],
    ['no path of ours', undefined, undefined],
  ])('refuses a socket with %s', async (what, token, origin) => {
    const path = what.startsWith('no path') ? '/elsewhere' : CONTROL_PATH;
    await expect(connect(path, token ?? server.door.token, origin ?? server.door.origin)).rejects.toThrow(
      /403/,
    );
  });

  it('gives the token once for each launch code, and only to its own page', async () => {
    const code = new URL(server.windowUrl()).hash.replace('#launch=', '');
    const headers = { 'x-launch-code': code, origin: server.door.origin };
    expect((await get('/launch', { ...headers, origin: 'http://evil.example' }, '')).status).toBe(403);
    expect((await get('/launch', headers, '')).body).toBe(server.door.token);
    expect((await get('/launch', headers, '')).status).toBe(403);
    expect((await get('/launch', { ...headers, 'x-launch-code': 'guess' }, '')).status).toBe(403);
  });

  it('keeps its port from launch to launch, and takes another when it is taken', async () => {
    const first = server.door.origin;
    await server.stop();
    const options = { rendererDir: join(dir, 'renderer'), userDataDir: dir, studio, stage, verbs };
    server = await StudioServer.start(options);
    expect(server.door.origin).toBe(first);
    await server.stop();
    const squatter = createServer();
    await new Promise<void>((done) => squatter.listen(Number(new URL(first).port), '127.0.0.1', done));
    server = await StudioServer.start(options);
    expect(server.door.origin).not.toBe(first);
    expect(server.portWasTaken).toBe(true);
    await new Promise((done) => squatter.close(done));
    await server.stop();
    server = await StudioServer.start(options);
    expect(server.door.origin).toBe(first);
  });
});

describe('media', () => {
  it('serves registered files by byte range and nothing else', async () => {
    const path = join(dir, 'clip.mp4');
    await writeFile(path, '0123456789');
    studio.command({ command: { type: 'media.add', media: { id: 'm1', name: 'clip', path } }, inputUs: 0 });
    expect((await get('/media/m1', { range: 'bytes=2-4' })).body).toBe('234');
    expect((await get('/media/m1', { range: 'bytes=-3' })).body).toBe('789');
    expect((await get('/media/m1', { range: 'bytes=20-' })).status).toBe(416);
    expect((await get('/media/m2')).status).toBe(404);
  });

  it('lets browsers keep only files of the build, never media', async () => {
    await mkdir(join(dir, 'renderer', 'assets'));
    await mkdir(join(dir, 'assets'));
    await writeFile(join(dir, 'renderer', 'assets', 'a-1f.js'), '1');
    const path = join(dir, 'assets', 'clip.mp4');
    await writeFile(path, '0123456789');
    studio.command({ command: { type: 'media.add', media: { id: 'm1', name: 'clip', path } }, inputUs: 0 });
    expect((await get('/assets/a-1f.js')).headers['cache-control']).toContain('immutable');
    expect((await get('/media/m1')).headers['cache-control']).toBe('no-cache');
    expect((await get('/')).headers['cache-control']).toBe('no-cache');
  });

  it('refuses an upload larger than the disk before a byte is stored', async () => {
    const authorization = `Bearer ${server.door.token}`;
    const headers = { authorization, origin: server.door.origin, 'content-length': String(2 ** 52) };
    const result = JSON.parse((await get('/upload', headers, 'x')).body) as Result<Media>;
    expect(result).toMatchObject({ ok: false, error: { code: 'media.disk-full' } });
    expect(await readdir(join(dir, 'media'))).toEqual([]);
  });

  it('keeps no upload that the project refuses', async () => {
    studio.command = () => {
      throw new Error('the list is full');
    };
    const authorization = `Bearer ${server.door.token}`;
    const answer = await get('/upload', { authorization, origin: server.door.origin }, 'bytes');
    expect(JSON.parse(answer.body)).toMatchObject({ ok: false });
    expect(await readdir(join(dir, 'media'))).toEqual([]);
  });

  it('takes an upload with the token only, under a name that stays in its folder', async () => {
    const headers = { 'x-file-name': encodeURIComponent('../../évil/../film.mp4') };
    expect((await get('/upload', { ...headers, origin: server.door.origin }, 'x')).status).toBe(403);
    const authorization = `Bearer ${server.door.token}`;
    expect(
      (await get('/upload', { ...headers, authorization, origin: 'http://evil.example' }, 'x')).status,
    ).toBe(403);
    const answer = await get('/upload', { ...headers, authorization, origin: server.door.origin }, 'bytes');
    const result = JSON.parse(answer.body) as Result<Media>;
    if (!result.ok) throw new Error(result.error.message);
    expect(result.value.path.startsWith(join(dir, 'media'))).toBe(true);
    expect(await readFile(result.value.path, 'utf8')).toBe('bytes');
    expect(studio.state.project.media).toHaveLength(1);
  });
});

describe('the control socket', () => {
  it('answers with snapshots, applies commands, and says what is wrong with a malformed one', async () => {
    const socket = await connect(CONTROL_PATH);
    expect(await call(socket, 'subscribe')).toMatchObject({ ok: true, value: { version: 1 } });
    const pushed = new Promise((resolve) =>
      socket.on('message', (data) => String(data).includes('"Night"') && resolve(true)),
    );
    const done = await call(socket, 'command', { command: { type: 'project.rename', name: 'Night' } });
    expect(done).toEqual({ ok: true, value: { version: 2 } });
    expect(await pushed).toBe(true);
    expect(await call(socket, 'command', { command: { type: 'master.update', gainDb: 99 } })).toMatchObject({
      ok: false,
      error: { code: 'message.invalid' },
    });
    socket.close();
  });

  it('opens https addresses in the browser, and refuses all others in words', async () => {
    const socket = await connect(CONTROL_PATH);
    opened = [];
    expect(await call(socket, 'openExternal', 'https://models.example/l')).toEqual({ ok: true, value: null });
    for (const address of ['http://models.example/', 'file:///etc/passwd', '-a', '', 7, null]) {
      const answer = await call(socket, 'openExternal', address);
      expect(answer).toMatchObject({ ok: false });
    }
    expect(await call(socket, 'openExternal', 'http://a.example/')).toMatchObject({
      error: { code: 'argument.invalid', message: expect.stringContaining('must begin with https://') },
    });
    expect(opened).toEqual(['https://models.example/l']);
    socket.close();
  });

  it('survives 10,000 hostile messages without a change of state', async () => {
    const socket = await connect(CONTROL_PATH);
    const before = studio.state;
    const methods = ['command', 'subscribe', 'constructor', '__proto__', 'toString', 'openProject', 'nope'];
    const hostile = fc.oneof(
      fc.string(),
      fc.json(),
      fc
        .record({ t: fc.constant('q'), m: fc.constantFrom(...methods), a: fc.jsonValue(), i: fc.string() })
        .map((m) => JSON.stringify(m)),
      fc
        .array(fc.jsonValue(), { maxLength: 3 })
        .map((a) => JSON.stringify({ t: 'q', m: 'command', a, i: 'x' })),
      fc
        .record({
          type: fc.constantFrom('layer.add', 'engine.update', 'scene.take'),
          layerId: fc.jsonValue(),
          patch: fc.jsonValue(),
        })
        .map((command) => JSON.stringify({ t: 'q', m: 'command', a: [{ command }], i: 'x' })),
    );
    for (const message of fc.sample(hostile, { numRuns: 10_000, seed: 7 })) socket.send(message);
    for (const bytes of fc.sample(fc.uint8Array({ maxLength: 200 }), { numRuns: 500, seed: 7 }))
      socket.send(bytes);
    expect(await call(socket, 'subscribe')).toMatchObject({ ok: true });
    expect(studio.state).toBe(before);
    socket.close();
  });
});

describe('the stage socket', () => {
  it('answers pings with programme time and passes on only what fits the contract', async () => {
    const socket = await connect(STAGE_PATH);
    const pong = new Promise((resolve) =>
      socket.once('message', (data) => resolve(JSON.parse(String(data)))),
    );
    socket.send(JSON.stringify({ type: 'ping', id: 3, sentMs: 12.5 }));
    expect(await pong).toEqual({ type: 'pong', id: 3, sentMs: 12.5, mainUs: 1000 });
    const header = {
      kind: FrameKind.video,
      format: FrameFormat.avc,
      width: 1280,
      height: 720,
      streamId: 0,
      sequence: 1,
      epoch: 0,
      appliedVersion: 0,
      seed: 0,
      captureUs: 1,
      doneUs: 1,
      flags: 1,
      durationUs: 33_333,
    } as const;
    socket.send(encodeFrame(header, new Uint8Array(10)));
    socket.send(encodeFrame({ ...header, captureUs: Number.NaN }, new Uint8Array(10)));
    const hostile = fc.oneof(
      fc.string(),
      fc.json(),
      fc.uint8Array({ maxLength: 300 }).map((b) => Buffer.from(b)),
    );
    for (const message of fc.sample(hostile, { numRuns: 10_000, seed: 8 })) socket.send(message);
    socket.send(JSON.stringify({ type: 'hello', backend: 'canvas2d', h264: true }));
    await expect.poll(() => stageEvents.at(-1)).toBe('hello');
    expect(stageEvents).toEqual(['connected', 'frame 2', 'hello']);
    expect(stage.refused).toBe(10_001);
    socket.close();
    await expect.poll(() => stageEvents.at(-1)).toBe('gone');
  });

  it('gives the stage to the newest window and tells the older one not to come back', async () => {
    const first = await connect(STAGE_PATH);
    const closed = new Promise((resolve) => first.on('close', (code) => resolve(code)));
    const second = await connect(STAGE_PATH);
    expect(await closed).toBe(REPLACED_CODE);
    expect(stage.connected).toBe(true);
    expect(stageEvents).toEqual(['connected', 'connected']);
    second.close();
  });
});
