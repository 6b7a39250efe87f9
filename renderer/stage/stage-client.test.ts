import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { StageToWindow, WindowToStage } from '../../contract/stage-ui';
import { StageClient } from './stage-client';

let worker: FakeWorker;
let deaths: number;

class FakeWorker {
  onmessage: ((event: { data: StageToWindow }) => void) | null = null;
  onerror: ((event: { message: string }) => void) | null = null;
  posted: WindowToStage[] = [];

  constructor() {
    worker = this;
  }

  postMessage(message: WindowToStage): void {
    this.posted.push(message);
  }

  terminate(): void {
    this.onmessage = null;
  }

  say(data: StageToWindow = { type: 'clock', offsetUs: 0 }): void {
    this.onmessage?.({ data });
  }
}

function client(): StageClient {
  return new StageClient({ url: 'ws://127.0.0.1:1', token: 't', died: () => (deaths += 1) });
}

/** Seconds in which the worker speaks, or not. */
async function pass(seconds: number, speaks: boolean): Promise<void> {
  for (let second = 0; second < seconds; second += 1) {
    if (speaks) worker.say();
    await vi.advanceTimersByTimeAsync(1000);
  }
}

beforeEach(() => {
  deaths = 0;
  vi.useFakeTimers();
  vi.stubGlobal('Worker', FakeWorker);
  vi.spyOn(console, 'error').mockImplementation(() => undefined);
});

afterEach(() => {
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
  vi.useRealTimers();
});

describe('stage client', () => {
  it('finds a worker dead that is silent for 5 s, and again while it stays so', async () => {
    const stage = client();
    await pass(20, true);
    await pass(3, false);
    expect(deaths).toBe(0);
    await pass(2, false);
    expect(deaths).toBe(1);
    await pass(5, false);
    expect(deaths).toBe(2);
    stage.dispose();
    await pass(60, false);
    expect(deaths).toBe(2);
  });

  it('gives it time to load', async () => {
    const stage = client();
    await pass(29, false);
    expect(deaths).toBe(0);
    stage.dispose();
  });

  it('goes on after an error that did not end the worker', async () => {
    const stage = client();
    await pass(1, true);
    worker.onerror?.({ message: 'x is undefined' });
    await pass(10, true);
    expect(deaths).toBe(0);
    worker.onerror?.({ message: 'the script cannot be loaded' });
    await pass(2, false);
    expect(deaths).toBe(1);
    stage.dispose();
  });

  it('tells that another window took over and takes back when it is asked to', () => {
    const stage = client();
    const news: boolean[] = [];
    stage.onReplaced((replaced) => news.push(replaced));
    worker.say({ type: 'connection', connected: true, replaced: false });
    worker.say({ type: 'connection', connected: false, replaced: true });
    stage.takeBack();
    expect(worker.posted.at(-1)).toEqual({ type: 'take-back' });
    worker.say({ type: 'connection', connected: true, replaced: false });
    expect(news).toEqual([false, true, false]);
    stage.dispose();
  });
});
