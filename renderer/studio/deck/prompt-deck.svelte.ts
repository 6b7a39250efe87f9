import type { Command } from '../../../contract/commands';
import type { LiveState } from '../../../contract/live';
import type { StageStats } from '../../../contract/stage';
import { streamOf, type PromptTarget } from './prompt-target';

const TYPING_PAUSE_MS = 120;
const SETTLE_MS = 1500;
const MOST_HISTORY = 100;

/** Where a prompt is on its way to the picture. */
export type PromptProgress = 'typing' | 'sent' | 'applied' | 'off';

/** What the deck needs of the studio, read anew at each use. */
export type DeckSource = {
  readonly state: LiveState | null;
  readonly stats: StageStats | null;
  /** What the deck plays; null when nothing takes words. */
  readonly target: PromptTarget | null;
  command(command: Command, inputMs?: number): unknown;
};

/**
 * The prompt that is being played: sent 120 ms after the last key, acknowledged when the
 * stage shows pictures made with it, and kept in a history that can be walked back. Each
 * change takes the `timeStamp` of its input event, so that the pause counts as delay, too.
 */
export class PromptDeck {
  readonly #source: DeckSource;
  /** What stands in the box while it differs from the project. */
  #draft: { target: PromptTarget; text: string; inputMs: number | undefined } | null = $state.raw(null);
  #history: readonly string[] = $state.raw([]);
  #place = $state(-1);
  #sendTimer: ReturnType<typeof setTimeout> | undefined;
  #settleTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(source: DeckSource) {
    this.#source = source;
  }

  /** What the prompt box shows. */
  get text(): string {
    const target = this.#source.target;
    if (!target) return '';
    return this.#draftOf(target)?.text ?? target.prompt;
  }

  /** Words the model told us it does not know. */
  get unknownWords(): readonly string[] {
    const { target, state } = this.#source;
    return (target && streamOf(state, target)?.unknownWords) ?? [];
  }

  get progress(): PromptProgress {
    const { target, state, stats } = this.#source;
    if (!target || !target.enabled || state?.engines[target.engine].state !== 'ready') return 'off';
    const draft = this.#draftOf(target);
    if (draft && draft.text !== target.prompt) return 'typing';
    const wanted = streamOf(state, target)?.controlVersion ?? 0;
    const shown = stats?.engines.find(
      (one) => one.layerId === target.layerId && one.engine === target.engine,
    );
    return (shown?.appliedVersion ?? 0) >= wanted ? 'applied' : 'sent';
  }

  get canGoBack(): boolean {
    return this.#place > 0 || (this.#place === 0 && this.text !== this.#history[0]);
  }

  get canGoForward(): boolean {
    return this.#place < this.#history.length - 1;
  }

  /** Takes what was typed; it is sent after a short pause. */
  type(text: string, inputMs?: number): void {
    const target = this.#source.target;
    if (!target) return;
    // Only the resting states of a prompt that is being typed belong in the history.
    if (this.#settleTimer === undefined) this.#remember(this.text);
    this.#draft = { target, text, inputMs };
    clearTimeout(this.#sendTimer);
    this.#sendTimer = setTimeout(() => this.send(), TYPING_PAUSE_MS);
    clearTimeout(this.#settleTimer);
    this.#settleTimer = setTimeout(() => this.#settle(), SETTLE_MS);
  }

  /** Sends what stands in the box now. */
  send(): void {
    clearTimeout(this.#sendTimer);
    const draft = this.#draft;
    if (!draft) return;
    const { target, text, inputMs } = draft;
    const type = target.engine === 'generate' ? 'generate.update' : 'engine.update';
    this.#source.command({ type, layerId: target.layerId, patch: { prompt: text } }, inputMs);
    this.#draft = null;
  }

  /** Plays a prompt at once: a cue, a suggestion, a step of the history. */
  play(text: string, inputMs?: number): void {
    const target = this.#source.target;
    if (!target) return;
    this.#settle();
    this.#put(text, inputMs);
    this.#remember(text);
  }

  /** Takes a prompt into the history that another way has played: a cue. */
  note(text: string): void {
    this.#settle();
    clearTimeout(this.#sendTimer);
    this.#draft = null;
    this.#remember(text);
  }

  /** Plays the prompt before this one. */
  back(inputMs?: number): void {
    if (!this.canGoBack) return;
    this.#settle();
    this.#place -= 1;
    this.#put(this.#history[this.#place] ?? '', inputMs);
  }

  /** Plays the prompt after this one. */
  forward(inputMs?: number): void {
    if (!this.canGoForward) return;
    this.#place += 1;
    this.#put(this.#history[this.#place] ?? '', inputMs);
  }

  dispose(): void {
    clearTimeout(this.#sendTimer);
    clearTimeout(this.#settleTimer);
  }

  #draftOf(target: PromptTarget) {
    const draft = this.#draft;
    const same = draft?.target.layerId === target.layerId && draft.target.engine === target.engine;
    return same ? draft : null;
  }

  #put(text: string, inputMs: number | undefined): void {
    const target = this.#source.target;
    if (!target) return;
    this.#draft = { target, text, inputMs };
    this.send();
  }

  #settle(): void {
    clearTimeout(this.#settleTimer);
    this.#settleTimer = undefined;
    this.#remember(this.text);
  }

  #remember(text: string): void {
    if (text.trim() === '' || this.#history[this.#place] === text) return;
    this.#history = [...this.#history.slice(0, this.#place + 1), text].slice(-MOST_HISTORY);
    this.#place = this.#history.length - 1;
  }
}
