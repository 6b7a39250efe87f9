import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What a server does with a request for its file. */
export type Misbehaviour = {
  /** Closes the connection after so many bytes of the body. */
  dropAfter?: number;
  /** Sends so many bytes at a time, with so long between. */
  trickle?: { bytes: number; everyMs: number };
  /** Says that the body is so long. */
  contentLength?: number;
  /** Answers with this and nothing else. */
  status?: number;
  /** Sends on to another address. */
  location?: string;
  ignoresRange?: boolean;
  etag?: string | null;
  /** Sends other bytes of the same length. */
  corrupt?: boolean;
  /** Never answers. */
  silent?: boolean;
};

/** A server of files on loopback, with byte ranges, that can behave badly for each request in turn. */
export class FileServer {
  readonly #server: Server;
  readonly #files = new Map<string, Buffer>();
  /** For each request, in order; the last one goes on. */
  plan: Misbehaviour[] = [{}];
  /** `METHOD PATH RANGE` of each request. */
  readonly requests: string[] = [];

  constructor() {
    this.#server = createServer((request, response) => this.#answer(request, response));
  }

  async start(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
  }

  /** Puts a file there; answers with its address. */
  add(name: string, content: Buffer): string {
    this.#files.set(`/${name}`, content);
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/${name}`;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const { url = '', headers } = request;
    this.requests.push(`${request.method} ${url} ${headers.range ?? ''}`.trim());
    const act = this.plan.length > 1 ? this.plan.shift()! : (this.plan[0] ?? {});
    const content = this.#files.get(url);
    if (act.silent) return;
    if (act.location !== undefined) return void response.writeHead(302, { location: act.location }).end();
    if (act.status) return void response.writeHead(act.status).end();
    if (!content) return void response.writeHead(404).end();
    const etag = act.etag === undefined ? '"v1"' : act.etag;
    const whole = act.corrupt ? Buffer.from(content.map((byte) => byte ^ 1)) : content;
    const ifRange = headers['if-range'];
    const range = /^bytes=(\d+)-$/.exec(headers.range ?? '');
    const ranged = range !== null && !act.ignoresRange && (ifRange === undefined || ifRange === etag);
    const from = ranged ? Number(range[1]) : 0;
    if (ranged && from >= whole.length)
      return void response.writeHead(416, { 'content-range': `bytes */${whole.length}` }).end();
    const body = whole.subarray(from);
    response.writeHead(ranged ? 206 : 200, {
      ...(etag ? { etag } : {}),
      'content-length': act.contentLength ?? body.length,
      ...(ranged ? { 'content-range': `bytes ${from}-${whole.length - 1}/${whole.length}` } : {}),
    });
    if (act.trickle) void trickle(response, body, act.trickle);
    else if (act.dropAfter !== undefined)
      response.write(body.subarray(0, act.dropAfter), () => setTimeout(() => response.destroy(), 20));
    else response.end(body);
  }
}

async function trickle(
  response: ServerResponse,
  body: Buffer,
  { bytes, everyMs }: { bytes: number; everyMs: number },
) {
  for (let at = 0; at < body.length && !response.destroyed; at += bytes) {
    response.write(body.subarray(at, at + bytes));
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
  response.end();
}
