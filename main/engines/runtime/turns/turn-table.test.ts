import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { EngineName } from '../../../../contract/engine';
import { RHYTHMS, TurnTable, type TurnClock } from './turn-table';

type Plan = { atMs: number; work: () => void };

/** A clock that moves from one planned event to the next. */
class PlannedClock implements TurnClock {
  #nowMs = 0;
  #plans: Plan[] = [];

  now = () => this.#nowMs;

  after = (ms: number, work: () => void) => {
    const plan = { atMs: this.#nowMs + ms, work };
    this.#plans.push(plan);
    return () => void (this.#plans = this.#plans.filter((other) => other !== plan));
  };

  runUntil(endMs: number): void {
    for (;;) {
      const [next] = this.#plans.toSorted((a, b) => a.atMs - b.atMs);
      if (!next || next.atMs > endMs) break;
      this.#plans = this.#plans.filter((plan) => plan !== next);
      this.#nowMs = next.atMs;
      next.work();
    }
    this.#nowMs = endMs;
  }
}

/** A device with engines at work on it; notes when each run began, and how late. */
class Shared {
  readonly clock = new PlannedClock();
  readonly table = new TurnTable(this.clock);
  readonly runs: { engine: EngineName; beganMs: number; waitedMs: number }[] = [];
  running = 0;
  most = 0;

  run(engine: EngineName, lengthMs: number, toldMs = lengthMs, after: () => void = () => {}): void {
    const askedMs = this.clock.now();
    const turn = this.table.ask('gpu:0', engine, toldMs, () => {
      this.most = Math.max(this.most, ++this.running);
      const beganMs = this.clock.now();
      this.runs.push({ engine, beganMs, waitedMs: beganMs - askedMs });
      this.clock.after(lengthMs, () => {
        this.running--;
        turn.end();
        after();
      });
    });
  }

  /** An engine that always has something to do. */
  busy(engine: EngineName, lengthMs: number): void {
    this.run(engine, lengthMs, lengthMs, () => this.clock.after(1, () => this.busy(engine, lengthMs)));
  }

  /** An engine that works at its rhythm. */
  steady(engine: 'binaural' | 'captions', lengthMs: number, atMs = 0): void {
    this.clock.after(atMs, () => {
      this.run(engine, lengthMs);
      this.steady(engine, lengthMs, RHYTHMS[engine]!.everyMs);
    });
  }

  waits(engine: EngineName): number[] {
    return this.runs.filter((run) => run.engine === engine).map(({ waitedMs }) => waitedMs);
  }
}

describe('turns', () => {
  it('[T1] one run at a time, the next as soon as it is over', () => {
    const shared = new Shared();
    for (let i = 0; i < 4; i++) shared.run('animate', 10);
    shared.clock.runUntil(100);
    expect(shared.most).toBe(1);
    expect(shared.waits('animate')).toEqual([0, 10, 20, 30]);
  });

  it('[T2] the more urgent engine is next, and an engine keeps its own order', () => {
    const shared = new Shared();
    shared.run('generate', 10);
    for (const engine of ['generate', 'animate', 'captions', 'binaural'] as const) shared.run(engine, 5);
    shared.clock.runUntil(500);
    expect(shared.runs.map(({ engine }) => engine)).toEqual([
      'generate',
      'binaural',
      'captions',
      'animate',
      'generate',
    ]);
  });

  it('[T4] sound is never late for a picture that would fit between two pieces', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 1, max: 45, noNaN: true }),
        fc.double({ min: 1, max: 12, noNaN: true }),
        fc.double({ min: 0, max: 43, noNaN: true }),
        (pictureMs, soundMs, atMs) => {
          const shared = new Shared();
          shared.steady('binaural', soundMs, atMs);
          shared.busy('animate', pictureMs);
          shared.clock.runUntil(2000);
          // The first piece comes before there is a rhythm.
          const { slackMs } = RHYTHMS.binaural!;
          expect(Math.max(...shared.waits('binaural').slice(1))).toBeLessThanOrEqual(slackMs + 1e-6);
          expect(shared.waits('animate').length).toBeGreaterThan(15);
        },
      ),
    );
  });

  it('[T4] and without turns it would be: the same runs in the order of asking', () => {
    let [freeMs, worst] = [0, 0];
    // A picture of 45 ms after the other, a piece of 5 ms each 42.7 ms between them.
    for (let piece = 1; piece < 40; piece++) {
      const askedMs = (piece * 2048) / 48;
      while (freeMs <= askedMs) freeMs += 45;
      worst = Math.max(worst, freeMs - askedMs);
      freeMs += 5;
    }
    expect(worst).toBeGreaterThan(2 * RHYTHMS.binaural!.slackMs);
  });

  it('[T3] several runs of one piece are one beat, and a rhythm that stopped holds nobody back', () => {
    const shared = new Shared();
    for (let piece = 0; piece < 5; piece++) {
      shared.clock.after((piece * 2048) / 48, () => {
        shared.run('binaural', 3, 3, () => shared.run('binaural', 3));
      });
    }
    shared.clock.runUntil(175);
    shared.run('animate', 60);
    shared.clock.runUntil(400);
    expect(shared.waits('animate')[0]).toBeGreaterThan(0);
    shared.run('animate', 60);
    shared.clock.runUntil(500);
    expect(shared.waits('animate')[1]).toBe(0);
  });

  it('[T5] what can never fit is not held back, and what could waits one and a half periods at most', () => {
    const shared = new Shared();
    shared.steady('binaural', 4);
    shared.busy('generate', 200);
    shared.clock.runUntil(3000);
    expect(shared.waits('generate').length).toBeGreaterThan(12);
    const tight = new Shared();
    tight.steady('binaural', 20);
    tight.busy('animate', 55);
    tight.clock.runUntil(3000);
    const { everyMs } = RHYTHMS.binaural!;
    // After its patience it may still have to wait for a piece that is under way.
    expect(Math.max(...tight.waits('animate'))).toBeLessThanOrEqual(1.5 * everyMs + 20);
    expect(tight.waits('animate').length).toBeGreaterThan(15);
  });

  it('[T6] a turn that is given up, waiting or running, makes room; giving it up twice does nothing', () => {
    const shared = new Shared();
    const began: string[] = [];
    const first = shared.table.ask('gpu:0', 'animate', 10, () => began.push('first'));
    const second = shared.table.ask('gpu:0', 'animate', 10, () => began.push('second'));
    shared.table.ask('gpu:0', 'animate', 10, () => began.push('third'));
    shared.table.ask('gpu:1', 'animate', 10, () => began.push('elsewhere'));
    second.end();
    first.end();
    first.end();
    shared.clock.runUntil(100);
    expect(began).toEqual(['first', 'elsewhere', 'third']);
  });
});
