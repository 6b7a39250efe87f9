import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { WebSocketServer, type RawData, type WebSocket } from 'ws';
import * as v from 'valibot';
import {
  ToEngineSocketTextSchema,
  type EngineSocketText,
  type ToEngineSocketText,
} from '../../../contract/engine';
import { StudioError } from '../../../contract/errors';
import { FRAME_HEADER_BYTES, FrameKind, decodeFrame, type Frame } from '../../../contract/frame';
import { SUBPROTOCOL, TOKEN_PREFIX } from '../../../contract/rpc';

/** The largest message a stage may send: a 1024×1024 RGBA picture. */
export const MAX_MESSAGE_BYTES = FRAME_HEADER_BYTES + 1024 * 1024 * 4;
/** Results are dropped while this much waits to be sent: a stage that does not read is not fed. */
const MAX_UNSENT_BYTES = 8 * 1024 * 1024;
/** The stage connects once for each layer that the engine drives. */
const MAX_CONNECTIONS = 128;
const CLOSE_GRACE_MS = 500;
const MAX_TEXT_BYTES = 4096;

/** One connected stage. */
export type Peer = {
  /** Sends one binary frame; false when it was dropped because the stage is gone or does not read. */
  sendFrame(message: ArrayBuffer): boolean;
  sendText(text: EngineSocketText): void;
};

export type StageSocketOptions = {
  /** Launch token that must come as second subprotocol. */
  token: string;
  /** The only Origin that may connect. */
  origin: string;
  /** A picture or a piece of sound. */
  onFrame(frame: Frame, peer: Peer): void;
  onText(text: ToEngineSocketText, peer: Peer): void;
  onClose(peer: Peer): void;
};

export type StageSocket = {
  /** Port on 127.0.0.1. */
  readonly port: number;
  /** Messages that were refused at the door. */
  readonly refused: number;
  /** Sends to every connected stage. */
  sendText(text: EngineSocketText): void;
  close(): Promise<void>;
};

/**
 * Opens the engine's own door to the stage, on 127.0.0.1 and a port of the system's
 * choice. Only the studio's page with the launch token gets in; what is malformed is
 * counted and refused without harm.
 * @throws StudioError `engine.start-failed` when no port can be opened.
 */
export async function openStageSocket(options: StageSocketOptions): Promise<StageSocket> {
  const peers = new Map<WebSocket, Peer>();
  let refused = 0;
  const server = new WebSocketServer({
    host: '127.0.0.1',
    port: 0,
    maxPayload: MAX_MESSAGE_BYTES,
    perMessageDeflate: false,
    handleProtocols: () => SUBPROTOCOL,
    verifyClient: ({ origin, req }: { origin: string; req: IncomingMessage }) =>
      peers.size < MAX_CONNECTIONS && origin === options.origin && hasToken(req, options.token),
  });
  server.on('connection', (socket) => {
    const peer = makePeer(socket);
    peers.set(socket, peer);
    socket.on('message', (data: RawData, isBinary: boolean) => {
      const frame = isBinary ? readFrame(data) : null;
      const text = isBinary ? null : readText(data);
      if (frame) options.onFrame(frame, peer);
      else if (text) options.onText(text, peer);
      else refused++;
    });
    // Broken framing and oversized messages: ws closes the connection itself afterwards.
    socket.on('error', () => refused++);
    socket.on('close', () => {
      peers.delete(socket);
      options.onClose(peer);
    });
  });
  await listening(server);
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('A TCP server must have a port.');
  return {
    port: address.port,
    get refused() {
      return refused;
    },
    sendText: (text) => {
      for (const peer of peers.values()) peer.sendText(text);
    },
    close: () => closeServer(server, peers),
  };
}

function makePeer(socket: WebSocket): Peer {
  return {
    sendFrame: (message) => {
      if (socket.readyState !== socket.OPEN || socket.bufferedAmount > MAX_UNSENT_BYTES) return false;
      socket.send(message);
      return true;
    },
    sendText: (text) => {
      if (socket.readyState === socket.OPEN) socket.send(JSON.stringify(text));
    },
  };
}

function hasToken(request: IncomingMessage, token: string): boolean {
  const offered = (request.headers['sec-websocket-protocol'] ?? '').split(',').map((part) => part.trim());
  const given = offered.find((part) => part.startsWith(TOKEN_PREFIX));
  if (!offered.includes(SUBPROTOCOL) || given === undefined) return false;
  // Equal-length digests, so that the time taken tells nothing about the token.
  return timingSafeEqual(digest(given), digest(TOKEN_PREFIX + token));
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

function readFrame(data: RawData): Frame | null {
  if (!(data instanceof Uint8Array)) return null;
  try {
    const frame = decodeFrame(data as Uint8Array<ArrayBuffer>);
    const { kind } = frame.header;
    return kind === FrameKind.picture || kind === FrameKind.pcm ? frame : null;
  } catch {
    // A FrameError: the caller counts it. The sender learns nothing it could use.
    return null;
  }
}

function readText(data: RawData): ToEngineSocketText | null {
  if (!(data instanceof Uint8Array) || data.length > MAX_TEXT_BYTES) return null;
  try {
    return v.parse(ToEngineSocketTextSchema, JSON.parse(data.toString()));
  } catch {
    // Neither JSON nor of the contract: the caller counts it.
    return null;
  }
}

function listening(server: WebSocketServer): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('listening', resolve);
    server.once('error', (cause) => {
      const message = 'The engine could not open a port on 127.0.0.1; check the firewall, then restart it.';
      reject(new StudioError('engine', 'engine.start-failed', message, { cause }));
    });
  });
}

async function closeServer(server: WebSocketServer, peers: Map<WebSocket, Peer>): Promise<void> {
  for (const socket of peers.keys()) socket.close(1001);
  const impatience = setTimeout(() => {
    for (const socket of peers.keys()) socket.terminate();
  }, CLOSE_GRACE_MS);
  await new Promise<void>((resolve) => server.close(() => resolve()));
  clearTimeout(impatience);
}
