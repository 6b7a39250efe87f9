import type { EngineLive } from '../../../contract/live';

/** Where an engine process stands. */
export type EngineState = EngineLive['state'];

const MOVES: Readonly<Record<EngineState, readonly EngineState[]>> = {
  stopped: ['starting', 'restarting'],
  starting: ['ready', 'restarting', 'failed', 'stopped'],
  ready: ['restarting', 'failed', 'stopped'],
  restarting: ['starting', 'stopped'],
  failed: ['starting', 'restarting', 'stopped'],
};

/**
 * Checks one step of the engine's life.
 * @throws Error when the machine has no such step, which is a mistake in this program.
 */
export function assertEngineMove(from: EngineState, to: EngineState): void {
  if (MOVES[from].includes(to)) return;
  throw new Error(`An engine that is ${from} can become ${MOVES[from].join(' or ')}, not ${to}.`);
}

/** The first wait before a crashed engine is started again. */
export const FIRST_BACKOFF_MS = 500;
/** The longest wait. */
export const LONGEST_BACKOFF_MS = 10_000;

/** The wait that follows `backoffMs`: twice as long, up to the longest. */
export function nextBackoffMs(backoffMs: number): number {
  return Math.min(backoffMs * 2, LONGEST_BACKOFF_MS);
}
