import { describe, expect, it, vi } from 'vitest';
import type { EngineInit } from '../../../contract/engine';
import { StudioError } from '../../../contract/errors';
import type { Engine, EngineVoice, OpenEngine } from './engine';
import type { ParentDoor } from './parent-door';
import { serveEngine } from './serve-engine';

const init = {
  type: 'init',
  engine: 'animate',
  token: 't',
  origin: 'o',
  modelsDir: '/m',
  model: 'x',
  threads: 1,
};
const control = {
  type: 'control',
  streamId: 1,
  version: 2,
  epoch: 3,
  settings: { kind: 'animate', prompt: 'p', strength: 1, seed: 4 },
};

function setUp(open: (engine: Engine, voice: EngineVoice) => ReturnType<OpenEngine>) {
  const engine = {
    ready: { port: 5, provider: 'cpu', model: 'x', words: [] },
    control: vi.fn(() => ['zebra']),
    forget: vi.fn(),
    pin: vi.fn(),
    expect: vi.fn(),
    report: vi.fn(() => ({ processed: 1, dropped: 2, stagesMs: {} })),
    stop: vi.fn(async () => {}),
  } satisfies Engine;
  const sent: unknown[] = [];
  let say = (_: unknown) => {};
  let vanish = () => {};
  const door: ParentDoor = {
    send: async (message) => void sent.push(message),
    onMessage: (listener) => (say = listener),
    onGone: (listener) => (vanish = listener),
  };
  const exit = vi.fn();
  const opener = vi.fn((_init: EngineInit, voice: EngineVoice) => open(engine, voice));
  serveEngine(door, { animate: opener, generate: opener, captions: opener, binaural: opener }, exit);
  return { engine, sent, exit, opener, say: (message: unknown) => say(message), vanish: () => vanish() };
}

describe('serveEngine', { timeout: 30_000 }, () => {
  it('opens the engine once, says ready, and reports its health until it is stopped', async () => {
    vi.useFakeTimers();
    const { say, sent, exit, engine, opener } = setUp(async (made) => made);
    say(init);
    say(init);
    await vi.advanceTimersByTimeAsync(2500);
    expect(opener).toHaveBeenCalledTimes(1);
    expect(sent).toMatchObject([
      { type: 'ready', port: 5 },
      { type: 'health', processed: 1 },
      { type: 'health' },
    ]);
    say({ type: 'stop' });
    await vi.advanceTimersByTimeAsync(5000);
    expect(sent).toHaveLength(3);
    expect(engine.stop).toHaveBeenCalledTimes(1);
    expect(exit.mock.calls).toEqual([[0]]);
    vi.useRealTimers();
  });

  it('says once a second what runs the model, and why it is not what was named', async () => {
    vi.useFakeTimers();
    const { say, sent, vanish } = setUp(async (made) => made);
    const standIn = new StudioError('engine', 'provider.refused', 'It lies.').toShape();
    say({ ...init, provider: 'cpu', standIn });
    await vi.advanceTimersByTimeAsync(1500);
    expect(sent[1]).toMatchObject({ type: 'health', provider: 'cpu', standIn });
    vanish();
    vi.useRealTimers();
  });

  it('on trial says what was found instead of ready, and ends', async () => {
    const { say, sent, exit, engine } = setUp(async (made) => made);
    say({ ...init, trial: true });
    await vi.waitFor(() => expect(exit.mock.calls).toEqual([[0]]), { timeout: 20_000 });
    expect(sent).toEqual([{ type: 'tried', providerMs: 0, cpuMs: 0 }]);
    expect(engine.stop).toHaveBeenCalledTimes(1);
  });

  it('answers a control with the words it does not hear', async () => {
    const { say, sent, engine, vanish, exit } = setUp(async (made) => made);
    say(init);
    await vi.waitFor(() => expect(sent).toHaveLength(1), { timeout: 20_000 });
    say(control);
    say({ type: 'forget', streamId: 1 });
    expect(sent[1]).toEqual({ type: 'applied', streamId: 1, version: 2, unknownWords: ['zebra'] });
    expect(engine.forget).toHaveBeenCalledWith(1);
    vanish();
    await vi.waitFor(() => expect(exit).toHaveBeenCalledWith(0), { timeout: 20_000 });
  });

  it('reports a message that does not fit and goes on', async () => {
    const { say, sent, exit } = setUp(async (made) => made);
    say({ type: 'launch' });
    expect(sent).toMatchObject([{ type: 'failed', fatal: false, error: { code: 'message.invalid' } }]);
    expect(exit).not.toHaveBeenCalled();
  });

  it('tells main of trouble that the engine goes on after, at most once a report', async () => {
    vi.useFakeTimers();
    let voice: EngineVoice | undefined;
    const { say, sent } = setUp(async (made, given) => {
      voice = given;
      return made;
    });
    say(init);
    await vi.advanceTimersByTimeAsync(0);
    const trouble = () => voice?.trouble(new StudioError('engine', 'engine.failed', 'No numbers.'));
    const told = () => sent.filter((message) => (message as { type: string }).type === 'failed');
    for (let i = 0; i < 30; i++) trouble();
    expect(told()).toMatchObject([
      { fatal: false, error: { code: 'engine.failed', message: 'No numbers.' } },
    ]);
    await vi.advanceTimersByTimeAsync(1000);
    trouble();
    expect(told()).toHaveLength(2);
    vi.useRealTimers();
  });

  it('a failed load is told with its code and ends the process with 1', async () => {
    const { say, sent, exit } = setUp(async () => {
      throw new StudioError('engine', 'model.corrupt', 'Bad file.');
    });
    say(init);
    await vi.waitFor(() => expect(exit.mock.calls).toEqual([[1]]), { timeout: 20_000 });
    expect(sent).toMatchObject([{ type: 'failed', fatal: true, error: { code: 'model.corrupt' } }]);
  });

  it('a stop during the load waits for it and releases what was loaded', async () => {
    let finish = () => {};
    const loading = new Promise<void>((resolve) => (finish = resolve));
    const { say, sent, exit, engine } = setUp(async (made) => {
      await loading;
      return made;
    });
    say(init);
    say({ type: 'stop' });
    await new Promise((resolve) => setImmediate(resolve));
    expect(exit).not.toHaveBeenCalled();
    finish();
    await vi.waitFor(() => expect(exit.mock.calls).toEqual([[0]]), { timeout: 20_000 });
    expect(engine.stop).toHaveBeenCalledTimes(1);
    expect(sent).toEqual([]);
  });

  it('a parent that goes away before init ends the process', async () => {
    const { vanish, exit } = setUp(async (made) => made);
    vanish();
    await vi.waitFor(() => expect(exit.mock.calls).toEqual([[0]]), { timeout: 20_000 });
  });
});
