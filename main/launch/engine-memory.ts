import { freemem } from 'node:os';
import type { EngineName } from '../../contract/engine';
import { StudioError } from '../../contract/errors';
import { MODEL_BYTES_TIMES, MODEL_RESERVE_BYTES, PROGRAM_BYTES } from '../engines/runtime/model-memory';

/** An engine as far as its memory counts. */
export type MemoryHolder = {
  readonly name: EngineName;
  /** What its process holds; 0 without one. */
  rssBytes(): number;
  /** When it was last of use, in milliseconds; null while it is. */
  idleSinceMs(): number | null;
  /** Ends its process and waits for its end. */
  stop(): Promise<void>;
};

/** The memory that engines can still have. */
export function availableBytes(): number {
  // The former knows of a container's limit.
  return Math.min(process.availableMemory?.() ?? Infinity, freemem());
}

/**
 * Lets an engine start only where its model fits into memory, for a machine that swaps drops
 * every picture. To make room, engines that nothing uses are ended, the one idle longest first.
 */
export class EngineMemory {
  readonly #holders: () => readonly MemoryHolder[];
  readonly #available: () => number;
  /** What engines that are loading will take; of those that are ready the system knows. */
  readonly #loading = new Map<EngineName, number>();
  #queue: Promise<unknown> = Promise.resolve();

  constructor(holders: () => readonly MemoryHolder[], available: () => number = availableBytes) {
    this.#holders = holders;
    this.#available = available;
  }

  /**
   * Resolves when a model with files of so many bytes may be loaded.
   * @throws StudioError `engine.memory`: what it needs, what is free, who holds the rest.
   */
  admit(name: EngineName, model: string, fileBytes: number): Promise<void> {
    const admitted = this.#queue.then(() => this.#admit(name, model, fileBytes));
    this.#queue = admitted.catch(() => {});
    return admitted;
  }

  /** The engine has loaded its model, or given up. */
  loaded(name: EngineName): void {
    this.#loading.delete(name);
  }

  async #admit(name: EngineName, model: string, fileBytes: number): Promise<void> {
    this.#loading.delete(name);
    const needed = MODEL_BYTES_TIMES * fileBytes + PROGRAM_BYTES;
    while (needed > this.#free()) {
      const idle = this.#longestIdle(name);
      if (!idle) throw this.#refusal(name, model, needed);
      await idle.stop();
    }
    this.#loading.set(name, needed);
  }

  #free(): number {
    const loading = [...this.#loading.values()].reduce((sum, bytes) => sum + bytes, 0);
    return this.#available() - MODEL_RESERVE_BYTES - loading;
  }

  #longestIdle(except: EngineName): MemoryHolder | undefined {
    const idle = this.#holders().filter(
      (holder) => holder.name !== except && holder.rssBytes() > 0 && holder.idleSinceMs() !== null,
    );
    return idle.sort((a, b) => a.idleSinceMs()! - b.idleSinceMs()!)[0];
  }

  #refusal(name: EngineName, model: string, needed: number): StudioError {
    const others = this.#holders().filter((holder) => holder.name !== name && holder.rssBytes() > 0);
    const held = others.map((holder) => `${holder.name} holds ${gigabytes(holder.rssBytes())}`);
    const loading = [...this.#loading].map(([other, bytes]) => `${other} is loading ${gigabytes(bytes)}`);
    const who = [...held, ...loading].join(', ');
    const message =
      `The ${name} engine needs about ${gigabytes(needed)} of memory for the model "${model}", ` +
      `and ${gigabytes(Math.max(0, this.#free()))} can be had${who ? ` (${who})` : ''}. ` +
      'Choose a smaller model, or turn off what uses another engine, and restart this one.';
    return new StudioError('engine', 'engine.memory', message);
  }
}

function gigabytes(bytes: number): string {
  return `${(bytes / 1e9).toFixed(1)} GB`;
}
