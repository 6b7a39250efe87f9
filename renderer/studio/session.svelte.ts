import type { Command } from '../../contract/commands';
import type { StudioErrorShape } from '../../contract/errors';
import type { LiveState } from '../../contract/live';
import type { ModelShelf } from '../../contract/models';
import type { Result, StudioFunctions } from '../../contract/rpc';
import { CommandQueue, commandKey, type CommandResult } from './command-queue';
import type { ControlLink, LinkState } from './control-link';
import { inputTimeUs } from './input-time';
import { foresee } from './optimistic';

type Foreseen = { key: string; command: Command; number: number; version: number | null };

/**
 * The interface's side of the studio: the present snapshot, the way to change it, and the
 * state of the connection. Changes are shown at once and corrected by the snapshots that follow.
 */
export class Session {
  /** As main last sent it; null until the first snapshot. */
  confirmed: LiveState | null = $state.raw(null);
  link: LinkState = $state('connecting');
  /** When the last snapshot came, `performance.now()` milliseconds. */
  confirmedAtMs = $state(0);

  #foreseen: readonly Foreseen[] = $state.raw([]);
  /** The snapshot with the user's own unanswered changes in it: what the interface shows. */
  readonly state: LiveState | null = $derived.by(() => {
    if (!this.confirmed || this.#foreseen.length === 0) return this.confirmed;
    const project = this.#foreseen.reduce((now, next) => foresee(now, next.command), this.confirmed.project);
    return { ...this.confirmed, project };
  });

  readonly #link: ControlLink;
  readonly #queue: CommandQueue;
  readonly #programmeUs: () => number;
  readonly #onError: (error: StudioErrorShape) => void;
  readonly #onModels: (shelf: ModelShelf) => void;
  readonly #onOnline: () => void;
  #number = 0;

  /**
   * `programmeUs` is the clock that inputs are stamped by; `onError` hears of refused commands,
   * `onModels` of the model shelf once it is watched, `onOnline` of each time main can be asked again.
   */
  constructor(options: {
    link: ControlLink;
    programmeUs: () => number;
    onError: (error: StudioErrorShape) => void;
    onModels?: (shelf: ModelShelf) => void;
    onOnline?: () => void;
  }) {
    this.#link = options.link;
    this.#programmeUs = options.programmeUs;
    this.#onError = options.onError;
    this.#onModels = options.onModels ?? (() => {});
    this.#onOnline = options.onOnline ?? (() => {});
    this.#queue = new CommandQueue((envelope) => this.#link.studio.command(envelope));
  }

  /** Connects; snapshots come until {@link dispose}. */
  open(): void {
    this.#link.open({
      onState: (state) => this.#take(state),
      onLink: (state) => {
        this.link = state;
        if (state === 'online') this.#onOnline();
      },
      onModels: (shelf) => this.#onModels(shelf),
    });
  }

  dispose(): void {
    this.#link.close();
  }

  /** Main's other functions; a failure of the connection becomes an error value. */
  get studio(): StudioFunctions {
    return this.#link.studio;
  }

  /**
   * Gives one command. Values of the same control that follow each other fast are coalesced;
   * an error is reported to `onError` and returned.
   * @param inputMs `timeStamp` of the input event behind it; now when left out.
   */
  async command(command: Command, inputMs?: number): Promise<CommandResult> {
    const number = ++this.#number;
    const key = commandKey(command);
    if (key !== null) this.#show({ key, command, number, version: null });
    const inputUs = inputTimeUs(inputMs, performance.now(), this.#programmeUs());
    const result = await this.#queue.push({ command, inputUs });
    if (key !== null) this.#settle(key, number, result);
    if (!result.ok) this.#onError(result.error);
    return result;
  }

  /** Calls a function of main, reports a failure to `onError`, and gives the value or null. */
  async ask<T>(call: (studio: StudioFunctions) => Promise<Result<T>>): Promise<T | null> {
    const result = await this.answerOf(call);
    if (result.ok) return result.value;
    this.#onError(result.error);
    return null;
  }

  /** Calls a function of main; a failure of the connection becomes an error value, too. */
  async answerOf<T>(call: (studio: StudioFunctions) => Promise<Result<T>>): Promise<Result<T>> {
    try {
      return await call(this.#link.studio);
    } catch (cause) {
      const message = 'The studio did not answer; try again once the connection is back.';
      return {
        ok: false,
        error: { origin: 'ui', code: 'internal', message, cause: String(cause).slice(0, 4000) },
      };
    }
  }

  #show(next: Foreseen): void {
    this.#foreseen = [...this.#foreseen.filter((one) => one.key !== next.key), next];
  }

  #settle(key: string, number: number, result: CommandResult): void {
    const mine = this.#foreseen.find((one) => one.key === key);
    // A newer value of the same control is on its way: it settles the matter.
    if (!mine || mine.number !== number) return;
    const contained = result.ok && result.value.version > (this.confirmed?.version ?? 0);
    this.#foreseen = contained
      ? this.#foreseen.map((one) => (one === mine ? { ...one, version: result.value.version } : one))
      : this.#foreseen.filter((one) => one !== mine);
  }

  #take(state: LiveState): void {
    this.confirmed = state;
    this.confirmedAtMs = performance.now();
    this.#foreseen = this.#foreseen.filter((one) => one.version === null || one.version > state.version);
  }
}
