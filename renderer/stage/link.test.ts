import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { StageLink } from './link';

let sockets: FakeSocket[] = [];

class FakeSocket {
  static OPEN = 1;
  readyState = 0;
  bufferedAmount = 0;
  sent: unknown[] = [];
  onopen: (() => void) | null = null;
  onclose: ((event: { code: number }) => void) | null = null;

  constructor() {
    sockets.push(this);
  }

  open(): void {
    this.readyState = 1;
    this.onopen?.();
  }

  end(code: number): void {
    this.readyState = 3;
    this.onclose?.({ code });
  }

  send(data: unknown): void {
    this.sent.push(data);
  }

  close(): void {
    this.end(1000);
  }
}

function connected() {
  const told: [boolean, boolean][] = [];
  const link = new StageLink('ws://127.0.0.1:1', 'token', {
    message: () => undefined,
    connection: (...news) => told.push(news),
    malformed: () => undefined,
  });
  sockets[0]!.open();
  return { link, told };
}

beforeEach(() => {
  sockets = [];
  vi.useFakeTimers();
  vi.stubGlobal('WebSocket', FakeSocket);
});

afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

describe('stage link', () => {
  it('comes back by itself after a break', async () => {
    const { link, told } = connected();
    sockets[0]!.end(1006);
    link.reconnect();
    expect(sockets).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(500);
    expect(sockets).toHaveLength(2);
    expect(told).toEqual([
      [true, false],
      [false, false],
    ]);
    link.dispose();
  });

  it('stays away after another window took over, until it is asked to come back', async () => {
    const { link, told } = connected();
    sockets[0]!.end(4001);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(sockets).toHaveLength(1);
    expect(told.at(-1)).toEqual([false, true]);
    link.reconnect();
    link.reconnect();
    expect(sockets).toHaveLength(2);
    sockets[1]!.open();
    expect(told.at(-1)).toEqual([true, false]);
    link.dispose();
    link.reconnect();
    expect(sockets).toHaveLength(2);
  });

  it('sends a whole message as it is, and counts what it must drop', () => {
    const { link } = connected();
    const message = new ArrayBuffer(64);
    link.sendMessage(message);
    expect(sockets[0]!.sent).toEqual([message]);
    sockets[0]!.bufferedAmount = 33 * 1024 * 1024;
    link.sendMessage(message);
    expect(link.dropped).toBe(1);
    link.dispose();
  });
});
