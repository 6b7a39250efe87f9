import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { extname, join, normalize } from 'node:path';
import { build } from 'vite';
import { WebSocketServer, type WebSocket } from 'ws';
import * as v from 'valibot';
import { decodeFrame, type Frame } from '../../contract/frame';
import { MEDIA_PATH, STAGE_PATH, SUBPROTOCOL, TOKEN_PREFIX } from '../../contract/rpc';
import { FromStageSchema, type FromStage, type ToStage } from '../../contract/stage';

export const TOKEN = 'stage-test-token';

const TYPES: Record<string, string> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.mp4': 'video/mp4',
  '.png': 'image/png',
};

/**
 * A stand-in for main: serves the built harness page and media, keeps a programme clock and
 * records all that the stage sends. Every text message is checked against the contract.
 */
export class StageHost {
  readonly #dir: string;
  readonly #server: Server;
  readonly #sockets: WebSocketServer;
  readonly #media = new Map<string, string>();
  readonly #startedNs = process.hrtime.bigint();
  readonly messages: FromStage[] = [];
  readonly frames: Frame[] = [];
  /** Sent to each new connection. */
  greeting: ToStage[] = [];
  origin = '';
  #socket: WebSocket | null = null;

  private constructor(dir: string) {
    this.#dir = dir;
    this.#server = createServer((request, response) => this.#serve(request, response));
    this.#sockets = new WebSocketServer({
      server: this.#server,
      path: STAGE_PATH,
      handleProtocols: (offered) =>
        offered.has(SUBPROTOCOL) && offered.has(TOKEN_PREFIX + TOKEN) ? SUBPROTOCOL : false,
    });
    this.#sockets.on('connection', (socket) => this.#connection(socket));
  }

  /** Builds the page in a folder of `e2e/harness` and serves it on a free loopback port. */
  static async start(name: string): Promise<StageHost> {
    const dir = mkdtempSync(join(tmpdir(), 'fantascope-harness-'));
    const root = join(import.meta.dirname, '..', 'harness', name);
    await build({
      root,
      configFile: false,
      logLevel: 'error',
      worker: { format: 'es' },
      build: {
        outDir: dir,
        target: 'chrome130',
        emptyOutDir: true,
        rollupOptions: { input: join(root, 'index.html') },
      },
    });
    const host = new StageHost(dir);
    await new Promise<void>((resolve) => host.#server.listen(0, '127.0.0.1', resolve));
    const address = host.#server.address();
    if (address === null || typeof address === 'string') throw new Error('The host must have a port.');
    host.origin = `http://127.0.0.1:${address.port}`;
    return host;
  }

  /** Programme time, µs. */
  nowUs(): number {
    return Number(process.hrtime.bigint() - this.#startedNs) / 1000;
  }

  addMedia(id: string, file: string): void {
    this.#media.set(id, file);
  }

  removeMedia(id: string): void {
    this.#media.delete(id);
  }

  send(message: ToStage): void {
    this.#socket?.send(JSON.stringify(message));
  }

  /** Sends raw text, for hostile messages. */
  sendRaw(data: string | Uint8Array): void {
    this.#socket?.send(data);
  }

  /** Cuts the stage's socket as a crash does. */
  cut(): void {
    this.#socket?.terminate();
  }

  /** Tells the stage that another window took over. */
  replace(): void {
    this.#socket?.close(4001, 'Another window took over the stage.');
  }

  ofType<Type extends FromStage['type']>(type: Type): Extract<FromStage, { type: Type }>[] {
    return this.messages.filter(
      (message): message is Extract<FromStage, { type: Type }> => message.type === type,
    );
  }

  async stop(): Promise<void> {
    this.#sockets.clients.forEach((client) => client.terminate());
    this.#sockets.close();
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
    rmSync(this.#dir, { recursive: true, force: true });
  }

  #connection(socket: WebSocket): void {
    this.#socket = socket;
    socket.on('message', (data: Buffer, binary) => {
      if (binary) this.frames.push(decodeFrame(new Uint8Array(data)));
      else this.#text(v.parse(FromStageSchema, JSON.parse(data.toString())));
    });
    for (const message of this.greeting) this.send(message);
  }

  #text(message: FromStage): void {
    if (message.type === 'ping') {
      this.send({ type: 'pong', id: message.id, sentMs: message.sentMs, mainUs: this.nowUs() });
    } else this.messages.push(message);
  }

  #serve(request: IncomingMessage, response: ServerResponse): void {
    const path = new URL(request.url ?? '/', 'http://host').pathname;
    const file = path.startsWith(MEDIA_PATH)
      ? this.#media.get(decodeURIComponent(path.slice(MEDIA_PATH.length)))
      : join(this.#dir, normalize(path === '/' ? '/index.html' : path));
    response.setHeader('cross-origin-opener-policy', 'same-origin');
    response.setHeader('cross-origin-embedder-policy', 'require-corp');
    try {
      if (file === undefined) throw new Error('unknown media');
      sendRange(readFileSync(file), TYPES[extname(file)] ?? 'application/octet-stream', request, response);
    } catch {
      response.writeHead(404).end();
    }
  }
}

function sendRange(bytes: Buffer, type: string, request: IncomingMessage, response: ServerResponse): void {
  response.setHeader('content-type', type);
  response.setHeader('accept-ranges', 'bytes');
  const range = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '');
  if (range === null) {
    response.writeHead(200, { 'content-length': bytes.length }).end(bytes);
    return;
  }
  const start = Number(range[1]);
  const end = Math.min(bytes.length - 1, range[2] === '' ? bytes.length - 1 : Number(range[2]));
  response
    .writeHead(206, {
      'content-range': `bytes ${start}-${end}/${bytes.length}`,
      'content-length': end - start + 1,
    })
    .end(bytes.subarray(start, end + 1));
}
