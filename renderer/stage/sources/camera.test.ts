import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { openFrames } from '../frames';
import { CameraSource } from './camera';
import type { SourceCondition } from './source';

const LOST: SourceCondition = {
  condition: 'lost',
  error: { origin: 'stage', code: 'device.lost', message: 'The camera must be connected, it is gone.' },
};
const PEN = { drawImage: () => undefined, fillRect: () => undefined, fillStyle: '' };

class FakeCanvas {
  width: number;
  height: number;
  constructor(width: number, height: number) {
    this.width = width;
    this.height = height;
  }
  getContext = () => PEN;
}

let held: number;
let nowUs: number;
let closed: number;

function frame(): VideoFrame {
  const fake = { displayWidth: 640, displayHeight: 480, close: () => (closed += 1) };
  return fake as unknown as VideoFrame;
}

async function camera() {
  let give: ReadableStreamDefaultController<VideoFrame> | null = null;
  const frames = new ReadableStream<VideoFrame>({ start: (controller) => void (give = controller) });
  const source = new CameraSource(() => nowUs);
  source.attach(frames);
  const comes = async () => {
    give!.enqueue(frame());
    await new Promise((resolve) => setTimeout(resolve, 1));
  };
  return { source, comes };
}

beforeEach(() => {
  held = openFrames();
  nowUs = 1e6;
  closed = 0;
  vi.stubGlobal('OffscreenCanvas', FakeCanvas);
});

afterEach(() => {
  vi.unstubAllGlobals();
});

describe('camera source', () => {
  it('shows a copy of the very last frame when it is lost, and gives every frame back', async () => {
    const { source, comes } = await camera();
    await comes();
    source.pictureAt();
    await comes();
    source.lost(LOST);
    expect(source.pictureAt()?.image).toBeInstanceOf(FakeCanvas);
    expect(source.condition).toBe(LOST);
    expect(closed).toBe(2);
    expect(openFrames()).toBe(held);
    source.dispose();
  });

  it('stays lost until the next frame comes', async () => {
    const { source, comes } = await camera();
    await comes();
    source.lost(LOST);
    nowUs += 10e6;
    source.pictureAt();
    expect(source.condition).toBe(LOST);
    await comes();
    source.pictureAt();
    expect(source.condition.condition).toBe('ok');
    source.dispose();
    expect(openFrames()).toBe(held);
  });

  it('is lost after 2 s without a frame', async () => {
    const { source, comes } = await camera();
    await comes();
    source.pictureAt();
    nowUs += 2_000_001;
    source.pictureAt();
    expect(source.condition.error?.code).toBe('device.lost');
    source.dispose();
  });
});
