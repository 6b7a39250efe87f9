import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  FRAME_HEADER_BYTES,
  FrameFormat,
  FrameKind,
  PLACED_BLOCK_BYTES,
  decodeFrame,
  encodeFrame,
  type FrameHeader,
} from '../../../contract/frame';
import { CHUNK_BLOCKS } from '../binaural/binaural-messages';
import { SoundLinks } from './sound-links';

/** A socket that the test opens, closes and reads. */
class FakeSocket {
  static readonly OPEN = 1;
  static all: FakeSocket[] = [];
  readyState = 0;
  bufferedAmount = 0;
  binaryType = '';
  onmessage: ((event: { data: unknown }) => void) | null = null;
  onclose: (() => void) | null = null;
  onopen: (() => void) | null = null;
  readonly sent: ArrayBuffer[] = [];
  readonly url: string;
  readonly protocols: string[];
  constructor(url: string, protocols: string[]) {
    this.url = url;
    this.protocols = protocols;
    FakeSocket.all.push(this);
  }
  open(): void {
    this.readyState = 1;
    this.onopen?.();
  }
  send(message: ArrayBuffer | Uint8Array<ArrayBuffer>): void {
    this.sent.push(new Uint8Array(message instanceof ArrayBuffer ? message : message).slice().buffer);
  }
  close(): void {
    this.readyState = 3;
  }
  drop(): void {
    this.readyState = 3;
    this.onclose?.();
  }
}

/** A worklet's end of a port. */
class FakePort {
  onmessage: ((event: MessageEvent) => void) | null = null;
  readonly told: { type: string; [key: string]: unknown }[] = [];
  closed = false;
  postMessage(message: { type: string }): void {
    this.told.push(message);
  }
  close(): void {
    this.closed = true;
  }
  say(data: unknown): void {
    this.onmessage?.({ data } as MessageEvent);
  }
  types(): string[] {
    return this.told.map(({ type }) => type);
  }
}

const stream = (change = {}) => ({
  url: 'ws://127.0.0.1:7',
  streamId: 9,
  epoch: 2,
  controlVersion: 31,
  ...change,
});
const ANCHOR_US = 5e6;

