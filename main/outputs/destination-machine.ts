import type { DestinationState } from '../../contract/live';

/** What can happen to a destination. */
export type DestinationEvent =
  /** The user goes live. */
  | 'start'
  /** The server takes our packets. */
  | 'connected'
  /** The connection, or the attempt at one, failed. */
  | 'lost'
  /** No try is left. */
  | 'gave-up'
  /** The user stops. */
  | 'stop';

/** Every legal move; what is not here must not happen. */
const MOVES: Record<DestinationState, Partial<Record<DestinationEvent, DestinationState>>> = {
  idle: { start: 'connecting' },
  connecting: { connected: 'live', lost: 'reconnecting', 'gave-up': 'stopped', stop: 'stopped' },
  live: { lost: 'reconnecting', 'gave-up': 'stopped', stop: 'stopped' },
  reconnecting: { connected: 'live', lost: 'reconnecting', 'gave-up': 'stopped', stop: 'stopped' },
  stopped: { start: 'connecting' },
};

/**
 * The state after an event.
 * @throws Error when the event is illegal in that state: a fault of the caller.
 */
export function nextState(state: DestinationState, event: DestinationEvent): DestinationState {
  const next = MOVES[state][event];
  if (next === undefined) throw new Error(`A destination that is ${state} cannot take "${event}".`);
  return next;
}

/** How a destination waits between tries. */
export type Backoff = { firstMs: number; factor: number; longestMs: number; tries: number; jitter: number };

export const BACKOFF: Backoff = {
  firstMs: 2_000,
  factor: 1.5,
  longestMs: 15 * 60_000,
  tries: 25,
  jitter: 0.2,
};

/**
 * Milliseconds before try `attempt` (1 is the first after a loss); null when there are no more.
 * @param random Uniform in 0…1; spreads the tries of many clients that lost one server together.
 */
export function retryDelayMs(attempt: number, random: number, backoff: Backoff = BACKOFF): number | null {
  if (attempt > backoff.tries) return null;
  const plain = Math.min(backoff.longestMs, backoff.firstMs * backoff.factor ** (attempt - 1));
  const spread = 1 + backoff.jitter * (2 * random - 1);
  return Math.min(backoff.longestMs, Math.round(plain * spread));
}
