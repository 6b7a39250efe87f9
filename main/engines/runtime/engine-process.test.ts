import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { EngineControl, EngineSettings, EngineInit } from '../../../contract/engine';
import { StudioError } from '../../../contract/errors';
import { forkChild } from '../testing/fork-child';
import type { ChildHandle } from './child';
import { EngineProcess, HEALTHY_AFTER_MS, SILENCE_CHECK_MS, START_TIMEOUT_MS } from './engine-process';
import { assertEngineMove } from './engine-state';

const init: EngineInit = {
  type: 'init',
  engine: 'animate',
  token: 't',
  origin: 'http://127.0.0.1:1',
  modelsDir: '/models',
  model: 'm',
  threads: 1,
};
const readyMessage = {
  type: 'ready',
  port: 5000,
  provider: 'cpu',
  model: 'm',
  words: ['ink'],
};
/** What a health message says while the provider that was asked for runs the model. */
const onCpu = { provider: 'cpu', standIn: null };
const failure = (code: string) => ({ origin: 'engine', code, message: 'It broke.' });

const settings: EngineSettings = { kind: 'animate', prompt: 'ink', strength: 1, seed: 2 };

function control(streamId: number, version: number): EngineControl {
  return { type: 'control', streamId, version, epoch: 1, settings };
}

/** A child that does what a test tells it, and notes what it was told. */
class FakeChild implements ChildHandle {
  readonly sent: unknown[] = [];
  readonly signals: string[] = [];
  readonly pid = 100;
  #message = (_: unknown) => {};
  #exit = (_code: number | null, _signal: string | null) => {};
  #output = (_: string) => {};
  ended = false;

  send(message: unknown): void {
    this.sent.push(message);
  }
  onMessage(listener: (message: unknown) => void): void {
    this.#message = listener;
  }
  onExit(listener: (code: number | null, signal: string | null) => void): void {
    this.#exit = listener;
  }
  onOutput(listener: (line: string) => void): void {
    this.#output = listener;
  }
  kill(signal = 'SIGTERM'): void {
    this.signals.push(signal);
  }
  says(message: unknown): void {
    this.#message(message);
  }
  writes(line: string): void {
    this.#output(line);
  }
  exits(code: number | null, signal: string | null = null): void {
    this.ended = true;
    this.#exit(code, signal);
  }
}

