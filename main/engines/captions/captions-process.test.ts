import { createHash } from 'node:crypto';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import WebSocket from 'ws';
import type { CaptionUpdate } from '../../../contract/captions';
import type { EngineInit } from '../../../contract/engine';
import { FrameFormat, FrameKind, encodeFrame } from '../../../contract/frame';
import { SUBPROTOCOL, TOKEN_PREFIX } from '../../../contract/rpc';
import { EngineProcess } from '../runtime/engine-process';
import { bundleEntry } from '../testing/bundle-entry';
import { TINY_TOKENS, babble, tinyCaptionsFile } from '../testing/captions-fixtures';
import { SHIPPED_MODELS_DIR } from '../testing/fixtures';
import { forkChild } from '../testing/fork-child';

const TOKEN = 'launch-token';
const ORIGIN = 'http://127.0.0.1:4321';
const MODEL = 'captions-tiny';
const PACKET = 960;
const patience = { timeout: 60_000, interval: 20 };

describe('the captions engine in its process', { timeout: 120_000 }, () => {
  let bundle: Awaited<ReturnType<typeof bundleEntry>>;
  let modelsDir: string;
  let engine: EngineProcess;
  let updates: CaptionUpdate[];
  beforeAll(async () => {
    bundle = await bundleEntry();
    modelsDir = tinyModels();
  }, 120_000);
  afterEach(() => engine.stop());
  afterAll(() => {
    bundle.dispose();
    rmSync(modelsDir, { recursive: true, force: true });
  });

  async function start(change: Partial<EngineInit> = {}): Promise<void> {
    const init: EngineInit = {
      type: 'init',
      engine: 'captions',
      token: TOKEN,
      origin: ORIGIN,
      modelsDir,
      model: MODEL,
      threads: 1,
      ...change,
    };
    updates = [];
    engine = new EngineProcess({ spawn: forkChild, entryFile: bundle.entryFile, init });
    engine.onCaption((update) => updates.push(update));
    engine.control({ type: 'control', streamId: 3, version: 1, epoch: 2, settings: { kind: 'captions' } });
    engine.start();
    await vi.waitUntil(() => ['ready', 'failed'].includes(engine.live().state), patience);
  }

  async function speak(): Promise<WebSocket> {
    const socket = new WebSocket(engine.live().url!, [SUBPROTOCOL, TOKEN_PREFIX + TOKEN], { origin: ORIGIN });
    await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
    const sound = babble(4);
    for (let from = 0; from < sound.length; from += PACKET) socket.send(packet(from, sound));
    return socket;
  }

  it('turns sound on its socket into words for main', async () => {
    await start();
    expect(engine.live()).toMatchObject({ state: 'ready', model: MODEL, provider: 'cpu', words: [] });
    const socket = await speak();
    await vi.waitFor(() => expect(updates.at(-1)?.words.at(-1)?.state).toBe('confirmed'), patience);
    expect(updates.every(({ streamId, epoch }) => streamId === 3 && epoch === 2)).toBe(true);
    expect(engine.refusedMessages).toBe(0);
    socket.close();
  });

  it('killed in the middle of speech it is started again, and hears what comes then', async () => {
    await start();
    const first = await speak();
    const { pid } = engine;
    process.kill(pid!, 'SIGKILL');
    await vi.waitFor(() => expect(engine.live().state).toBe('restarting'), patience);
    first.terminate();
    await vi.waitFor(() => expect(engine.live()).toMatchObject({ state: 'ready', restarts: 1 }), patience);
    expect(engine.pid).not.toBe(pid);
    updates.length = 0;
    const second = await speak();
    await vi.waitFor(() => expect(updates.length).toBeGreaterThan(0), patience);
    expect(updates[0]).toMatchObject({ streamId: 3, epoch: 2, from: 0 });
    second.close();
  });

  it.each<[string, string, (dir: string) => void]>([
    ['is missing', 'model.missing', (dir) => rmSync(join(dir, 'models/captions-tiny/model.onnx'))],
    [
      'is damaged',
      'model.corrupt',
      (dir) => writeFileSync(join(dir, 'models/captions-tiny/model.onnx'), 'x'),
    ],
  ])('a model that %s is said, and not tried over and over', async (_, code, harm) => {
    const dir = tinyModels();
    harm(dir);
    await start({ modelsDir: dir });
    expect(engine.live()).toMatchObject({ state: 'failed', restarts: 0, error: { code } });
    rmSync(dir, { recursive: true, force: true });
  });
});

/** A models folder with the random-weight network of look-ahead 1. */
function tinyModels(): string {
  const dir = mkdtempSync(join(tmpdir(), 'fantascope-captions-'));
  const folder = join(dir, 'models', MODEL);
  mkdirSync(folder, { recursive: true });
  cpSync(tinyCaptionsFile(1), join(folder, 'model.onnx'));
  cpSync(TINY_TOKENS, join(folder, 'tokens.txt'));
  cpSync(join(SHIPPED_MODELS_DIR, 'contracts'), join(dir, 'contracts'), { recursive: true });
  const entry = (role: string, path: string) => {
    const bytes = readFileSync(join(folder, path));
    return { role, path, bytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') };
  };
  const model = {
    id: MODEL,
    task: 'captions',
    contract: 'captions',
    folder: `models/${MODEL}`,
    files: [entry('model', 'model.onnx'), entry('tokens', 'tokens.txt')],
  };
  writeFileSync(join(dir, 'catalogue.json'), JSON.stringify({ version: 1, models: [model] }));
  return dir;
}

function packet(from: number, sound: Float32Array): ArrayBuffer {
  const header = {
    kind: FrameKind.pcm,
    format: FrameFormat.f32,
    width: 1,
    height: 0,
    streamId: 3,
    sequence: from / PACKET,
    epoch: 0,
    appliedVersion: 0,
    seed: 0,
    captureUs: 1_000_000 + from / 0.048,
    doneUs: 0,
    flags: 0,
    durationUs: 20_000,
  };
  return encodeFrame(header, new Uint8Array(sound.slice(from, from + PACKET).buffer));
}
