import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import WebSocket from 'ws';
import { EngineSocketTextSchema, type EngineControl, type EngineInit } from '../../contract/engine';
import { FrameFormat, FrameKind, decodeFrame, encodeFrame, type Frame } from '../../contract/frame';
import { SUBPROTOCOL, TOKEN_PREFIX } from '../../contract/rpc';
import * as v from 'valibot';
import { EngineProcess } from './runtime/engine-process';
import { TurnTable } from './runtime/turns/turn-table';
import { bundleEntry } from './testing/bundle-entry';
import { TINY_MODEL, TINY_MODELS_DIR, copyOf, gradientPicture } from './testing/fixtures';
import { forkChild } from './testing/fork-child';
import { rmSync } from 'node:fs';
import { join } from 'node:path';

const ORIGIN = 'http://127.0.0.1:4321';
const TOKEN = 'launch-token';
const init: EngineInit = {
  type: 'init',
  engine: 'animate',
  token: TOKEN,
  origin: ORIGIN,
  modelsDir: TINY_MODELS_DIR,
  model: TINY_MODEL,
  threads: 1,
};
const patience = { timeout: 30_000, interval: 20 };

function control(change: Partial<EngineControl> = {}): EngineControl {
  return {
    type: 'control',
    streamId: 7,
    version: 3,
    epoch: 1,
    settings: { kind: 'animate', prompt: 'snowy zebra', strength: 0.5, seed: 9 },
    ...change,
  };
}

function picture(sequence: number, epoch = 1): ArrayBuffer {
  const header = {
    kind: FrameKind.picture,
    format: FrameFormat.rgba8,
    width: 64,
    height: 48,
    streamId: 7,
    sequence,
    epoch,
    appliedVersion: 0,
    seed: 0,
    captureUs: 1_000_000 + sequence,
    doneUs: 0,
    flags: 0,
    durationUs: 33_333,
  };
  return encodeFrame(header, gradientPicture(64, 48));
}

async function connect(url: string, token = TOKEN, origin = ORIGIN): Promise<WebSocket> {
  const socket = new WebSocket(url, [SUBPROTOCOL, TOKEN_PREFIX + token], { origin });
  await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
  return socket;
}

function nextFrame(socket: WebSocket): Promise<Frame> {
  return new Promise((resolve) => {
    const listen = (data: Buffer<ArrayBuffer>, isBinary: boolean) => {
      if (!isBinary) return;
      socket.off('message', listen);
      resolve(decodeFrame(data));
    };
    socket.on('message', listen);
  });
}

