import { encodeFrame, type FrameHeader } from '../../contract/frame';
import { STAGE_PATH, SUBPROTOCOL, TOKEN_PREFIX } from '../../contract/rpc';
import type { FromStage, ToStage } from '../../contract/stage';

const RECONNECT_MS = 500;
/** Close code by which main says that another window's stage took over: coming back would start a fight. */
const REPLACED_CODE = 4001;
/** Bytes that may wait in the socket before pictures are left out: main is busy or stuck. */
const CONGESTED_BYTES = 4 * 1024 * 1024;
/** Beyond this even sound is left out, or memory would grow without bound. */
const BROKEN_BYTES = 32 * 1024 * 1024;

/** What the link tells its owner. */
export type LinkEvents = {
  message: (message: ToStage) => void;
  /** @param replaced another window's stage took over: the link stays closed until `reconnect`. */
  connection: (connected: boolean, replaced: boolean) => void;
  /** A message that could not be read. */
  malformed: (error: unknown) => void;
};

/**
 * The stage's socket to main: made again half a second after it breaks, unless another
 * window's stage took over; then it waits for `reconnect`.
 */
export class StageLink {
  readonly #url: string;
  readonly #protocols: string[];
  readonly #events: LinkEvents;
  #socket: WebSocket | null = null;
  #retry: ReturnType<typeof setTimeout> | null = null;
  #disposed = false;
  #dropped = 0;

  /** @param url `ws://127.0.0.1:port`, without a path. */
  constructor(url: string, token: string, events: LinkEvents) {
    this.#url = new URL(STAGE_PATH, url).href;
    this.#protocols = [SUBPROTOCOL, TOKEN_PREFIX + token];
    this.#events = events;
    this.#open();
  }

  get connected(): boolean {
    return this.#socket?.readyState === WebSocket.OPEN;
  }

  /** Whether so much waits to be sent that the encoder should leave pictures out. */
  get congested(): boolean {
    return (this.#socket?.bufferedAmount ?? 0) > CONGESTED_BYTES;
  }

  /** Binary messages that were not sent because the socket was away or full. */
  get dropped(): number {
    return this.#dropped;
  }

  /** Sends a message; it is lost while the socket is away. */
  send(message: FromStage): void {
    if (this.connected) this.#socket?.send(JSON.stringify(message));
  }

  /** Sends a binary frame; it is dropped and counted while the socket is away or full. */
  sendFrame(header: FrameHeader, payload: Uint8Array): void {
    this.sendMessage(encodeFrame(header, payload));
  }

  /** Sends a whole binary message; it is dropped and counted while the socket is away or full. */
  sendMessage(message: ArrayBuffer): void {
    const socket = this.#socket;
    if (socket === null || !this.connected || socket.bufferedAmount > BROKEN_BYTES) {
      this.#dropped += 1;
      return;
    }
    socket.send(message);
  }

  /** Opens the socket again after another window's stage took over; else it does nothing. */
  reconnect(): void {
    if (!this.#disposed && this.#socket === null && this.#retry === null) this.#open();
  }

  dispose(): void {
    this.#disposed = true;
    if (this.#retry !== null) clearTimeout(this.#retry);
    this.#socket?.close();
    this.#socket = null;
  }

  #open(): void {
    this.#retry = null;
    const socket = new WebSocket(this.#url, this.#protocols);
    socket.binaryType = 'arraybuffer';
    socket.onopen = () => this.#events.connection(true, false);
    socket.onmessage = (event: MessageEvent<unknown>) => this.#receive(event.data);
    socket.onclose = ({ code }) => this.#closed(socket, code);
    this.#socket = socket;
  }

  #receive(data: unknown): void {
    if (typeof data !== 'string') return;
    try {
      this.#events.message(JSON.parse(data) as ToStage);
    } catch (error) {
      this.#events.malformed(error);
    }
  }

  #closed(socket: WebSocket, code: number): void {
    if (this.#disposed || this.#socket !== socket) return;
    this.#socket = null;
    const replaced = code === REPLACED_CODE;
    this.#events.connection(false, replaced);
    if (!replaced) this.#retry = setTimeout(() => this.#open(), RECONNECT_MS);
  }
}
