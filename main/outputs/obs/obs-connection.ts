import { OBSWebSocket, OBSWebSocketError, type OBSEventTypes } from 'obs-websocket-js/json';
import type { OBSRequestTypes, OBSResponseTypes } from 'obs-websocket-js/json';
import { StudioError } from '../../../contract/errors';

/** How long OBS may take to let us in, and to answer one request, in milliseconds. */
export type ObsPatience = { connectMs: number; answerMs: number };
export const OBS_PATIENCE: ObsPatience = { connectMs: 5_000, answerMs: 4_000 };

/** Where obs-websocket listens. */
export type ObsAddress = { host: string; port: number };

/** Close codes and request statuses of obs-websocket 5 that decide what happens. */
const CLOSE = { notAuthenticated: 4009, unsupportedRpc: 4010 } as const;
export const STATUS = {
  notReady: 207,
  notFound: 600,
  alreadyExists: 601,
  cameraMissing: 604,
} as const;

/** OBS answered a request with a status other than success. */
export class ObsRequestError extends Error {
  readonly status: number;

  constructor(request: string, status: number, comment: string) {
    super(`OBS answered ${request} with ${status}: ${comment || 'no reason given'}`);
    this.name = 'ObsRequestError';
    this.status = status;
  }
}

/** One identified connection to obs-websocket 5. Every wait on it is bounded. */
export class ObsConnection {
  readonly #socket: OBSWebSocket;
  readonly #patience: ObsPatience;
  readonly #gone: Promise<never>;
  readonly #closed: Promise<void>;
  /** As OBS names itself, for example `29.0.2`. */
  version = '';
  #requests = new Set<string>();

  private constructor(socket: OBSWebSocket, patience: ObsPatience) {
    this.#socket = socket;
    this.#patience = patience;
    this.#closed = new Promise((resolve) => socket.once('ConnectionClosed', () => resolve()));
    this.#gone = this.#closed.then(() => {
      throw new StudioError('output', 'obs.lost', 'OBS must stay connected, but closed the connection.');
    });
    this.#gone.catch(() => {});
  }

  /**
   * Connects and identifies.
   * @throws StudioError `obs.absent`, `obs.refused` (password), `obs.unsupported` (not OBS 28 or newer)
   */
  static async open(
    address: ObsAddress,
    password: string,
    patience: ObsPatience = OBS_PATIENCE,
  ): Promise<ObsConnection> {
    const socket = new OBSWebSocket();
    const url = socketUrl(address);
    let answered = false;
    socket.on('ConnectionOpened', () => (answered = true));
    const connection = new ObsConnection(socket, patience);
    try {
      await within(patience.connectMs, socket.connect(url, password === '' ? undefined : password));
      const version = await connection.call('GetVersion');
      connection.version = String(version.obsVersion);
      connection.#requests = new Set(
        Array.isArray(version.availableRequests) ? version.availableRequests : [],
      );
    } catch (error) {
      connection.close();
      throw explain(error, address, answered, password !== '');
    }
    return connection;
  }

  /** Settles when the connection is gone, whoever ended it. */
  get closed(): Promise<void> {
    return this.#closed;
  }

  /** Whether this OBS knows a request. */
  knows(request: string): boolean {
    return this.#requests.has(request);
  }

  /**
   * Asks OBS for something.
   * @throws ObsRequestError when OBS answers that it cannot; StudioError `obs.lost` when it does not
   * answer in time, answers nonsense, or is gone
   */
  async call<T extends keyof OBSRequestTypes>(
    request: T,
    data?: OBSRequestTypes[T],
  ): Promise<OBSResponseTypes[T]> {
    try {
      const answer = this.#socket.call(request, data);
      return await within(this.#patience.answerMs, Promise.race([answer, this.#gone]));
    } catch (error) {
      if (error instanceof StudioError) throw error;
      if (error instanceof OBSWebSocketError && typeof error.code === 'number') {
        throw new ObsRequestError(request, error.code, error.message);
      }
      const message =
        error instanceof LateError
          ? `OBS must answer ${request} within ${this.#patience.answerMs} ms, but did not.`
          : `OBS must answer ${request} as obs-websocket 5 does, but its answer makes no sense.`;
      throw new StudioError('output', 'obs.lost', message, { cause: error });
    }
  }

  /** Calls back on an event of OBS. */
  on<T extends keyof OBSEventTypes>(event: T, listener: (data: OBSEventTypes[T]) => void): void {
    this.#socket.on(event, listener as never);
  }

  /** Closes it; nothing is waited for. */
  close(): void {
    // A server that does not close in turn keeps this promise open: nobody waits for it.
    this.#socket.disconnect().catch(() => {});
  }
}

class LateError extends Error {}

async function within<T>(limitMs: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new LateError(`No answer within ${limitMs} ms.`)), limitMs);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** @throws StudioError `obs.absent` for what cannot be an address */
function socketUrl({ host, port }: ObsAddress): string {
  const name = host.includes(':') && !host.startsWith('[') ? `[${host}]` : host;
  const url = `ws://${name}:${port}`;
  if (URL.canParse(url) && new URL(url).pathname === '/' && !/[\s@/?#]/.test(name)) return url;
  throw new StudioError('output', 'obs.absent', `The address of OBS must be a host name, got "${host}".`);
}

function explain(
  error: unknown,
  { host, port }: ObsAddress,
  answered: boolean,
  hadPassword: boolean,
): StudioError {
  const code = error instanceof OBSWebSocketError ? error.code : null;
  const where = `${host}:${port}`;
  if (code === CLOSE.notAuthenticated) {
    const message = hadPassword
      ? `OBS at ${where} refused the password; copy it from OBS: Tools → WebSocket Server Settings → Show Connect Info.`
      : `OBS at ${where} asks for a password; copy it from OBS: Tools → WebSocket Server Settings → Show Connect Info.`;
    return new StudioError('output', 'obs.refused', message);
  }
  if (code === CLOSE.unsupportedRpc || answered) {
    const message = `What answers at ${where} must be obs-websocket 5 (OBS 28 or newer), but does not speak it.`;
    return new StudioError('output', 'obs.unsupported', message, { cause: error });
  }
  const message = `OBS must listen at ${where}, but nothing answers there: start OBS and enable Tools → WebSocket Server Settings.`;
  return new StudioError('output', 'obs.absent', message, { cause: error });
}
