import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import WebSocket from 'ws';
import type { EngineControl, EngineInit } from '../../../contract/engine';
import { decodeFrame, type Frame } from '../../../contract/frame';
import { SUBPROTOCOL, TOKEN_PREFIX } from '../../../contract/rpc';
import type { Engine } from '../runtime/engine';
import { EngineProcess } from '../runtime/engine-process';
import { bundleEntry } from '../testing/bundle-entry';
import { TINY_MODEL, TINY_MODELS_DIR, copyOf } from '../testing/fixtures';
import { forkChild } from '../testing/fork-child';
import { openGenerateEngine } from './open-generate';
import { TINY_SCENES, TINY_SCENES_DIR } from './testing';

const init: EngineInit = {
  type: 'init',
  engine: 'generate',
  token: 'launch-token',
  origin: 'http://127.0.0.1:4321',
  modelsDir: TINY_SCENES_DIR,
  model: TINY_SCENES,
  threads: 1,
};
const patience = { timeout: 40_000, interval: 20 };

function control(change: Partial<EngineControl> = {}, prompt = 'snowy mountains zebra'): EngineControl {
  const settings = { kind: 'generate' as const, prompt, seed: 9, blendMs: 0 };
  return { type: 'control', streamId: 7, version: 3, epoch: 1, settings, ...change };
}

/** A stage on the engine's socket that keeps what comes. */
class Stage {
  readonly frames: Frame[] = [];
  readonly #socket: WebSocket;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.on('message', (data: Buffer<ArrayBuffer>, isBinary) => {
      if (isBinary) this.frames.push(decodeFrame(data));
    });
  }
  static async connect(port: string | number): Promise<Stage> {
    const url = `ws://127.0.0.1:${port}`;
    const socket = new WebSocket(url, [SUBPROTOCOL, TOKEN_PREFIX + init.token], { origin: init.origin });
    await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
    return new Stage(socket);
  }
  watch(change: object = {}): void {
    const text = { type: 'watch', streamId: 7, watching: true, epoch: 1, shownUs: 0, aheadUs: 500_000 };
    this.#socket.send(JSON.stringify({ ...text, ...change }));
  }
  async hasFrames(count: number): Promise<void> {
    await vi.waitFor(() => expect(this.frames.length).toBeGreaterThanOrEqual(count), patience);
  }
  close(): void {
    this.#socket.terminate();
  }
}

