import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ENGINE_PICTURE_SIZE } from '../../contract/engine';
import { decodeFrame, encodeFrame, type Frame } from '../../contract/frame';
import type { EngineLive, LayerLive } from '../../contract/live';
import { DEFAULT_ANIMATE } from '../../contract/project';
import { EngineLayer } from './engine-layer';
import type { Picture } from './picture';

const SIDE = ENGINE_PICTURE_SIZE;
const ENGINE = { state: 'ready', url: 'ws://127.0.0.1:1', error: null } as unknown as EngineLive;
const LIVE: LayerLive = {
  streamId: 7,
  epoch: 0,
  controlVersion: 0,
  controlInputUs: 0,
  generated: null,
  originUs: 0,
  pausedAtUs: null,
  unknownWords: [],
};
const RECT = { x: 0, y: 0, width: 1280, height: 720 };

let sockets: FakeSocket[] = [];
let nowUs = 0;

class FakeSocket {
  static OPEN = 1;
  readyState = 1;
  sent: Frame[] = [];
  onmessage: ((event: { data: unknown }) => void) | null = null;

  constructor() {
    sockets.push(this);
  }

  send(message: Uint8Array<ArrayBuffer>): void {
    this.sent.push(decodeFrame(message));
  }

  /** Answers a picture with itself. */
  answer({ header, payload }: Frame): void {
    this.onmessage?.({ data: encodeFrame({ ...header, doneUs: nowUs }, payload) });
  }

  close(): void {
    this.readyState = 3;
  }
}

/** Each pixel tells its row: red is the row's low byte. */
class FakeCanvas {
  width: number;
  height: number;
  constructor(width: number, height: number) {
    this.width = width;
    this.height = height;
  }
  getContext = () => ({
    fillStyle: '',
    fillRect: () => undefined,
    drawImage: () => undefined,
    putImageData: () => undefined,
    getImageData: (_x: number, y: number, width: number, height: number) => ({
      data: new Uint8ClampedArray(width * height * 4).map((_, at) => (Math.floor(at / 4 / width) + y) & 255),
    }),
  });
}

function picture(captureUs: number): Picture {
  const image = {} as VideoFrame;
  return { image, width: 1280, height: 720, version: captureUs, hasAlpha: false, captureUs };
}

function layer(): EngineLayer {
  return new EngineLayer('card', 'token', () => nowUs, DEFAULT_ANIMATE, LIVE, ENGINE);
}

/** One tick of the programme at `us`: what the layer shows of its engine. */
function tick(engine: EngineLayer, us: number): Picture | null {
  nowUs = us;
  return engine.apply({ picture: picture(us), rect: RECT }, us);
}

beforeEach(() => {
  sockets = [];
  nowUs = 0;
  vi.stubGlobal('WebSocket', FakeSocket);
  vi.stubGlobal('OffscreenCanvas', FakeCanvas);
  vi.stubGlobal('ImageData', class {});
});

afterEach(() => {
  vi.unstubAllGlobals();
});

describe('engine layer', () => {
  it('sends the whole square behind its header', () => {
    const engine = layer();
    tick(engine, 10e6);
    const { header, payload } = sockets[0]!.sent[0]!;
    expect(header).toMatchObject({ streamId: 7, width: SIDE, height: SIDE, captureUs: 10e6 });
    expect(payload).toHaveLength(SIDE * SIDE * 4);
    // Row 0 of the surface is room for the header; the square follows.
    expect([payload[0], payload[SIDE * 4 - 1], payload[SIDE * 4]]).toEqual([1, 1, 2]);
    engine.dispose();
  });

  it('shows the source, not an old picture, when its scene comes back on air', () => {
    const engine = layer();
    tick(engine, 10e6);
    sockets[0]!.answer(sockets[0]!.sent[0]!);
    expect(tick(engine, 10.1e6)?.captureUs).toBe(10e6);
    expect(tick(engine, 130e6)).toBeNull();
    // An answer that was still under way shows the past, too.
    sockets[0]!.answer(sockets[0]!.sent[1]!);
    expect(tick(engine, 130.03e6)).toBeNull();
    sockets[0]!.answer(sockets[0]!.sent.at(-1)!);
    expect(tick(engine, 130.06e6)?.captureUs).toBeGreaterThanOrEqual(130e6);
    engine.dispose();
  });

  it('keeps its picture over a short absence', () => {
    const engine = layer();
    tick(engine, 10e6);
    sockets[0]!.answer(sockets[0]!.sent[0]!);
    tick(engine, 10.1e6);
    expect(tick(engine, 11e6)?.captureUs).toBe(10e6);
    engine.dispose();
  });

  it('leaves the engine while it rests and comes back with the next snapshot', () => {
    const engine = layer();
    tick(engine, 10e6);
    engine.rest();
    expect(sockets[0]!.readyState).toBe(3);
    tick(engine, 10.1e6);
    expect(sockets).toHaveLength(1);
    engine.update(DEFAULT_ANIMATE, LIVE, ENGINE);
    tick(engine, 10.2e6);
    expect(sockets[1]!.sent).toHaveLength(1);
    engine.dispose();
  });
});
