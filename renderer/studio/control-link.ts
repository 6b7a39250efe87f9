import { createBirpc } from 'birpc';
import type { LiveState } from '../../contract/live';
import type { ModelShelf } from '../../contract/models';
import {
  CONTROL_PATH,
  SUBPROTOCOL,
  TOKEN_PREFIX,
  type InterfaceFunctions,
  type StudioFunctions,
} from '../../contract/rpc';

/** Whether main can be spoken to. */
export type LinkState = 'connecting' | 'online' | 'reconnecting' | 'refused';

/** What a link tells its owner. */
export type LinkListener = {
  onState(state: LiveState): void;
  onLink(state: LinkState): void;
  /** What was asked for by `watchModels` has changed. */
  onModels(shelf: ModelShelf): void;
};

/** The conversation with main: its functions, and what it tells. */
export type ControlLink = {
  readonly studio: StudioFunctions;
  /** Connects, and stays connected until `close`. */
  open(listener: LinkListener): void;
  close(): void;
};

const FIRST_RETRY_MS = 250;
const LONGEST_RETRY_MS = 4000;

/** Delay before try `attempt` (from 0), doubling to a ceiling. */
export function retryDelayMs(attempt: number): number {
  return Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** Math.min(attempt, 10));
}

/**
 * Opens the `/control` socket and keeps it open: birpc as JSON text, a new try with backoff
 * after each loss, the snapshot asked for anew after each success.
 */
export function createControlLink(options: { host: string; token: string }): ControlLink {
  let socket: WebSocket | null = null;
  let retry: ReturnType<typeof setTimeout> | undefined;
  let attempt = 0;
  let wasOnline = false;
  let closed = false;
  let listener: LinkListener | null = null;
  let receive: (text: string) => void = () => {};

  const local: InterfaceFunctions = {
    state: (state) => listener?.onState(state),
    models: (shelf) => listener?.onModels(shelf),
  };
  const remote = createBirpc<StudioFunctions, InterfaceFunctions>(local, {
    post: (text: string) => {
      if (socket?.readyState !== WebSocket.OPEN) throw new Error('The studio is not connected.');
      socket.send(text);
    },
    on: (listen) => {
      receive = listen;
    },
    serialize: (message) => JSON.stringify(message),
    deserialize: (text: string) => JSON.parse(text),
    timeout: 20_000,
  });

  function connect(): void {
    const next = new WebSocket(`ws://${options.host}${CONTROL_PATH}`, [
      SUBPROTOCOL,
      TOKEN_PREFIX + options.token,
    ]);
    socket = next;
    next.addEventListener('message', (event) => {
      if (typeof event.data === 'string') receive(event.data);
    });
    next.addEventListener('open', () => void greet(next));
    next.addEventListener('close', () => {
      if (socket !== next || closed) return;
      // A call that has no answer yet will never get one on this socket.
      void Promise.allSettled(remote.$rejectPendingCalls());
      listener?.onLink(wasOnline ? 'reconnecting' : 'connecting');
      retry = setTimeout(connect, retryDelayMs(attempt));
      attempt += 1;
    });
  }

  async function greet(current: WebSocket): Promise<void> {
    try {
      const answer = await remote.subscribe();
      if (socket !== current || closed) return;
      if (!answer.ok) {
        listener?.onLink('refused');
        return;
      }
      attempt = 0;
      wasOnline = true;
      listener?.onState(answer.value);
      listener?.onLink('online');
    } catch {
      // The socket closed before the snapshot came, or main hangs: the close handler tries again.
      current.close();
    }
  }

  return {
    studio: remote,
    open(to) {
      listener = to;
      to.onLink('connecting');
      connect();
    },
    close() {
      closed = true;
      clearTimeout(retry);
      socket?.close();
      remote.$close();
    },
  };
}
