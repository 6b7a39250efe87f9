import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { StudioError } from '../../contract/errors';
import { decodeFrame, FrameFlag, type FrameHeader } from '../../contract/frame';
import { ProgrammeEncoder } from './encoder';
import { tickUs } from './ticker';

const FORMAT = { width: 1280, height: 720, fps: 30, videoBitrateKbps: 4500 } as const;
const CONTEXT = { getImageData: () => ({ data: new Uint8ClampedArray(4) }) };
const CANVAS = { width: 1280, height: 720, getContext: () => CONTEXT } as unknown as OffscreenCanvas;

type Init = { output: EncodedVideoChunkOutputCallback; error: (error: DOMException) => void };

let supported = true;
let encoders: FakeEncoder[] = [];
let framesOpen = 0;

/** Does what a browser's encoder does, at once: its description comes with the first packet only. */
class FakeEncoder {
  static isConfigSupported = () => Promise.resolve({ supported });
  state = 'unconfigured';
  encodeQueueSize = 0;
  packets = 0;
  readonly init: Init;

  constructor(init: Init) {
    this.init = init;
    encoders.push(this);
  }

  configure(): void {
    this.state = 'configured';
  }

  encode(frame: { timestamp: number; duration: number }, { keyFrame }: { keyFrame: boolean }): void {
    const type = keyFrame ? 'key' : 'delta';
    const chunk = {
      type,
      timestamp: frame.timestamp,
      duration: frame.duration,
      byteLength: 3,
      copyTo: (target: Uint8Array) => target.set([1, 2, this.packets]),
    };
    const description = new Uint8Array([1, 100, 0, 31]);
    const metadata = this.packets === 0 ? { decoderConfig: { codec: 'avc1.64001f', description } } : {};
    this.packets += 1;
    this.init.output(chunk as unknown as EncodedVideoChunk, metadata);
  }

  close(): void {
    this.state = 'closed';
  }

  fail(): void {
    this.state = 'closed';
    this.init.error(new DOMException('the device went away', 'EncodingError'));
  }
}

class FakeFrame {
  timestamp: number;
  duration: number;
  constructor(_pixels: unknown, init: { timestamp: number; duration: number }) {
    framesOpen += 1;
    this.timestamp = init.timestamp;
    this.duration = init.duration;
  }
  close(): void {
    framesOpen -= 1;
  }
}

function recorded() {
  const headers: FrameHeader[] = [];
  const payloads: number[][] = [];
  const codes: string[] = [];
  let described = 0;
  const encoder = new ProgrammeEncoder({
    described: () => {
      described += 1;
    },
    packet: (message) => {
      const { header, payload } = decodeFrame(message);
      headers.push(header);
      payloads.push([...payload]);
    },
    failed: (error: StudioError) => codes.push(error.code),
  });
  return { encoder, headers, payloads, codes, descriptions: () => described };
}

const isKey = ({ flags }: FrameHeader) => (flags & FrameFlag.key) !== 0;

beforeEach(() => {
  supported = true;
  encoders = [];
  framesOpen = 0;
  vi.useFakeTimers();
  vi.stubGlobal('VideoEncoder', FakeEncoder);
  vi.stubGlobal('VideoFrame', FakeFrame);
});

afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

describe('programme encoder', () => {
  it('stamps packets with their ticks, with a key frame first and each 2 s', async () => {
    const { encoder, headers, descriptions } = recorded();
    await encoder.configure(FORMAT);
    for (let tick = 7; tick < 137; tick += 1) await encoder.encode(CANVAS, tick);
    expect(headers.map(({ captureUs }) => captureUs)).toEqual(headers.map((_, index) => tickUs(index + 7)));
    expect(headers.flatMap((header, index) => (isKey(header) ? [index] : []))).toEqual([0, 60, 120]);
    expect(descriptions()).toBe(1);
    expect(framesOpen).toBe(0);
  });

  it('gives each packet as a whole message', async () => {
    const { encoder, payloads } = recorded();
    await encoder.configure(FORMAT);
    await encoder.encode(CANVAS, 1);
    await encoder.encode(CANVAS, 2);
    expect(payloads).toEqual([
      [1, 2, 1],
      [1, 2, 2],
    ]);
  });

  it('skips a picture rather than let the queue grow, and counts it', async () => {
    const { encoder, headers } = recorded();
    await encoder.configure(FORMAT);
    encoders[0]!.encodeQueueSize = 3;
    await encoder.encode(CANVAS, 1);
    encoders[0]!.encodeQueueSize = 2;
    await encoder.encode(CANVAS, 2);
    expect(encoder.skipped).toBe(1);
    expect(headers).toHaveLength(1);
    expect(isKey(headers[0]!)).toBe(true);
  });

  it('gives key frame and description again to somebody new', async () => {
    const { encoder, headers, descriptions } = recorded();
    await encoder.configure(FORMAT);
    await encoder.encode(CANVAS, 1);
    await encoder.encode(CANVAS, 2);
    encoder.reintroduce();
    await encoder.encode(CANVAS, 3);
    expect(headers.map(isKey)).toEqual([true, false, true]);
    expect(descriptions()).toBe(2);
  });

  it('is made anew when it fails, begins with a key frame and counts on', async () => {
    const { encoder, headers, codes } = recorded();
    await encoder.configure(FORMAT);
    await encoder.encode(CANVAS, 1);
    encoders[0]!.fail();
    await encoder.encode(CANVAS, 2);
    await vi.advanceTimersByTimeAsync(100);
    await encoder.encode(CANVAS, 3);
    expect(codes).toEqual(['encoder.lost']);
    expect(encoders).toHaveLength(2);
    expect(headers.map(({ sequence }) => sequence)).toEqual([0, 1]);
    expect(headers.map(isKey)).toEqual([true, true]);
  });

  it('waits longer each time it fails at once', async () => {
    const { encoder } = recorded();
    await encoder.configure(FORMAT);
    encoders[0]!.fail();
    await vi.advanceTimersByTimeAsync(100);
    encoders[1]!.fail();
    await vi.advanceTimersByTimeAsync(199);
    expect(encoders).toHaveLength(2);
    await vi.advanceTimersByTimeAsync(1);
    expect(encoders).toHaveLength(3);
  });

  it('says so where there is no H.264 encoder', async () => {
    supported = false;
    const { encoder, codes } = recorded();
    await encoder.configure(FORMAT);
    expect(codes).toEqual(['encoder.missing']);
    expect(encoders).toHaveLength(0);
  });

  it('is replaced when size or bit rate change, and only then', async () => {
    const { encoder } = recorded();
    await encoder.configure(FORMAT);
    await encoder.configure({ ...FORMAT });
    expect(encoders).toHaveLength(1);
    await encoder.configure({ ...FORMAT, videoBitrateKbps: 6000 });
    expect(encoders.map(({ state }) => state)).toEqual(['closed', 'configured']);
    encoder.dispose();
    expect(encoders.map(({ state }) => state)).toEqual(['closed', 'closed']);
  });
});
