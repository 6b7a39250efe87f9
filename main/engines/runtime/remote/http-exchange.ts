import * as http from 'node:http';
import * as https from 'node:https';
import { MAX_ANSWER_BYTES, type RemoteAddress, type RemoteErrors } from './client';

export type HttpAnswer = { status: number; headers: http.IncomingHttpHeaders; body: Buffer };
export type HttpRequest = {
  method: 'GET' | 'POST';
  /** Below the address's own path. */
  path: string;
  headers?: Record<string, string | number>;
  /** Sent one after the other; nothing is copied together. */
  body?: readonly Uint8Array[];
};

/** HTTP with connections that are kept, the token, a bound on time and one on the answer. */
export class HttpExchange {
  readonly #address: RemoteAddress;
  readonly #wrong: RemoteErrors;
  readonly #agent: http.Agent;
  readonly #request: typeof http.request;

  constructor(address: RemoteAddress, wrong: RemoteErrors) {
    this.#address = address;
    this.#wrong = wrong;
    const secure = new URL(address.url).protocol === 'https:';
    const { ca } = address;
    this.#agent = secure
      ? new https.Agent({ keepAlive: true, ...(ca ? { ca } : {}) })
      : new http.Agent({ keepAlive: true });
    this.#request = secure ? https.request : http.request;
  }

  /** @throws StudioError `remote.lost` when no whole answer comes in time. */
  ask({ method, path, headers, body = [] }: HttpRequest, timeoutMs: number): Promise<HttpAnswer> {
    const { url, token } = this.#address;
    const length = body.reduce((sum, part) => sum + part.byteLength, 0);
    return new Promise((resolve, reject) => {
      const lost = (why: string) => reject(this.#wrong('remote.lost', `answer within ${timeoutMs} ms`, why));
      const request = this.#request(
        `${url.replace(/\/$/, '')}/${path}`,
        {
          method,
          agent: this.#agent,
          headers: {
            ...headers,
            ...(method === 'POST' ? { 'content-length': length } : {}),
            ...(token ? { authorization: `Bearer ${token}` } : {}),
          },
        },
        (response) => {
          const chunks: Buffer[] = [];
          let received = 0;
          response.on('data', (chunk: Buffer) => {
            received += chunk.length;
            if (received <= MAX_ANSWER_BYTES) chunks.push(chunk);
            else request.destroy(new Error(`it sent more than ${MAX_ANSWER_BYTES} bytes`));
          });
          response.on('error', (error) => lost(`its answer broke off: ${error.message}`));
          response.on('end', () => {
            clearTimeout(timer);
            resolve({
              status: response.statusCode ?? 0,
              headers: response.headers,
              body: Buffer.concat(chunks),
            });
          });
        },
      );
      const timer = setTimeout(() => request.destroy(new Error('it did not')), timeoutMs);
      request.on('error', (error) => {
        clearTimeout(timer);
        lost(error.message || String((error as NodeJS.ErrnoException).code));
      });
      for (const part of body) request.write(part);
      request.end();
    });
  }

  close(): void {
    this.#agent.destroy();
  }
}
