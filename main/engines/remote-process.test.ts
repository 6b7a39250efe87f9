import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import WebSocket from 'ws';
import type { EngineInit } from '../../contract/engine';
import { FrameFormat, FrameKind, decodeFrame, encodeFrame, type Frame } from '../../contract/frame';
import { SUBPROTOCOL, TOKEN_PREFIX } from '../../contract/rpc';
import { EngineProcess } from './runtime/engine-process';
import { bundleEntry } from './testing/bundle-entry';
import { TINY_MODEL, TINY_MODELS_DIR, gradientPicture } from './testing/fixtures';
import { forkChild } from './testing/fork-child';
import { InferenceServer } from './testing/inference-server';

const ORIGIN = 'http://127.0.0.1:4321';
const ROLES = ['codec_encoder', 'codec_decoder', 'text_encoder', 'unet'];
const patience = { timeout: 30_000, interval: 20 };

const picture = (sequence: number) =>
  encodeFrame(
    {
      kind: FrameKind.picture,
      format: FrameFormat.rgba8,
      width: 64,
      height: 48,
      streamId: 7,
      sequence,
      epoch: 1,
      appliedVersion: 0,
      seed: 0,
      captureUs: 1_000_000 + sequence,
      doneUs: 0,
      flags: 0,
      durationUs: 33_333,
    },
    gradientPicture(64, 48),
  );

let bundle: Awaited<ReturnType<typeof bundleEntry>>;
beforeAll(async () => {
  bundle = await bundleEntry();
}, 60_000);
afterAll(() => bundle.dispose());

it.each(['rest', 'grpc'] as const)(
  'an engine over %s goes on when its server is switched off, the same picture, in words, and back',
  { timeout: 90_000 },
  async (protocol) => {
    const file = (role: string) => join(TINY_MODELS_DIR, `models/animate/${role}.onnx`);
    const models = Object.fromEntries(ROLES.map((role) => [`${TINY_MODEL}-${role}`, file(role)]));
    const server = new InferenceServer({ models, token: 'secret-of-the-server' });
    await server.start();
    const lines: string[] = [];
    const init: EngineInit = {
      type: 'init',
      engine: 'animate',
      token: 'launch',
      origin: ORIGIN,
      modelsDir: TINY_MODELS_DIR,
      model: TINY_MODEL,
      threads: 1,
      remote: { url: server.url(protocol), token: 'secret-of-the-server' },
    };
    const onLog = (line: string) => lines.push(line);
    const engine = new EngineProcess({ spawn: forkChild, entryFile: bundle.entryFile, init, onLog });
    const settings = { kind: 'animate', prompt: 'snow', strength: 0.5, seed: 9 } as const;
    engine.control({ type: 'control', streamId: 7, version: 1, epoch: 1, settings });
    engine.start();
    await vi.waitFor(() => expect(engine.live().state).toBe('ready'), patience);
    const remote = `remote ${server.url(protocol)}`;
    expect(engine.live()).toMatchObject({ provider: remote, error: null });

    const socket = new WebSocket(engine.live().url!, [SUBPROTOCOL, `${TOKEN_PREFIX}launch`], {
      origin: ORIGIN,
    });
    await new Promise((open, fail) => socket.once('open', open).once('error', fail));
    const made = async (sequence: number) => {
      const answer = new Promise<Frame>((done) => {
        const listen = (data: Buffer<ArrayBuffer>, isBinary: boolean) => {
          if (!isBinary) return;
          socket.off('message', listen);
          done(decodeFrame(data));
        };
        socket.on('message', listen);
      });
      socket.send(picture(sequence));
      return (await answer).payload;
    };
    const before = server.calls;
    const there = await made(1);
    expect(server.calls).toBeGreaterThan(before);
    await server.stop();
    expect(await made(2)).toEqual(there);
    await vi.waitFor(() => expect(engine.live().error?.code).toBe('remote.lost'), patience);
    expect(engine.live()).toMatchObject({ state: 'ready', provider: 'cpu', restarts: 0 });
    await server.start();
    await vi.waitFor(() => expect(engine.live().provider).toBe(remote), patience);
    expect(engine.live().error).toBeNull();
    expect(await made(3)).toEqual(there);
    socket.close();
    await engine.stop();
    await server.dispose();
    expect(lines.join('\n')).not.toContain('secret-of-the-server');
  },
);
