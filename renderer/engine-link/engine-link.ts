import * as v from 'valibot';
import {
  EngineSocketTextSchema,
  type EngineSocketText,
  type ToEngineSocketText,
} from '../../contract/engine';
import { decodeFrame, type Frame } from '../../contract/frame';
import { SUBPROTOCOL, TOKEN_PREFIX } from '../../contract/rpc';

const RECONNECT_MS = 500;

/** What comes from an engine. */
export type EngineLinkEvents = {
  /** A picture or a piece of sound; the receiver checks which. */
  frame: (frame: Frame) => void;
  text: (message: EngineSocketText) => void;
  opened?: () => void;
  closed: () => void;
};

/**
 * A worker's own socket to an engine process, one for each layer or strip. Follows the engine to
 * a new address when it was restarted. What it sends is checked; what does not fit is ignored.
 */
export class EngineLink {
  readonly #token: string;
  readonly #events: EngineLinkEvents;
  #url: string | null = null;
  #socket: WebSocket | null = null;
  #retry: ReturnType<typeof setTimeout> | null = null;

  constructor(token: string, events: EngineLinkEvents) {
    this.#token = token;
    this.#events = events;
  }

  get connected(): boolean {
    return this.#socket?.readyState === WebSocket.OPEN;
  }

  /** Bytes that wait to be sent; 0 while the socket is away. */
  get unsentBytes(): number {
    return this.#socket?.bufferedAmount ?? 0;
  }

  /** Where the engine listens; null closes the socket. */
  setUrl(url: string | null): void {
    if (url === this.#url) return;
    this.#url = url;
    this.#close();
    if (url !== null) this.#open(url);
  }

  /** Sends a whole binary message; false while the socket is away. */
  send(message: Uint8Array<ArrayBuffer> | ArrayBuffer): boolean {
    if (!this.connected) return false;
    this.#socket?.send(message);
    return true;
  }

  /** Sends a short text; false while the socket is away. */
  sendText(message: ToEngineSocketText): boolean {
    if (!this.connected) return false;
    this.#socket?.send(JSON.stringify(message));
    return true;
  }

  dispose(): void {
    this.setUrl(null);
  }

  #open(url: string): void {
    this.#retry = null;
    const socket = new WebSocket(url, [SUBPROTOCOL, TOKEN_PREFIX + this.#token]);
    socket.binaryType = 'arraybuffer';
    socket.onmessage = (event: MessageEvent<unknown>) => this.#receive(event.data);
    socket.onopen = () => {
      if (this.#socket === socket) this.#events.opened?.();
    };
    socket.onclose = () => {
      if (this.#socket !== socket) return;
      this.#socket = null;
      this.#events.closed();
      this.#retry = setTimeout(() => this.#open(url), RECONNECT_MS);
    };
    this.#socket = socket;
  }

  #close(): void {
    if (this.#retry !== null) clearTimeout(this.#retry);
    this.#retry = null;
    const socket = this.#socket;
    this.#socket = null;
    if (socket === null) return;
    socket.onmessage = null;
    socket.close();
    this.#events.closed();
  }

  #receive(data: unknown): void {
    try {
      if (data instanceof ArrayBuffer) {
        this.#events.frame(decodeFrame(data));
      } else if (typeof data === 'string') {
        this.#events.text(v.parse(EngineSocketTextSchema, JSON.parse(data)));
      }
    } catch (error) {
      console.warn('A message of an engine was refused.', error);
    }
  }
}
