import type { ObsLive } from '../../../contract/live';
import type { Backoff } from '../destination-machine';

/** What can happen to the link. */
export type ObsEvent =
  /** The user sends to OBS. */
  | 'start'
  /** OBS shows the programme: seen in its picture. */
  | 'seen'
  /** OBS, the push or the picture is gone. */
  | 'lost'
  /** There is no use in trying on. */
  | 'ended'
  /** The user stops. */
  | 'stop';

/** Every legal move; what is not here must not happen. */
const MOVES: Record<ObsLive['state'], Partial<Record<ObsEvent, ObsLive['state']>>> = {
  idle: { start: 'connecting' },
  connecting: { seen: 'live', lost: 'connecting', ended: 'idle', stop: 'idle' },
  live: { lost: 'reconnecting', ended: 'idle', stop: 'idle' },
  reconnecting: { seen: 'live', lost: 'reconnecting', ended: 'idle', stop: 'idle' },
};

/**
 * The state after an event.
 * @throws Error when the event is illegal in that state: a fault of the caller.
 */
export function nextObsState(state: ObsLive['state'], event: ObsEvent): ObsLive['state'] {
  const next = MOVES[state][event];
  if (next === undefined) throw new Error(`A link to OBS that is ${state} cannot take "${event}".`);
  return next;
}

/** Between tries to reach an OBS that went away; its user may start it again hours later. */
export const OBS_BACKOFF: Backoff = {
  firstMs: 500,
  factor: 1.5,
  longestMs: 10_000,
  tries: Infinity,
  jitter: 0.2,
};

/** Between tries to push into an OBS that is there: it listens again a second after a break. */
export const PUSH_BACKOFF: Backoff = {
  firstMs: 500,
  factor: 1.3,
  longestMs: 3_000,
  tries: Infinity,
  jitter: 0.1,
};
