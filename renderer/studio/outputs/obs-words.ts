import type { ObsLive } from '../../../contract/live';
import { errorWords } from '../model/words';

const STATE_WORDS: Readonly<Record<ObsLive['state'], string>> = {
  idle: 'Ready',
  connecting: 'Connecting',
  live: 'Sending',
  reconnecting: 'Reconnecting',
};

/** The link to OBS in one line: what it does, the measured delay, or what is wrong. */
export function obsWords({ state, latencyMs, error }: ObsLive): string {
  if (state === 'live') {
    return latencyMs
      ? `${STATE_WORDS.live} · ${Math.round(latencyMs.p50)} ms`
      : `${STATE_WORDS.live} · measuring`;
  }
  if (error) return errorWords(error).title;
  return STATE_WORDS[state];
}
