import type { Command } from '../../../contract/commands';
import { PROJECT_LIMITS, type Cue } from '../../../contract/project';
import { newId } from '../model/new-items';
import type { PromptDeck } from './prompt-deck.svelte';
import type { PromptEngine, PromptTarget } from './prompt-target';

/** Cues that have a key of their own, 1 to 8: the first of the project. */
export const CUE_SLOTS = 8;

/** The cues that a project without any is offered, of words that the shipped models know. */
export const STARTER_CUES: Readonly<Record<PromptEngine, readonly string[]>> = {
  animate: ['synthwave dusk', 'mosaic vivid', 'comic candy'],
  generate: ['mountains dusk', 'sea fog boat', 'city night rain neon'],
};

/** What the cues need of the studio, read anew at each use. */
export type CueSource = {
  readonly cues: readonly Cue[];
  /** What the deck plays. */
  readonly target: PromptTarget | null;
  /** What of a layer takes words. */
  targetsOf(layerId: string): readonly PromptTarget[];
  readonly deck: Pick<PromptDeck, 'text' | 'note'>;
  command(command: Command, inputMs?: number): unknown;
};

/** The prompts that are kept ready in the project: kept from the deck, played by key or by the clock. */
export class Cues {
  readonly #source: CueSource;

  constructor(source: CueSource) {
    this.#source = source;
  }

  /** The slots of the keys 1 to 8; null for a free one. */
  get slots(): readonly (Cue | null)[] {
    return Array.from({ length: CUE_SLOTS }, (_, slot) => this.#source.cues[slot] ?? null);
  }

  /** The slot that the next new cue takes. */
  get firstFree(): number {
    return this.#source.cues.length;
  }

  get canAdd(): boolean {
    return this.#source.cues.length < PROJECT_LIMITS.cues;
  }

  /** Plays the cue of a slot (from 0); a free one does nothing. */
  playSlot(slot: number, inputMs?: number): void {
    const cue = this.#source.cues[slot];
    if (cue) this.play(cue, inputMs);
  }

  /** Plays a cue on its own layer, else on what the deck plays. */
  play(cue: Cue, inputMs?: number): void {
    const { target, deck } = this.#source;
    const onDeck = target !== null && (cue.layerId === null || cue.layerId === target.layerId);
    // Before the command: the prompt that stands in the box now belongs to the history, too.
    if (onDeck) deck.note(cue.prompt);
    // A cue names a layer, not one of its engines: where there are two the deck's choice holds.
    if (onDeck && target.engine === 'generate' && this.#source.targetsOf(target.layerId).length > 1) {
      const { prompt, seed, blendMs } = cue;
      const patch = { prompt, ...(seed === null ? {} : { seed }), ...(blendMs === null ? {} : { blendMs }) };
      this.#source.command({ type: 'generate.update', layerId: target.layerId, patch }, inputMs);
    } else {
      const stand = target ? { layerId: target.layerId } : {};
      this.#source.command({ type: 'cue.play', cueId: cue.id, ...stand }, inputMs);
    }
  }

  /**
   * Keeps the deck's prompt in a slot (from 0), with the seed where that cue has one; a slot
   * beyond the last cue is the next one.
   */
  keep(slot: number): void {
    const { cues, target, deck } = this.#source;
    const prompt = deck.text.trim();
    if (prompt === '' || !target) return;
    const known = cues[slot];
    if (known) this.set({ ...known, prompt, seed: known.seed === null ? null : target.seed });
    else this.add(prompt);
  }

  /** Adds a cue that is played by hand. */
  add(prompt: string): void {
    if (!this.canAdd) return;
    this.set({ id: newId(), prompt, layerId: null, seed: null, blendMs: null, atMs: null });
  }

  set(cue: Cue): void {
    this.#source.command({ type: 'cue.set', cue });
  }

  /** Sets when a cue plays by itself; with a time it gets a layer, for then nobody is at the deck. */
  setTime(cue: Cue, atMs: number | null): void {
    const layerId = atMs === null ? cue.layerId : (cue.layerId ?? this.#source.target?.layerId ?? null);
    this.set({ ...cue, atMs, layerId });
  }

  /** Keeps the seed that plays now with the cue, or lets it go. */
  pinSeed(cue: Cue, pinned: boolean): void {
    const own = cue.layerId === null ? undefined : this.#source.targetsOf(cue.layerId)[0];
    const seed = (own ?? this.#source.target)?.seed;
    this.set({ ...cue, seed: pinned ? (seed ?? 0) : null });
  }

  remove(cue: Cue): void {
    this.#source.command({ type: 'cue.remove', cueId: cue.id });
  }

  /** Starts the clock that plays the cues with a time, or halts it. */
  run(running: boolean, inputMs?: number): void {
    this.#source.command({ type: running ? 'cues.run' : 'cues.halt' }, inputMs);
  }
}