describe('an engine process', { timeout: 60_000 }, () => {
  let bundle: Awaited<ReturnType<typeof bundleEntry>>;
  const engines: EngineProcess[] = [];
  beforeAll(async () => {
    bundle = await bundleEntry();
  }, 60_000);
  afterEach(async () => {
    await Promise.all(engines.splice(0).map((engine) => engine.stop()));
  });
  afterAll(() => bundle.dispose());

  function start(change: Partial<EngineInit> = {}, turns?: Pick<TurnTable, 'ask'>): EngineProcess {
    const engine = new EngineProcess({
      spawn: forkChild,
      entryFile: bundle.entryFile,
      init: { ...init, ...change },
      ...(turns ? { turns } : {}),
    });
    engines.push(engine);
    engine.start();
    return engine;
  }

  async function ready(engine: EngineProcess): Promise<string> {
    await vi.waitUntil(() => engine.live().state === 'ready' || engine.live().state === 'failed', patience);
    expect(engine.live()).toMatchObject({ state: 'ready' });
    return engine.live().url!;
  }

  it('says what it is when ready, applies controls and answers a picture with its version', async () => {
    const engine = start();
    const applied = new Promise<unknown[]>((resolve) => engine.onApplied((...values) => resolve(values)));
    engine.control(control());
    const socket = await connect(await ready(engine));
    expect(engine.live()).toMatchObject({ provider: 'cpu', model: TINY_MODEL, error: null, restarts: 0 });
    expect(engine.live().words).toContain('watercolour');
    expect(await applied).toEqual([7, 3, ['zebra']]);
    const answer = nextFrame(socket);
    socket.send(picture(5));
    const { header, payload } = await answer;
    expect(header).toMatchObject({
      streamId: 7,
      sequence: 5,
      epoch: 1,
      appliedVersion: 3,
      seed: 9,
      captureUs: 1_000_005,
    });
    expect(header.doneUs).toBeGreaterThan(header.captureUs);
    expect(new Set(payload).size).toBeGreaterThan(10);
    socket.close();
  });

  it('[T1] [T6] two engines on one device answer in turns, and one that is killed in its turn frees it', async () => {
    const turns = new TurnTable();
    const log: string[] = [];
    let [running, most] = [0, 0];
    let inTurn = () => {};
    const noted: Pick<TurnTable, 'ask'> = {
      ask: (device, engine, lengthMs, onTurn) => {
        let began = false;
        const turn = turns.ask(device, engine, lengthMs, () => {
          began = true;
          log.push(device);
          most = Math.max(most, ++running);
          onTurn();
          inTurn();
        });
        const end = () => {
          if (began) running--;
          began = false;
          turn.end();
        };
        return { end };
      },
    };
    const [first, second] = [start({ turns: true }, noted), start({ turns: true }, noted)];
    for (const engine of [first, second]) engine.control(control());
    const sockets = await Promise.all([first, second].map(async (engine) => connect(await ready(engine))));
    const answers = sockets.map(nextFrame);
    for (const socket of sockets) socket.send(picture(5));
    await Promise.all(answers);
    expect(new Set(log)).toEqual(new Set(['gpu:0']));
    // Four graphs proved in each, then encoder, network and decoder, and the prompt.
    expect(log.length).toBeGreaterThanOrEqual(16);
    expect(most).toBe(1);
    const killed = new Promise<void>((resolve) => {
      inTurn = () => {
        inTurn = () => {};
        process.kill(first.pid!, 'SIGKILL');
        resolve();
      };
    });
    sockets[0]!.send(picture(6));
    await killed;
    const answer = nextFrame(sockets[1]!);
    sockets[1]!.send(picture(50));
    expect((await answer).header.sequence).toBe(50);
    for (const socket of sockets) socket.close();
  });

  it.each([
    ['a wrong token', 'guess', ORIGIN],
    ['another origin', TOKEN, 'http://evil.example'],
  ])('refuses %s and goes on', async (_, token, origin) => {
    const engine = start();
    const url = await ready(engine);
    await expect(connect(url, token, origin)).rejects.toThrow('401');
    (await connect(url)).close();
  });

  it('is started again after kill -9 and gets its controls back', async () => {
    const engine = start();
    engine.control(control({ version: 8 }));
    await ready(engine);
    const firstPid = engine.pid!;
    process.kill(firstPid, 'SIGKILL');
    await vi.waitFor(() => expect(engine.live().state).toBe('restarting'), patience);
    expect(engine.live().error?.code).toBe('engine.crashed');
    const socket = await connect(await ready(engine));
    expect(engine.pid).not.toBe(firstPid);
    expect(engine.live()).toMatchObject({ restarts: 1, error: null });
    const answer = nextFrame(socket);
    socket.send(picture(1));
    expect((await answer).header.appliedVersion).toBe(8);
    socket.close();
  });

  it('survives hostile messages and reports a picture it cannot take', async () => {
    const engine = start();
    engine.control(control());
    const url = await ready(engine);
    const socket = await connect(url);
    socket.send('not for you');
    socket.send(Buffer.from([1, 2, 3]));
    socket.send(Buffer.alloc(200));
    const text = new Promise<unknown>((resolve) => {
      socket.on('message', (data, isBinary) => {
        const message = isBinary ? null : JSON.parse((data as Buffer).toString());
        if (message?.type === 'failed') resolve(message);
      });
    });
    const odd = decodeFrame(picture(1)).header;
    socket.send(encodeFrame({ ...odd, width: 20, height: 20 }, new Uint8Array(1600)));
    const failed = v.parse(EngineSocketTextSchema, await text);
    expect(failed).toMatchObject({ type: 'failed', streamId: 7, error: { code: 'argument.invalid' } });
    const answer = nextFrame(socket);
    socket.send(picture(2));
    expect((await answer).header.sequence).toBe(2);
    socket.close();
  });

  it('says which model file is missing, and is not started over and over', async () => {
    const copy = copyOf(TINY_MODELS_DIR);
    rmSync(join(copy.dir, 'models/animate/unet.onnx'));
    const engine = start({ modelsDir: copy.dir });
    await vi.waitFor(() => expect(engine.live().state).toBe('failed'), patience);
    expect(engine.live().error).toMatchObject({
      code: 'model.missing',
      message: expect.stringContaining('unet.onnx'),
    });
    expect(engine.live().restarts).toBe(0);
    copy.dispose();
  });

  it('ends by itself with code 0 when asked, and when its parent goes away', async () => {
    for (const farewell of ['stop', 'disconnect'] as const) {
      const { fork } = await import('node:child_process');
      const child = fork(bundle.entryFile, { stdio: ['ignore', 'ignore', 'inherit', 'ipc'], execArgv: [] });
      const exited = new Promise((resolve) =>
        child.once('exit', (code, signal) => resolve({ code, signal })),
      );
      await new Promise((resolve) => {
        child.once('message', resolve);
        child.send(init);
      });
      if (farewell === 'stop') child.send({ type: 'stop' });
      else child.disconnect();
      expect(await exited).toEqual({ code: 0, signal: null });
    }
  });
});