describe('EngineProcess', () => {
  let children: FakeChild[];
  let engine: EngineProcess;
  let lines: string[];
  const last = () => children.at(-1)!;

  beforeEach(() => {
    vi.useFakeTimers();
    children = [];
    lines = [];
    engine = new EngineProcess({
      spawn: () => {
        const child = new FakeChild();
        children.push(child);
        return child;
      },
      entryFile: '/engine.js',
      init,
      onLog: (line) => lines.push(line),
    });
  });
  afterEach(() => {
    const left = vi.getTimerCount();
    vi.useRealTimers();
    // A test that ends with a live engine has its watch timers; all others must leave none.
    if (engine.live().state === 'stopped' || engine.live().state === 'failed') expect(left).toBe(0);
  });

  function startReady(): FakeChild {
    engine.start();
    last().says(readyMessage);
    return last();
  }

  it('sends init at once and is ready when the engine says so', () => {
    const states: string[] = [];
    engine.onChange((live) => states.push(live.state));
    const child = startReady();
    expect(child.sent).toEqual([init]);
    expect(states).toEqual(['starting', 'ready']);
    expect(engine.live()).toEqual({
      state: 'ready',
      url: 'ws://127.0.0.1:5000',
      provider: 'cpu',
      model: 'm',
      loading: null,
      words: ['ink'],
      restarts: 0,
      quality: null,
      images: null,
      error: null,
    });
    expect(engine.pid).toBe(100);
  });

  it('tells a quality tier at once or at the next start, and shows the one in force when it changes', async () => {
    const child = startReady();
    engine.pin(1);
    expect(child.sent.at(-1)).toEqual({ type: 'quality', tier: 1 });
    const quality = { tier: 1, labels: ['256 px', '192 px'], pinned: true, reason: 'Chosen by you.' };
    const shown: unknown[] = [];
    engine.onChange((live) => shown.push(live.quality));
    const health = { type: 'health', processed: 1, dropped: 0, rssBytes: 1, stagesMs: {}, ...onCpu };
    child.says({ ...health, quality });
    child.says({ ...health, quality: { ...quality } });
    expect(shown).toEqual([quality]);
    child.exits(1);
    vi.advanceTimersByTime(60_000);
    expect(last().sent[0]).toMatchObject({ type: 'init', quality: 1 });
    last().exits(0);
    await engine.stop();
  });

  it('gives turns also to an engine that ends, and at once where nobody shares them', async () => {
    const child = startReady();
    child.says({ type: 'turn', id: 1, lengthMs: 5 });
    expect(child.sent.at(-1)).toEqual({ type: 'turn', id: 1 });
    child.says({ type: 'turn-end', id: 1 });
    const stopped = engine.stop();
    child.says({ type: 'turn', id: 2, lengthMs: 5 });
    expect(child.sent.at(-1)).toEqual({ type: 'turn', id: 2 });
    child.exits(0);
    await stopped;
  });

  it('tells the prompts to expect when they are known, and again after a crash', async () => {
    engine.expect(['ink', 'snow']);
    const child = startReady();
    expect(child.sent.at(-1)).toEqual({ type: 'expect', prompts: ['ink', 'snow'] });
    engine.expect(['neon']);
    expect(child.sent.at(-1)).toEqual({ type: 'expect', prompts: ['neon'] });
    child.exits(1);
    vi.advanceTimersByTime(60_000);
    last().says(readyMessage);
    expect(last().sent.at(-1)).toEqual({ type: 'expect', prompts: ['neon'] });
    const stopped = engine.stop();
    last().exits(0);
    await stopped;
  });

  it('makes a new snapshot at each change and leaves old ones alone', () => {
    const before = engine.live();
    startReady();
    expect(before.state).toBe('stopped');
    expect(engine.live()).not.toBe(before);
  });

  it('a second start of a running engine changes nothing', () => {
    startReady();
    engine.start();
    expect(children).toHaveLength(1);
  });

  it('fails when the engine is not ready in time, and ends the process', () => {
    engine.start();
    vi.advanceTimersByTime(START_TIMEOUT_MS);
    expect(engine.live()).toMatchObject({ state: 'failed', error: { code: 'engine.start-failed' } });
    expect(last().sent).toContainEqual({ type: 'stop' });
    vi.advanceTimersByTime(5000);
    expect(last().signals).toEqual(['SIGTERM', 'SIGKILL']);
    last().exits(null, 'SIGKILL');
    expect(engine.live().state).toBe('failed');
  });

  it('fails when the process cannot even be spawned', () => {
    const broken = new EngineProcess({
      spawn: () => {
        throw new Error('ENOENT');
      },
      entryFile: '/nowhere.js',
      init,
    });
    broken.start();
    expect(broken.live()).toMatchObject({
      state: 'failed',
      error: { code: 'engine.start-failed', cause: 'ENOENT' },
    });
  });

  it('a crash is told and the engine starts again after 0.5, 1, 2, 4, 8, 10, 10 s', () => {
    engine.start();
    for (const waitMs of [500, 1000, 2000, 4000, 8000, 10_000, 10_000]) {
      const count = children.length;
      last().exits(1);
      expect(engine.live()).toMatchObject({
        state: 'restarting',
        url: null,
        error: { code: 'engine.crashed' },
      });
      vi.advanceTimersByTime(waitMs - 1);
      expect(children).toHaveLength(count);
      vi.advanceTimersByTime(1);
      expect(children).toHaveLength(count + 1);
      expect(engine.live()).toMatchObject({ state: 'starting', restarts: count });
    }
  });

  it('the backoff begins anew after 30 healthy seconds, not sooner', () => {
    startReady().exits(1);
    vi.advanceTimersByTime(500);
    last().says(readyMessage);
    keepTalking(HEALTHY_AFTER_MS - 1000);
    last().exits(1);
    vi.advanceTimersByTime(999);
    expect(engine.live().state).toBe('restarting');
    vi.advanceTimersByTime(1);
    last().says(readyMessage);
    keepTalking(HEALTHY_AFTER_MS);
    last().exits(1);
    vi.advanceTimersByTime(500);
    expect(engine.live().state).toBe('starting');
  });

  function keepTalking(forMs: number, child: FakeChild = last()): void {
    for (let ms = 0; ms < forMs; ms += 1000) {
      vi.advanceTimersByTime(1000);
      child.says({ type: 'health', processed: 0, dropped: 0, rssBytes: 1, stagesMs: {}, ...onCpu });
    }
  }

  it('an engine that falls silent is killed and started again; one that talks is not', () => {
    const child = startReady();
    keepTalking(60_000);
    expect(child.signals).toEqual([]);
    vi.advanceTimersByTime(4 * SILENCE_CHECK_MS);
    expect(child.signals).toEqual(['SIGKILL']);
    child.exits(null, 'SIGKILL');
    expect(engine.live().state).toBe('restarting');
  });

  it('the newest control of every stream is sent when ready and again after a crash', () => {
    engine.control(control(1, 4));
    engine.control(control(2, 5));
    engine.control(control(1, 6));
    engine.control(control(1, 3));
    const first = startReady();
    expect(first.sent).toEqual([init, control(1, 6), control(2, 5)]);
    engine.control(control(2, 7));
    engine.forget(1);
    expect(first.sent.slice(3)).toEqual([control(2, 7), { type: 'forget', streamId: 1 }]);
    first.exits(null, 'SIGSEGV');
    vi.advanceTimersByTime(500);
    last().says(readyMessage);
    expect(last().sent).toEqual([init, control(2, 7)]);
  });

  it('a stop that was asked for is no crash', async () => {
    const child = startReady();
    const stopped = engine.stop();
    expect(engine.live()).toMatchObject({ state: 'stopped', url: null, error: null });
    expect(child.sent.at(-1)).toEqual({ type: 'stop' });
    child.exits(0);
    await stopped;
    vi.advanceTimersByTime(60_000);
    expect(children).toHaveLength(1);
    expect(child.signals).toEqual([]);
    expect(engine.live().restarts).toBe(0);
  });

  it('stop insists: SIGTERM after 3 s, SIGKILL after 2 more', async () => {
    const child = startReady();
    const stopped = engine.stop();
    vi.advanceTimersByTime(2999);
    expect(child.signals).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(child.signals).toEqual(['SIGTERM']);
    vi.advanceTimersByTime(2000);
    expect(child.signals).toEqual(['SIGTERM', 'SIGKILL']);
    child.exits(null, 'SIGKILL');
    await stopped;
  });

  it('kill ends it by SIGKILL at once, for good', async () => {
    const child = startReady();
    const killed = engine.kill();
    expect(child.signals).toEqual(['SIGKILL']);
    child.exits(null, 'SIGKILL');
    await killed;
    vi.advanceTimersByTime(60_000);
    expect(children).toHaveLength(1);
  });

  it('stop during the backoff starts nothing afterwards', async () => {
    startReady().exits(1);
    await engine.stop();
    vi.advanceTimersByTime(60_000);
    expect(children).toHaveLength(1);
    expect(engine.live().state).toBe('stopped');
  });

  it('restart waits for the old process to end and then starts at once', async () => {
    const child = startReady();
    const restarted = engine.restart();
    expect(engine.live().state).toBe('restarting');
    await vi.advanceTimersByTimeAsync(100);
    expect(children).toHaveLength(1);
    child.exits(0);
    await restarted;
    expect(children).toHaveLength(2);
    expect(engine.live()).toMatchObject({ state: 'starting', restarts: 1 });
  });

  it('the last of several orders wins', async () => {
    const child = startReady();
    const orders = [engine.restart(), engine.stop(), engine.restart(), engine.stop()];
    child.exits(0);
    await Promise.all(orders);
    expect(children).toHaveLength(1);
    expect(engine.live().state).toBe('stopped');
  });

  describe('another model', () => {
    const ready = { ...readyMessage, port: 6000, model: 'big', words: ['oil'] };
    const states: string[] = [];

    function startHandOver(): [old: FakeChild, next: FakeChild] {
      const old = startReady();
      engine.control(control(1, 1));
      engine.onChange((live) => states.push(live.state));
      engine.useModel('big');
      return [old, last()];
    }

    beforeEach(() => states.splice(0));

    it('is loaded beside the one at work, which goes on until it is ready', async () => {
      const [old, next] = startHandOver();
      await vi.advanceTimersByTimeAsync(0);
      expect(children).toHaveLength(2);
      expect(last().sent).toEqual([{ ...init, model: 'big' }]);
      expect(engine.live()).toMatchObject({ state: 'ready', model: 'm', loading: 'big' });
      engine.control(control(1, 2));
      expect(old.sent.at(-1)).toEqual(control(1, 2));
      expect(next).toBe(old);
      last().says(ready);
      expect(engine.live()).toMatchObject({
        state: 'ready',
        url: 'ws://127.0.0.1:6000',
        model: 'big',
        words: ['oil'],
        loading: null,
        restarts: 0,
      });
      expect(new Set(states)).toEqual(new Set(['ready']));
      expect(last().sent.at(-1)).toEqual(control(1, 2));
      expect(old.sent.at(-1)).toEqual({ type: 'stop' });
      old.exits(0);
      expect(engine.live().state).toBe('ready');
      const stopped = engine.stop();
      last().exits(0);
      await stopped;
    });

    it.each<[string, (next: FakeChild, old: FakeChild) => void, string]>([
      [
        'says why it cannot',
        (next) => next.says({ type: 'failed', fatal: true, error: failure('model.corrupt') }),
        'model.corrupt',
      ],
      ['crashes', (next) => next.exits(139), 'engine.crashed'],
      ['is not ready in time', (_, old) => keepTalking(START_TIMEOUT_MS, old), 'engine.start-failed'],
    ])('that %s leaves the one at work, and the reason is told', async (_, fails, code) => {
      startHandOver();
      await vi.advanceTimersByTimeAsync(0);
      const [old, next] = [children[0]!, last()];
      fails(next, old);
      expect(engine.live()).toMatchObject({ state: 'ready', model: 'm', loading: null, error: { code } });
      expect(old.sent.at(-1)).not.toEqual({ type: 'stop' });
      // To ask for the old one again takes the reason away and loads nothing.
      const count = children.length;
      engine.useModel('m');
      await vi.advanceTimersByTimeAsync(0);
      expect(engine.live()).toMatchObject({ error: null, loading: null });
      expect(children).toHaveLength(count);
      if (!next.ended) next.exits(0);
      const stopped = engine.stop();
      old.exits(0);
      await stopped;
    });

    it('asked for a third meanwhile, only the last is loaded', async () => {
      startHandOver();
      await vi.advanceTimersByTimeAsync(0);
      const second = last();
      engine.useModel('third');
      await vi.advanceTimersByTimeAsync(0);
      expect(second.sent.at(-1)).toEqual({ type: 'stop' });
      second.says(ready);
      expect(engine.live()).toMatchObject({ model: 'm', loading: 'third' });
      second.exits(0);
      last().says({ ...ready, model: 'third' });
      expect(engine.live()).toMatchObject({ model: 'third', loading: null });
      children[0]!.exits(0);
      const stopped = engine.stop();
      last().exits(0);
      await stopped;
    });

    it('where memory does not hold both, the one at work is ended first', async () => {
      let room = true;
      engine = new EngineProcess({
        spawn: () => {
          const child = new FakeChild();
          children.push(child);
          return child;
        },
        entryFile: '/engine.js',
        init,
        prepare: async (asked) => {
          if (!room) throw new StudioError('engine', 'engine.memory', 'No room.');
          return asked;
        },
      });
      engine.start();
      await vi.advanceTimersByTimeAsync(0);
      last().says(readyMessage);
      const old = last();
      room = false;
      engine.useModel('big');
      await vi.advanceTimersByTimeAsync(0);
      expect(engine.live()).toMatchObject({ state: 'restarting' });
      expect(old.sent.at(-1)).toEqual({ type: 'stop' });
      room = true;
      old.exits(0);
      await vi.advanceTimersByTimeAsync(0);
      expect(last().sent).toEqual([{ ...init, model: 'big' }]);
      last().says(ready);
      expect(engine.live()).toMatchObject({ state: 'ready', model: 'big' });
      const stopped = engine.stop();
      last().exits(0);
      await stopped;
    });

    it('is loaded alone when the one at work crashes meanwhile', async () => {
      const [old] = startHandOver();
      await vi.advanceTimersByTimeAsync(0);
      const next = last();
      old.exits(1);
      expect(next.sent.at(-1)).toEqual({ type: 'stop' });
      next.exits(0);
      vi.advanceTimersByTime(500);
      expect(last().sent).toEqual([{ ...init, model: 'big' }]);
      last().exits(0);
      await engine.stop();
    });
  });

  it('a start after stop waits until the old process is gone', async () => {
    const child = startReady();
    void engine.stop();
    engine.start();
    expect(children).toHaveLength(1);
    child.exits(0);
    await vi.advanceTimersByTimeAsync(0);
    expect(children).toHaveLength(2);
  });

  it('a fatal error that a restart cannot cure ends in failed; restart tries again', async () => {
    engine.start();
    last().says({ type: 'failed', fatal: true, error: failure('model.corrupt') });
    last().exits(1);
    vi.advanceTimersByTime(60_000);
    expect(children).toHaveLength(1);
    expect(engine.live()).toMatchObject({ state: 'failed', error: { code: 'model.corrupt' } });
    await engine.restart();
    last().says(readyMessage);
    expect(engine.live()).toMatchObject({ state: 'ready', error: null });
  });

  it('an engine that announces a crash is started again with its own last words', () => {
    const child = startReady();
    child.says({ type: 'failed', fatal: true, error: { ...failure('engine.crashed'), message: 'Odd.' } });
    expect(engine.live().state).toBe('ready');
    child.exits(1);
    expect(engine.live()).toMatchObject({ state: 'restarting', error: { message: 'Odd.' } });
    vi.advanceTimersByTime(500);
    expect(engine.live().state).toBe('starting');
  });

  it('an error that is not fatal shows until pictures go through again', () => {
    const child = startReady();
    const health = { type: 'health', processed: 5, dropped: 0, rssBytes: 1, stagesMs: {}, ...onCpu };
    child.says(health);
    child.says({ type: 'failed', fatal: false, error: failure('engine.failed') });
    child.says(health);
    expect(engine.live()).toMatchObject({ state: 'ready', error: { code: 'engine.failed' } });
    child.says({ ...health, processed: 6 });
    expect(engine.live().error).toBeNull();
  });

  it('shows what runs the model, and in words why another than was asked for, until it is back', () => {
    const child = startReady();
    const health = { type: 'health', processed: 5, dropped: 0, rssBytes: 1, stagesMs: {} };
    child.says({ ...health, provider: 'remote grpc://x', standIn: null });
    expect(engine.live()).toMatchObject({ provider: 'remote grpc://x', error: null });
    const standIn = failure('remote.lost');
    for (const processed of [6, 7]) child.says({ ...health, processed, provider: 'cpu', standIn });
    child.says({ type: 'failed', fatal: false, error: failure('engine.failed') });
    child.says({ ...health, processed: 8, provider: 'cpu', standIn });
    expect(engine.live()).toMatchObject({ provider: 'cpu', error: { code: 'remote.lost' } });
    child.says({ ...health, processed: 9, provider: 'remote grpc://x', standIn: null });
    expect(engine.live()).toMatchObject({ provider: 'remote grpc://x', error: null });
  });

  it('hostile messages are counted and change nothing', () => {
    const child = startReady();
    const before = engine.live();
    const hostile = [
      null,
      undefined,
      'ready',
      42,
      [],
      {},
      { type: 'ready' },
      { ...readyMessage, port: 0 },
      { ...readyMessage, port: '80' },
      { type: 'failed', fatal: true, error: { code: 'no.such-code' } },
      { type: 'health', processed: 'many' },
      { type: '__proto__' },
      readyMessage,
    ];
    for (const message of hostile) child.says(message);
    expect(engine.refusedMessages).toBe(hostile.length);
    expect(engine.live()).toBe(before);
  });

  it('what a former child says or does is ignored', () => {
    const old = startReady();
    old.exits(1);
    vi.advanceTimersByTime(500);
    old.says(readyMessage);
    old.exits(1);
    expect(engine.live().state).toBe('starting');
  });

  it('passes on applied, health and output, until the listener leaves', () => {
    const applied = vi.fn();
    const health = vi.fn();
    const leave = engine.onApplied(applied);
    engine.onHealth(health);
    const child = startReady();
    const message = { type: 'applied', streamId: 3, version: 9, unknownWords: ['zebra'] };
    child.says(message);
    leave();
    child.says(message);
    expect(applied.mock.calls).toEqual([[3, 9, ['zebra']]]);
    child.says({ type: 'health', processed: 1, dropped: 2, rssBytes: 3, stagesMs: { total: 4 }, ...onCpu });
    expect(health).toHaveBeenCalledTimes(1);
    child.writes('a line');
    expect(lines).toEqual(['a line']);
  });
});

