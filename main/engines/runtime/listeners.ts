/** A set of callbacks for one event; `add` answers with the way to leave. */
export class Listeners<A extends unknown[]> {
  readonly #listeners = new Set<(...values: A) => void>();

  /** @returns a function that takes the listener out again. */
  add(listener: (...values: A) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  emit(...values: A): void {
    for (const listener of [...this.#listeners]) listener(...values);
  }
}
