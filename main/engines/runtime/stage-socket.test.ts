import { request } from 'node:http';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import WebSocket from 'ws';
import { FrameFormat, FrameKind, encodeFrame, type Frame, type FrameHeader } from '../../../contract/frame';
import type { ToEngineSocketText } from '../../../contract/engine';
import { SUBPROTOCOL, TOKEN_PREFIX } from '../../../contract/rpc';
import { MAX_MESSAGE_BYTES, openStageSocket, type Peer, type StageSocket } from './stage-socket';

const ORIGIN = 'http://127.0.0.1:4321';
const header: FrameHeader = {
  kind: FrameKind.picture,
  format: FrameFormat.rgba8,
  width: 2,
  height: 2,
  streamId: 1,
  sequence: 1,
  epoch: 1,
  appliedVersion: 0,
  seed: 0,
  captureUs: 5,
  doneUs: 0,
  flags: 0,
  durationUs: 0,
};
const picture = (change: Partial<FrameHeader> = {}) =>
  encodeFrame({ ...header, ...change }, new Uint8Array(16).fill(9));

describe('the stage’s door of an engine', { timeout: 30_000 }, () => {
  let socket: StageSocket;
  let frames: Frame[];
  let peers: Peer[];
  let left: Peer[];
  let texts: ToEngineSocketText[];
  const clients: WebSocket[] = [];

  beforeEach(async () => {
    frames = [];
    peers = [];
    left = [];
    texts = [];
    socket = await openStageSocket({
      token: 'secret',
      origin: ORIGIN,
      onFrame: (frame, peer) => {
        frames.push(frame);
        peers.push(peer);
      },
      onText: (text) => texts.push(text),
      onClose: (peer) => left.push(peer),
    });
  });
  afterEach(async () => {
    for (const client of clients.splice(0)) client.terminate();
    await socket.close();
  });

  async function connect(
    protocols = [SUBPROTOCOL, `${TOKEN_PREFIX}secret`],
    origin: string | undefined = ORIGIN,
  ) {
    const client = new WebSocket(`ws://127.0.0.1:${socket.port}`, protocols, origin ? { origin } : {});
    clients.push(client);
    await new Promise((resolve, reject) => client.once('open', resolve).once('error', reject));
    return client;
  }

  it('lets in the studio’s origin with the token, and names the protocol without the token', async () => {
    const client = await connect();
    expect(client.protocol).toBe(SUBPROTOCOL);
    expect(client.extensions).toBe('');
  });

  it.each<[string, string[], string | undefined]>([
    ['a wrong token', [SUBPROTOCOL, `${TOKEN_PREFIX}secreT`], ORIGIN],
    ['a prefix of the token', [SUBPROTOCOL, `${TOKEN_PREFIX}sec`], ORIGIN],
    ['no token', [SUBPROTOCOL], ORIGIN],
    ['the token without the protocol', [`${TOKEN_PREFIX}secret`], ORIGIN],
    ['no protocol at all', [], ORIGIN],
    ['another origin', [SUBPROTOCOL, `${TOKEN_PREFIX}secret`], 'http://127.0.0.1:4322'],
    ['the origin "null"', [SUBPROTOCOL, `${TOKEN_PREFIX}secret`], 'null'],
    ['no origin', [SUBPROTOCOL, `${TOKEN_PREFIX}secret`], ''],
  ])('refuses %s', async (_, protocols, origin) => {
    await expect(connect(protocols, origin)).rejects.toThrow('401');
  });

  it('answers plain HTTP with 426 and nothing of its own', async () => {
    const status = await new Promise((resolve) => {
      request({ port: socket.port, host: '127.0.0.1' }, (response) => {
        response.resume();
        resolve(response.statusCode);
      }).end();
    });
    expect(status).toBe(426);
  });

  it('passes on pictures and sends frames and text back', async () => {
    const client = await connect();
    client.send(picture());
    await vi.waitFor(() => expect(frames).toHaveLength(1), { timeout: 20_000 });
    expect(frames[0]!.header).toEqual(header);
    expect([...frames[0]!.payload]).toEqual(Array(16).fill(9));
    const messages: [string, boolean][] = [];
    client.on('message', (data: Buffer, isBinary) => messages.push([data.toString('hex'), isBinary]));
    const answer = picture({ sequence: 2 });
    expect(peers[0]!.sendFrame(answer)).toBe(true);
    socket.sendText({ type: 'timing', stagesMs: {}, dropped: 0 });
    await vi.waitFor(() => expect(messages).toHaveLength(2), { timeout: 20_000 });
    expect(messages[0]).toEqual([Buffer.from(answer).toString('hex'), true]);
    expect(messages[1]![1]).toBe(false);
  });

  it('counts and refuses text, other kinds of frame and broken frames, and goes on', async () => {
    const client = await connect();
    client.send('{"type":"stop"}');
    client.send(picture({ kind: FrameKind.video }));
    client.send(picture({ width: 3 }));
    client.send(new Uint8Array(0));
    await vi.waitFor(() => expect(socket.refused).toBe(4), { timeout: 20_000 });
    client.send(picture());
    await vi.waitFor(() => expect(frames).toHaveLength(1), { timeout: 20_000 });
  });

  it('closes on an oversized message without harm to another stage', async () => {
    const greedy = await connect();
    const other = await connect();
    const closed = new Promise((resolve) => greedy.once('close', resolve));
    greedy.send(new Uint8Array(MAX_MESSAGE_BYTES + 1));
    expect(await closed).toBe(1009);
    expect(left).toHaveLength(1);
    other.send(picture());
    await vi.waitFor(() => expect(frames).toHaveLength(1), { timeout: 20_000 });
  });

  it('tells who left, and drops what is sent to the gone', async () => {
    const client = await connect();
    client.send(picture());
    await vi.waitFor(() => expect(peers).toHaveLength(1), { timeout: 20_000 });
    client.terminate();
    await vi.waitFor(() => expect(left).toContain(peers[0]), { timeout: 20_000 });
    expect(peers[0]!.sendFrame(picture())).toBe(false);
  });

  it('stops feeding a stage that does not read', async () => {
    const client = await connect();
    client.send(picture());
    await vi.waitFor(() => expect(peers).toHaveLength(1), { timeout: 20_000 });
    client.pause();
    const big = new ArrayBuffer(4 * 1024 * 1024);
    let sent = 0;
    while (sent < 64 && peers[0]!.sendFrame(big)) sent++;
    expect(sent).toBeLessThan(64);
    client.terminate();
  });

  it('no random bytes get through or do harm', async () => {
    const client = await connect();
    const messages = fc.sample(fc.uint8Array({ maxLength: 300 }), { numRuns: 10_000, seed: 9 });
    for (const bytes of messages) client.send(bytes);
    await vi.waitFor(() => expect(socket.refused).toBe(messages.length), { timeout: 20_000 });
    expect(frames).toHaveLength(0);
    client.send(picture());
    await vi.waitFor(() => expect(frames).toHaveLength(1), { timeout: 20_000 });
  });

  it('a picture with a damaged byte is a picture or refused, and does no harm', async () => {
    const client = await connect();
    const damages = fc.sample(fc.tuple(fc.nat(79), fc.nat(255)), { numRuns: 10_000, seed: 10 });
    for (const [at, value] of damages) {
      const bytes = new Uint8Array(picture());
      bytes[at] = value;
      client.send(bytes);
    }
    await vi.waitFor(() => expect(socket.refused + frames.length).toBe(damages.length), { timeout: 20_000 });
    expect(socket.refused).toBeGreaterThan(0);
    for (const { header: got, payload } of frames) {
      expect(got.kind).toBe(FrameKind.picture);
      expect(payload.byteLength).toBe(got.width * got.height * 4);
    }
  });
});
