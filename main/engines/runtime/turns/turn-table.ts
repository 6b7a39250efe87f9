import { ENGINES, type EngineName } from '../../../../contract/engine';

/** Sound and words come in pieces: how often, and how late one may begin [T3]. */
export const RHYTHMS: Readonly<Partial<Record<EngineName, { everyMs: number; slackMs: number }>>> = {
  binaural: { everyMs: 2048 / 48, slackMs: 20 },
  captions: { everyMs: 160, slackMs: 100 },
};
/** A rhythm that has missed so many pieces is over. */
const MISSED_PIECES = 3;
/** Periods that a run is held back for at most [T5]. */
const PATIENCE_PERIODS = 1.5;

/** An ask for a turn. */
export type Turn = {
  /** Gives the turn back, or the wait up; more than once does no harm. */
  end(): void;
};

/** The clock and timers of a table; a test has its own. */
export type TurnClock = { now(): number; after(ms: number, work: () => void): () => void };

const SYSTEM_CLOCK: TurnClock = {
  now: () => performance.now(),
  after: (ms, work) => {
    const timer = setTimeout(work, ms);
    return () => clearTimeout(timer);
  },
};

type Entry = { engine: EngineName; rank: number; lengthMs: number; askedMs: number; onTurn: () => void };

/** Who may run on which device: engines that share one take turns on it (spec.md). */
export class TurnTable {
  readonly #clock: TurnClock;
  readonly #devices = new Map<string, SharedDevice>();

  constructor(clock: TurnClock = SYSTEM_CLOCK) {
    this.#clock = clock;
  }

  /**
   * Asks for a turn on a device.
   * @param lengthMs how long the run is likely to take.
   * @param onTurn called once, maybe at once, when it may begin; not after `end`.
   */
  ask(device: string, engine: EngineName, lengthMs: number, onTurn: () => void): Turn {
    let shared = this.#devices.get(device);
    if (!shared) this.#devices.set(device, (shared = new SharedDevice(this.#clock)));
    return shared.ask(engine, lengthMs, onTurn);
  }
}

class SharedDevice {
  readonly #clock: TurnClock;
  /** In the order of asking. */
  readonly #waiting: Entry[] = [];
  /** When each engine with a rhythm began its last piece. */
  readonly #begun = new Map<EngineName, number>();
  #running: Entry | null = null;
  #stopTimer: () => void = () => {};

  constructor(clock: TurnClock) {
    this.#clock = clock;
  }

  ask(engine: EngineName, lengthMs: number, onTurn: () => void): Turn {
    const askedMs = this.#clock.now();
    const entry: Entry = { engine, rank: ENGINES.indexOf(engine), lengthMs, askedMs, onTurn };
    this.#keepRhythm(engine, askedMs);
    this.#waiting.push(entry);
    this.#choose();
    return { end: () => this.#end(entry) };
  }

  #end(entry: Entry): void {
    if (this.#running === entry) this.#running = null;
    else {
      const place = this.#waiting.indexOf(entry);
      if (place < 0) return;
      this.#waiting.splice(place, 1);
    }
    this.#choose();
  }

  #keepRhythm(engine: EngineName, nowMs: number): void {
    const rhythm = RHYTHMS[engine];
    const begun = this.#begun.get(engine) ?? -Infinity;
    if (rhythm && nowMs - begun >= rhythm.everyMs / 2) this.#begun.set(engine, nowMs);
  }

  #choose(): void {
    this.#stopTimer();
    if (this.#running) return;
    let next: Entry | undefined;
    for (const entry of this.#waiting) if (!next || entry.rank < next.rank) next = entry;
    if (!next) return;
    const nowMs = this.#clock.now();
    const holdMs = this.#holdMs(next, nowMs);
    if (holdMs > 0) {
      this.#stopTimer = this.#clock.after(holdMs, () => this.#choose());
      return;
    }
    this.#waiting.splice(this.#waiting.indexOf(next), 1);
    this.#running = next;
    next.onTurn();
  }

  /** How long a run is to wait for pieces that are expected, as things stand; 0 when it may begin [T4], [T5]. */
  #holdMs({ rank, lengthMs, askedMs }: Entry, nowMs: number): number {
    let holdMs = 0;
    for (const urgent of ENGINES.slice(0, rank)) {
      const rhythm = RHYTHMS[urgent];
      const begun = this.#begun.get(urgent);
      if (!rhythm || begun === undefined) continue;
      const { everyMs, slackMs } = rhythm;
      if (nowMs - begun > MISSED_PIECES * everyMs + slackMs) continue;
      if (lengthMs > everyMs + slackMs) continue;
      // A piece that has not come when its time was over is left out: the next is waited for.
      const pieces = Math.max(1, Math.ceil((nowMs - slackMs - begun) / everyMs));
      const dueMs = begun + pieces * everyMs + slackMs;
      if (nowMs + lengthMs <= dueMs) continue;
      const patienceMs = askedMs + PATIENCE_PERIODS * everyMs - nowMs;
      holdMs = Math.max(holdMs, Math.min(dueMs - nowMs + 1, patienceMs));
    }
    return holdMs;
  }
}