describe('EngineProcess, prepared', () => {
  const children: FakeChild[] = [];
  const prepared = (prepare: (asked: EngineInit) => Promise<EngineInit>) => {
    children.length = 0;
    const spawn = () => {
      children.push(new FakeChild());
      return children.at(-1)!;
    };
    return new EngineProcess({ spawn, entryFile: '/engine.js', init, prepare });
  };

  it('starts with what the preparation says, and tells when there is a process', async () => {
    const engine = prepared(async (asked) => ({ ...asked, provider: 'webgpu' }));
    const pids: (number | undefined)[] = [];
    engine.onChange(({ state }) => state === 'starting' && pids.push(engine.pid));
    engine.start();
    await vi.waitFor(() => expect(children).toHaveLength(1));
    expect(children[0]!.sent).toEqual([{ ...init, provider: 'webgpu' }]);
    expect(pids).toEqual([undefined, 100]);
    void engine.stop();
    children[0]!.exits(0);
  });

  it('fails with the words of a preparation that refuses, and tries again when asked', async () => {
    let free = false;
    const engine = prepared(async (asked) => {
      if (free) return asked;
      throw new StudioError('engine', 'engine.memory', 'Full.');
    });
    engine.start();
    await vi.waitFor(() => expect(engine.live().state).toBe('failed'));
    expect(engine.live().error).toMatchObject({ code: 'engine.memory', message: 'Full.' });
    free = true;
    engine.start();
    await vi.waitFor(() => expect(children).toHaveLength(1));
    const stopped = engine.stop();
    children[0]!.exits(0);
    await stopped;
  });

  it('starts nothing when it was stopped meanwhile, and once when it was restarted', async () => {
    const waiting: (() => void)[] = [];
    const engine = prepared((asked) => new Promise((done) => waiting.push(() => done(asked))));
    engine.start();
    await engine.stop();
    engine.start();
    await engine.restart();
    for (const go of waiting) go();
    await vi.waitFor(() => expect(children).toHaveLength(1));
    await new Promise((done) => setImmediate(done));
    expect([waiting.length, children.length, engine.live().state]).toEqual([3, 1, 'starting']);
    const stopped = engine.stop();
    children[0]!.exits(0);
    await stopped;
  });
});

