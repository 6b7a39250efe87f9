import * as v from 'valibot';
import { FromEngineSchema, type EngineInit, type FromEngine, type ToEngine } from '../../../contract/engine';
import type { ChildHandle, SpawnChild } from './child';
import { endChild } from './child-end';
import type { Turn, TurnTable } from './turns/turn-table';

/** What is needed to start a child of an engine. */
export type ChildOptions = {
  spawn: SpawnChild;
  /** The built entry that every engine shares. */
  entryFile: string;
  /** Who may run on a graphics card that engines share; needed where `init.turns` is set. */
  turns?: Pick<TurnTable, 'ask'>;
  /** Each line the child writes. */
  onLog?: (line: string) => void;
};

/** What a child says, but for the turns that it asks for. */
export type ChildMessage = Exclude<FromEngine, { type: 'turn' | 'turn-end' }>;

/** What a child does; nothing is told any more once its end was asked for. */
export type ChildEvents = {
  message: (message: ChildMessage) => void;
  /** It said something that does not fit the contract. */
  refused: () => void;
  /** It ended; `asked`: because `end` was called. */
  exited: (code: number | null, signal: string | null, asked: boolean) => void;
};

/**
 * One child process of an engine, from its `init` to its end: what it says is checked, the turns
 * it asks for are had for it [T1], [T6], and when it is to end, that is insisted on.
 */
export class EngineChild {
  readonly init: EngineInit;
  readonly #handle: ChildHandle;
  readonly #events: ChildEvents;
  readonly #shared: Pick<TurnTable, 'ask'> | undefined;
  readonly #turns = new Map<number, Turn>();
  #end: { promise: Promise<void>; gone: () => void } | null = null;

  /** @throws what `spawn` throws. */
  constructor({ spawn, entryFile, turns, onLog }: ChildOptions, init: EngineInit, events: ChildEvents) {
    this.init = init;
    this.#events = events;
    this.#shared = turns;
    this.#handle = spawn(entryFile, `${init.engine} engine`);
    this.#handle.onOutput((line) => onLog?.(line));
    this.#handle.onMessage((raw) => this.#receive(raw));
    this.#handle.onExit((code, signal) => this.#exited(code, signal));
    this.send(init);
  }

  get pid(): number | undefined {
    return this.#handle.pid;
  }

  send(message: ToEngine): void {
    this.#handle.send(message);
  }

  /** Ends it at once. */
  kill(): void {
    this.#handle.kill('SIGKILL');
  }

  /** Asks it to end, then insists; resolves when it has ended. */
  end(): Promise<void> {
    if (this.#end) return this.#end.promise;
    let resolve = () => {};
    const promise = new Promise<void>((done) => (resolve = done));
    const { gone } = endChild(this.#handle);
    this.#end = {
      promise,
      gone: () => {
        gone();
        resolve();
      },
    };
    return promise;
  }

  #receive(raw: unknown): void {
    const parsed = v.safeParse(FromEngineSchema, raw);
    if (!parsed.success) return this.#events.refused();
    const message = parsed.output;
    // A run under way must have its turn also while the engine ends.
    if (message.type === 'turn') this.#askTurn(message.id, message.lengthMs);
    else if (message.type === 'turn-end') this.#endTurn(message.id);
    else if (!this.#end) this.#events.message(message);
  }

  #askTurn(id: number, lengthMs: number): void {
    const give = () => this.send({ type: 'turn', id });
    const { engine, device = 0 } = this.init;
    // Without others on the device each run may begin at once.
    if (!this.#shared) give();
    else this.#turns.set(id, this.#shared.ask(`gpu:${device}`, engine, lengthMs, give));
  }

  #endTurn(id: number): void {
    this.#turns.get(id)?.end();
    this.#turns.delete(id);
  }

  #exited(code: number | null, signal: string | null): void {
    for (const id of this.#turns.keys()) this.#endTurn(id);
    this.#events.exited(code, signal, this.#end !== null);
    this.#end?.gone();
  }
}