describe('the engine connections of the sound', () => {
  let links: SoundLinks;
  let port: FakePort;
  const socket = () => FakeSocket.all.at(-1)!;

  beforeEach(() => {
    vi.useFakeTimers();
    FakeSocket.all = [];
    vi.stubGlobal('WebSocket', FakeSocket);
    links = new SoundLinks();
    port = new FakePort();
    links.take({ type: 'start', token: 'secret' });
    links.take({ type: 'anchor', anchorUs: ANCHOR_US });
  });
  afterEach(() => {
    vi.useRealTimers();
    vi.unstubAllGlobals();
  });

  function addVoice(change = {}): void {
    links.take({ type: 'voice', stripId: 'mic', port: port as unknown as MessagePort });
    links.take({ type: 'voice-stream', stripId: 'mic', stream: stream(change) });
  }

  function placed(run: number, block: number): ArrayBuffer {
    const message = new ArrayBuffer(FRAME_HEADER_BYTES + CHUNK_BLOCKS * PLACED_BLOCK_BYTES);
    port.say({ type: 'placed', run, block, frame: 48_000 + block * 128, message });
    return message;
  }

  it('[B13] a piece gets its stream, its number, its time and its deadline, and its message comes back', () => {
    addVoice();
    expect(socket().protocols.at(-1)).toContain('secret');
    socket().open();
    expect(port.told).toEqual([{ type: 'run', run: 1 }]);
    const message = placed(1, 32);
    const { header, payload } = decodeFrame(socket().sent[0]!);
    expect(payload.length).toBe(CHUNK_BLOCKS * PLACED_BLOCK_BYTES);
    expect(header).toMatchObject({
      kind: FrameKind.pcm,
      format: FrameFormat.placed,
      width: 2,
      streamId: 9,
      sequence: 32,
      epoch: 2,
      appliedVersion: 31,
    });
    expect(header.captureUs).toBeCloseTo(ANCHOR_US + 1e6 + (32 * 128 * 1e6) / 48_000, 3);
    expect(header.doneUs - header.captureUs).toBeCloseTo(120_000 - 8000, 3);
    expect(port.told.at(-1)).toEqual({ type: 'recycle', message });
  });

  it('[B13] answers of the stream reach the worklet by block; others do not', () => {
    addVoice();
    socket().open();
    const header: FrameHeader = {
      kind: FrameKind.pcm,
      format: FrameFormat.f32,
      width: 2,
      height: 0,
      streamId: 9,
      sequence: 13,
      epoch: 2,
      appliedVersion: 31,
      seed: 1,
      captureUs: 0,
      doneUs: 0,
      flags: 0,
      durationUs: 0,
    };
    const samples = Float32Array.of(0.1, 0.2, 0.3, 0.4);
    const answer = (change: Partial<FrameHeader>) =>
      socket().onmessage!({ data: encodeFrame({ ...header, ...change }, new Uint8Array(samples.buffer)) });
    answer({ epoch: 1 });
    answer({ streamId: 8 });
    socket().onmessage!({ data: new ArrayBuffer(3) });
    expect(port.types()).toEqual(['run']);
    answer({});
    expect(port.told.at(-1)).toEqual({ type: 'refined', run: 1, block: 13, samples });
  });

  it('[B15] a cut, or a socket that comes back, begins a new run; pieces of the old one are not sent', () => {
    addVoice();
    socket().open();
    links.take({ type: 'voice-stream', stripId: 'mic', stream: stream({ controlVersion: 32 }) });
    expect(port.types()).toEqual(['run']);
    links.take({ type: 'voice-stream', stripId: 'mic', stream: stream({ epoch: 3 }) });
    expect(port.told.at(-1)).toEqual({ type: 'run', run: 2 });
    placed(1, 16);
    expect(socket().sent).toHaveLength(0);
    socket().drop();
    expect(port.told.at(-1)).toEqual({ type: 'rest' });
    vi.advanceTimersByTime(600);
    expect(FakeSocket.all).toHaveLength(2);
    socket().open();
    expect(port.told.at(-1)).toEqual({ type: 'run', run: 3 });
    placed(3, 0);
    expect(decodeFrame(socket().sent[0]!).header).toMatchObject({ sequence: 0, epoch: 3 });
  });

  it('an engine that does not read is not fed, and one that is away gets no socket', () => {
    addVoice();
    socket().open();
    socket().bufferedAmount = 1e6;
    placed(1, 0);
    expect(socket().sent).toHaveLength(0);
    expect(port.types()).toEqual(['run', 'recycle']);
    links.take({ type: 'voice-stream', stripId: 'mic', stream: stream({ url: null }) });
    expect(socket().readyState).toBe(3);
    expect(FakeSocket.all).toHaveLength(1);
  });

  it('a strip that goes away closes its port and its socket', () => {
    addVoice();
    socket().open();
    links.take({ type: 'voice-end', stripId: 'mic' });
    expect([port.closed, socket().readyState, links.count]).toEqual([true, 3, 0]);
  });

  it('tapped sound goes out mono, numbered, with the programme time it belongs to', () => {
    links.take({ type: 'tap', port: port as unknown as MessagePort });
    links.take({ type: 'tap-stream', stream: stream({ streamId: 0 }) });
    const samples = new Float32Array(960).fill(0.25);
    port.say({ type: 'tap', frame: 96_000, samples });
    expect(socket().sent).toHaveLength(0);
    socket().open();
    port.say({ type: 'tap', frame: 96_000, samples });
    port.say({ type: 'tap', frame: 96_960, samples });
    const [first, second] = socket().sent.map((message) => decodeFrame(message));
    expect(first!.header).toMatchObject({
      kind: FrameKind.pcm,
      format: FrameFormat.f32,
      width: 1,
      streamId: 0,
      sequence: 0,
      epoch: 2,
      captureUs: ANCHOR_US + 2e6,
      durationUs: 20_000,
    });
    expect(second!.header).toMatchObject({ sequence: 1, captureUs: ANCHOR_US + 2_020_000 });
    expect(port.told).toHaveLength(3);
    expect(port.told[0]).toEqual({ type: 'recycle', samples });
  });
});
