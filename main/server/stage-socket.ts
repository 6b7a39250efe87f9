import * as v from 'valibot';
import type { WebSocket } from 'ws';
import { FrameError, FrameKind, decodeFrame, type Frame } from '../../contract/frame';
import { FromStageSchema, type FromStage, type ToStage } from '../../contract/stage';

/** Close code for a stage that another window's stage has replaced; it must not come back by itself. */
export const REPLACED_CODE = 4001;

/** What main does with what the stage says; both are already checked. */
export type StageListener = {
  connected(): void;
  message(message: Exclude<FromStage, { type: 'ping' }>): void;
  frame(frame: Frame): void;
  gone(): void;
};

/**
 * Main's end of the stage's socket. At most one stage is connected: a newer one replaces
 * the older. Hostile messages are counted and dropped at the door.
 */
export class StageLink {
  refused = 0;
  private socket: WebSocket | null = null;
  private readonly nowUs: () => number;
  private readonly listener: StageListener;

  constructor(nowUs: () => number, listener: StageListener) {
    this.nowUs = nowUs;
    this.listener = listener;
  }

  get connected(): boolean {
    return this.socket !== null;
  }

  /** Takes over a socket that has passed the door. */
  accept(socket: WebSocket): void {
    this.socket?.close(REPLACED_CODE, 'Another window took over the stage.');
    this.socket = socket;
    socket.binaryType = 'arraybuffer';
    socket.on('message', (data, isBinary) => {
      if (this.socket !== socket) return;
      if (isBinary) this.receiveBinary(data as ArrayBuffer);
      else this.receiveText(data.toString());
    });
    socket.on('close', () => {
      if (this.socket !== socket) return;
      this.socket = null;
      this.listener.gone();
    });
    // 'close' follows every 'error'; there is nothing else to do about it here.
    socket.on('error', () => {});
    this.listener.connected();
  }

  /** Reads nothing more from the stage until `until` settles; the stage's own bounds hold meanwhile. */
  pauseUntil(until: Promise<unknown>): void {
    const socket = this.socket;
    if (!socket || socket.isPaused) return;
    socket.pause();
    void until.finally(() => socket.resume());
  }

  send(message: ToStage): void {
    if (this.socket?.readyState === this.socket?.OPEN) this.socket?.send(JSON.stringify(message));
  }

  private receiveText(text: string): void {
    const receivedUs = this.nowUs();
    let raw: unknown;
    try {
      raw = JSON.parse(text);
    } catch {
      this.refused++;
      return;
    }
    const message = v.safeParse(FromStageSchema, raw);
    if (!message.success) {
      this.refused++;
      return;
    }
    if (message.output.type === 'ping') {
      const { id, sentMs } = message.output;
      this.send({ type: 'pong', id, sentMs, mainUs: receivedUs });
      return;
    }
    this.listener.message(message.output);
  }

  private receiveBinary(data: ArrayBuffer): void {
    try {
      const frame = decodeFrame(data);
      if (frame.header.kind === FrameKind.picture) throw new FrameError('Pictures do not pass through main.');
      this.listener.frame(frame);
    } catch (error) {
      if (!(error instanceof FrameError)) throw error;
      this.refused++;
    }
  }
}