describe('the generate engine on the tiny model', { timeout: 90_000 }, () => {
  let engine: Engine | null = null;
  let stage: Stage | null = null;
  afterEach(async () => {
    stage?.close();
    await engine?.stop();
    engine = stage = null;
  });

  it('[G13] [G15] is ready with its words, and sends 256×128 pictures to who watches', async () => {
    engine = await openGenerateEngine(init);
    expect(engine.ready).toMatchObject({ provider: 'cpu', model: TINY_SCENES });
    expect(engine.ready.words).toContain('night');
    expect(engine.control(control())).toEqual(['zebra']);
    stage = await Stage.connect(engine.ready.port);
    stage.watch();
    await stage.hasFrames(8);
    const { header, payload } = stage.frames[7]!;
    expect(header).toMatchObject({
      width: 256,
      height: 128,
      epoch: 1,
      sequence: 7,
      appliedVersion: 3,
      seed: 9,
    });
    expect(new Set(payload).size).toBeGreaterThan(10);
    expect(engine.report().processed).toBeGreaterThanOrEqual(3);
  });

  it('the same seed and prompt make the same film, picture by picture', async () => {
    const films: Frame[][] = [];
    for (let run = 0; run < 2; run++) {
      engine = await openGenerateEngine(init);
      engine.control(control());
      stage = await Stage.connect(engine.ready.port);
      stage.watch();
      await stage.hasFrames(8);
      films.push(stage.frames.slice(0, 8));
      stage.close();
      await engine.stop();
    }
    engine = null;
    for (const [i, frame] of films[0]!.entries()) {
      expect(Buffer.from(frame.payload).equals(Buffer.from(films[1]![i]!.payload))).toBe(true);
    }
  });

  it('[G3] a prompt of 10,000 characters is heard as far as it goes', async () => {
    engine = await openGenerateEngine(init);
    const long = 'night zebra '.repeat(900).slice(0, 10_000);
    expect(engine.control(control({}, long))).toEqual(expect.arrayContaining(['zebra']));
    stage = await Stage.connect(engine.ready.port);
    stage.watch();
    await stage.hasFrames(1);
  });

  it('refuses a model made for another engine', async () => {
    await expect(
      openGenerateEngine({ ...init, modelsDir: TINY_MODELS_DIR, model: TINY_MODEL }),
    ).rejects.toMatchObject({
      code: 'model.contract',
      message: expect.stringContaining('"generate"'),
    });
  });

  it('refuses a model that is not there', async () => {
    await expect(openGenerateEngine({ ...init, model: 'none' })).rejects.toMatchObject({
      code: 'model.missing',
    });
  });

  it.each<[string, string, (dir: string) => void]>([
    ['a missing graph', 'model.missing', (dir) => rmSync(join(dir, 'models/scenes/step.onnx'))],
    ['a damaged graph', 'model.corrupt', (dir) => flipByte(join(dir, 'models/scenes/step.onnx'))],
    ['a contract that is none', 'model.corrupt', (dir) => writeFileSync(contractOf(dir), '{')],
    [
      'a window without room',
      'model.corrupt',
      (dir) => changeContract(dir, (contract) => (contract.window = contract.sink)),
    ],
    [
      'sigmas that rise',
      'model.corrupt',
      (dir) => changeContract(dir, (contract) => (contract.sigmas = [0.5, 1])),
    ],
    [
      'more layers than the graph has',
      'model.contract',
      (dir) => {
        changeContract(dir, (contract) => {
          contract.layers = 9;
          for (const { inputs } of contract.files)
            for (const { dims } of inputs) if (dims[2] === 'N') dims[0] = 9;
        });
      },
    ],
  ])('refuses %s with %s', async (_, code, spoil) => {
    const copy = copyOf(TINY_SCENES_DIR);
    try {
      spoil(copy.dir);
      await expect(openGenerateEngine({ ...init, modelsDir: copy.dir })).rejects.toMatchObject({ code });
    } finally {
      copy.dispose();
    }
  });
});

describe('the generate engine’s process', { timeout: 120_000 }, () => {
  let bundle: Awaited<ReturnType<typeof bundleEntry>>;
  beforeAll(async () => {
    bundle = await bundleEntry();
  }, 60_000);
  afterAll(() => bundle.dispose());

  it('[G9] killed in mid-chunk, it comes back with the present prompt and goes on behind what was shown', async () => {
    const engine = new EngineProcess({ spawn: forkChild, entryFile: bundle.entryFile, init });
    let stage: Stage | null = null;
    try {
      engine.control(control());
      engine.start();
      const port = async () => {
        await vi.waitUntil(() => engine.live().state === 'ready', patience);
        return engine.live().url!.split(':').at(-1)!;
      };
      stage = await Stage.connect(await port());
      stage.watch({ aheadUs: 60e6 });
      await stage.hasFrames(1);
      engine.control(control({ version: 4 }, 'neon city'));
      process.kill(engine.pid!, 'SIGKILL');
      await vi.waitUntil(() => engine.live().state !== 'ready', patience);
      stage.close();
      const shownUs = 700_000;
      stage = await Stage.connect(await port());
      stage.watch({ shownUs });
      await stage.hasFrames(1);
      expect(stage.frames[0]!.header).toMatchObject({ appliedVersion: 4, epoch: 1 });
      expect(stage.frames[0]!.header.captureUs).toBeGreaterThanOrEqual(shownUs);
      expect(engine.live()).toMatchObject({ state: 'ready', restarts: 1 });
    } finally {
      stage?.close();
      await engine.stop();
    }
  });
});

type LooseContract = {
  window: number;
  sink: number;
  layers: number;
  sigmas: number[];
  files: { inputs: { dims: (number | string)[] }[] }[];
};

function contractOf(dir: string): string {
  return join(dir, 'contracts/generate.json');
}

function changeContract(dir: string, change: (contract: LooseContract) => void): void {
  const contract = JSON.parse(readFileSync(contractOf(dir), 'utf8')) as LooseContract;
  change(contract);
  writeFileSync(contractOf(dir), JSON.stringify(contract));
}

function flipByte(path: string): void {
  const bytes = readFileSync(path);
  bytes[1000] = bytes[1000]! ^ 0xff;
  writeFileSync(path, bytes);
}
