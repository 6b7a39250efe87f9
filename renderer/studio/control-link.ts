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
/** After this long without an answer main counts as hung. */
const ANSWER_MS = 20_000;
/** What waits for a person, the network or gigabytes of a disk: only the end of the link ends it. */
const SLOW: ReadonlySet<string | symbol> = new Set<keyof StudioFunctions>([
  'chooseFile',
  'openExternal',
  'downloadModel',
  'cancelModel',
  'deleteModel',
  'verifyModel',
  'importModels',
  'measureMachine',
]);

/** A message as birpc writes it; `t` tells questions from answers. */
type WireMessage = { t?: unknown };
const ANSWER = 's';

/** Delay before try `attempt` (from 0), doubling to a ceiling. */
export function retryDelayMs(attempt: number): number {
  return Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** Math.min(attempt, 10));
}

/**
 * Opens the `/control` socket and keeps it open: birpc as JSON text, a new try with backoff
 * after each loss, the snapshot asked for anew after each success. A call without an answer fails
 * after `answerMs`, unless it may take long.
 */
export function createControlLink(options: { host: string; token: string; answerMs?: number }): ControlLink {
  let socket: WebSocket | null = null;
  let retry: ReturnType<typeof setTimeout> | undefined;
  let attempt = 0;
  let wasOnline = false;
  let closed = false;
  let listener: LinkListener | null = null;
  const receivers: ((message: WireMessage) => void)[] = [];

  const local: InterfaceFunctions = {
    state: (state) => listener?.onState(state),
    models: (shelf) => listener?.onModels(shelf),
  };
  function peer(functions: InterfaceFunctions | Record<string, never>, timeout: number) {
    return createBirpc<StudioFunctions, InterfaceFunctions | Record<string, never>>(functions, {
      post: (message: WireMessage) => {
        if (socket?.readyState !== WebSocket.OPEN) throw new Error('The studio is not connected.');
        socket.send(JSON.stringify(message));
      },
      on: (receive) => void receivers.push(receive),
      serialize: (message: WireMessage) => message,
      deserialize: (message: WireMessage) => message,
      timeout,
    });
  }
  const remote = peer(local, options.answerMs ?? ANSWER_MS);
  const patient = peer({}, -1);
  const studio = new Proxy(remote, {
    get: (quick, name) => Reflect.get(SLOW.has(name) ? patient : quick, name) as unknown,
  });

  function connect(): void {
    const next = new WebSocket(`ws://${options.host}${CONTROL_PATH}`, [
      SUBPROTOCOL,
      TOKEN_PREFIX + options.token,
    ]);
    socket = next;
    next.addEventListener('message', (event) => {
      if (typeof event.data !== 'string') return;
      const message = JSON.parse(event.data) as WireMessage;
      // Both are given the answers, each knows its own; what main asks is for the first alone.
      for (const receive of message.t === ANSWER ? receivers : receivers.slice(0, 1)) receive(message);
    });
    next.addEventListener('open', () => void greet(next));
    next.addEventListener('close', () => {
      if (socket !== next || closed) return;
      // A call that has no answer yet will never get one on this socket.
      void Promise.allSettled([...remote.$rejectPendingCalls(), ...patient.$rejectPendingCalls()]);
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
    studio,
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
      patient.$close();
    },
  };
}