it('an illegal step of the engine’s life throws', () => {
  expect(() => assertEngineMove('stopped', 'ready')).toThrow('stopped');
  expect(() => assertEngineMove('restarting', 'ready')).toThrow('restarting');
});

it('a real process: ready, killed, restarted with its controls, stopped', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'fantascope-child-'));
  const entryFile = join(dir, 'child.mjs');
  writeFileSync(
    entryFile,
    `process.on('message', (m) => {
       if (m.type === 'init') process.send(${JSON.stringify(readyMessage)});
       if (m.type === 'control') process.send({ type: 'applied', streamId: m.streamId, version: m.version, unknownWords: [] });
       if (m.type === 'stop') process.exit(0);
     });
     console.log('hello');`,
  );
  const lines: string[] = [];
  const engine = new EngineProcess({
    spawn: forkChild,
    entryFile,
    init,
    onLog: (line) => lines.push(line),
  });
  const versions: number[] = [];
  engine.onApplied((_, version) => versions.push(version));
  const patience = { timeout: 20_000 };
  engine.control(control(1, 77));
  engine.start();
  await vi.waitFor(() => expect(versions).toEqual([77]), patience);
  process.kill(engine.pid!, 'SIGKILL');
  await vi.waitFor(() => expect(versions).toEqual([77, 77]), patience);
  expect(engine.live()).toMatchObject({ state: 'ready', restarts: 1 });
  const pid = engine.pid!;
  await engine.stop();
  expect(() => process.kill(pid, 0)).toThrow('ESRCH');
  expect(lines).toContain('hello');
  rmSync(dir, { recursive: true });
}, 60_000);
