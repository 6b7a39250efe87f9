import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { join, resolve } from 'node:path';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import { toStudioError } from '../../contract/errors';
import type { Media } from '../../contract/project';
import {
  CONTROL_PATH,
  LAUNCH_PATH,
  MEDIA_PATH,
  STAGE_PATH,
  SUBPROTOCOL,
  UPLOAD_PATH,
  type Result,
} from '../../contract/rpc';
import type { Studio } from '../studio/studio';
import type { StudioVerbs } from '../studio/verbs';
import { serveControl } from './control-socket';
import { isOwnHost, refusePost, refuseSocket, type Door } from './door';
import { LaunchCodes } from './launch-codes';
import { listenOnRememberedPort } from './port';
import type { StageLink } from './stage-socket';
import { SECURITY_HEADERS, answer, resolveInside, sendFile } from './static-files';
import { keepOrRemove, receiveUpload } from './uploads';

const MAX_CONTROL_BYTES = 8 << 20;

export type ServerOptions = {
  rendererDir: string;
  userDataDir: string;
  studio: Studio;
  stage: StageLink;
  verbs: StudioVerbs;
};

/**
 * The studio's only door to the network: one HTTP server on 127.0.0.1 for the page, the
 * project's media and uploads, with the two sockets beside it.
 */
export class StudioServer {
  readonly door: Door;
  /** The page to open; the launch token is in the fragment and never sent in a request line. */
  readonly url: string;
  /** Whether another program held the usual port. */
  readonly portWasTaken: boolean;
  private readonly codes: LaunchCodes;
  private readonly server: Server;
  private readonly sockets: WebSocketServer;

  private constructor(
    server: Server,
    sockets: WebSocketServer,
    door: Door,
    codes: LaunchCodes,
    portWasTaken: boolean,
  ) {
    this.codes = codes;
    this.portWasTaken = portWasTaken;
    this.server = server;
    this.sockets = sockets;
    this.door = door;
    this.url = `${door.origin}/#token=${door.token}`;
  }

  /** Begins to serve; the port is remembered from launch to launch. */
  static async start(options: ServerOptions): Promise<StudioServer> {
    const server = createServer();
    const { port, wasTaken } = await listenOnRememberedPort(server, join(options.userDataDir, 'port'));
    const codes = new LaunchCodes();
    const door = { origin: `http://127.0.0.1:${port}`, token: randomBytes(24).toString('base64url') };
    const sockets = new WebSocketServer({
      noServer: true,
      perMessageDeflate: false,
      maxPayload: MAX_CONTROL_BYTES,
      handleProtocols: () => SUBPROTOCOL,
    });
    server.on('request', (request, response) => void serveRequest(request, response, door, codes, options));
    server.on('upgrade', (request, socket, head) => upgrade(sockets, request, socket, head, door, options));
    return new StudioServer(server, sockets, door, codes, wasTaken);
  }

  /** The page to open in a window whose address others may read: the code in it works once. */
  windowUrl(): string {
    return `${this.door.origin}/#launch=${this.codes.issue()}`;
  }

  /** Closes every connection and stops listening. */
  async stop(): Promise<void> {
    for (const client of this.sockets.clients) client.terminate();
    this.sockets.close();
    this.server.closeAllConnections();
    await new Promise<void>((done) => this.server.close(() => done()));
  }
}

async function serveRequest(
  request: IncomingMessage,
  response: ServerResponse,
  door: Door,
  codes: LaunchCodes,
  options: ServerOptions,
): Promise<void> {
  response.on('error', () => {});
  if (!isOwnHost(request, door)) return answer(response, 421, 'This studio answers to 127.0.0.1 only.');
  const path = (request.url ?? '/').split('?', 1)[0]!;
  if (request.method === 'POST' && path === UPLOAD_PATH) return serveUpload(request, response, door, options);
  if (request.method === 'POST' && path === LAUNCH_PATH) return serveLaunch(request, response, door, codes);
  if (request.method !== 'GET' && request.method !== 'HEAD') return answer(response, 405, 'Not allowed.');
  const file = path.startsWith(MEDIA_PATH)
    ? mediaFile(options.studio, path.slice(MEDIA_PATH.length))
    : resolveInside(resolve(options.rendererDir), path);
  if (!file) return answer(response, 404, 'Not found.');
  // Only the build's own files have a hash in their names; `/media/…` never begins so.
  await sendFile(request, response, file, path.startsWith('/assets/'));
}

/** Gives the token to the page that brings a good code. */
function serveLaunch(
  request: IncomingMessage,
  response: ServerResponse,
  door: Door,
  codes: LaunchCodes,
): void {
  const code = String(request.headers['x-launch-code'] ?? '');
  if (request.headers.origin !== door.origin || !codes.redeem(code)) {
    return answer(response, 403, 'Refused: this address was used before. Open the studio again.');
  }
  answer(response, 200, door.token);
}

function mediaFile(studio: Studio, id: string): string | null {
  return studio.state.project.media.find((media) => media.id === id)?.path ?? null;
}

async function serveUpload(
  request: IncomingMessage,
  response: ServerResponse,
  door: Door,
  options: ServerOptions,
): Promise<void> {
  const refusal = refusePost(request, door);
  if (refusal) return answer(response, 403, `Refused: ${refusal}.`);
  let result: Result<Media>;
  try {
    const media = await receiveUpload(request, join(options.userDataDir, 'media'));
    await keepOrRemove(media, () =>
      options.studio.command({ command: { type: 'media.add', media }, inputUs: 0 }),
    );
    result = { ok: true, value: media };
  } catch (error) {
    result = { ok: false, error: toStudioError(error, 'server').toShape() };
  }
  if (response.destroyed) return;
  response.writeHead(200, { ...SECURITY_HEADERS, 'content-type': 'application/json' });
  response.end(JSON.stringify(result));
}

function upgrade(
  sockets: WebSocketServer,
  request: IncomingMessage,
  socket: Duplex,
  head: Buffer,
  door: Door,
  options: ServerOptions,
): void {
  socket.on('error', () => socket.destroy());
  const path = (request.url ?? '').split('?', 1)[0];
  const refusal = refuseSocket(request, door);
  if (refusal || (path !== CONTROL_PATH && path !== STAGE_PATH)) {
    socket.end(`HTTP/1.1 403 Forbidden\r\nconnection: close\r\n\r\n${refusal ?? 'unknown path'}\n`);
    return;
  }
  sockets.handleUpgrade(request, socket, head, (webSocket) => {
    webSocket.on('error', () => {});
    if (path === STAGE_PATH) options.stage.accept(webSocket);
    else serveControl(webSocket, options.studio, options.verbs);
  });
}
