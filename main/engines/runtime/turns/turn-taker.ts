import type { FromEngine } from '../../../../contract/engine';
import type { Graph } from '../session/graph';

/** A run of a graph that never ran is taken to be so long [T1]. */
const UNKNOWN_MS = 50;
/** The longest of so many runs is what the next is expected to take. */
const REMEMBERED_RUNS = 8;

/** What main is told of turns. */
type TurnMessage = Extract<FromEngine, { type: 'turn' | 'turn-end' }>;

/**
 * An engine's own side of taking turns on a device [T1]: its graphs run only in a turn that main
 * gave.
 */
export class TurnTaker {
  readonly #send: (message: TurnMessage) => void;
  readonly #waiting = new Map<number, () => void>();
  #last = 0;

  constructor(send: (message: TurnMessage) => void) {
    this.#send = send;
  }

  /** Main gives the turn that was asked for by this number. */
  given(id: number): void {
    this.#waiting.get(id)?.();
    this.#waiting.delete(id);
  }

  /** The same graph, each run of which waits for a turn. */
  guard(graph: Graph): Graph {
    const lengthsMs: number[] = [];
    return {
      release: () => graph.release(),
      run: async (feeds, into) => {
        const id = await this.#turn(lengthsMs.length ? Math.max(...lengthsMs) : UNKNOWN_MS);
        const startMs = performance.now();
        try {
          return await graph.run(feeds, into);
        } finally {
          this.#send({ type: 'turn-end', id });
          lengthsMs.push(performance.now() - startMs);
          if (lengthsMs.length > REMEMBERED_RUNS) lengthsMs.shift();
        }
      },
    };
  }

  #turn(lengthMs: number): Promise<number> {
    const id = ++this.#last;
    return new Promise((resolve) => {
      this.#waiting.set(id, () => resolve(id));
      this.#send({ type: 'turn', id, lengthMs });
    });
  }
}
