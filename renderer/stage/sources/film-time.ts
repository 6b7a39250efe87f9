/** What decides where a film stands; see `LayerLive`. */
export type FilmPosition = { originUs: number; pausedAtUs: number | null; loop: boolean };

/**
 * Film time at programme time `tickUs`, counted on through the loops: the second run of a
 * 10 s film begins at 10 s. Before the start it is 0; a film that does not loop ends at its
 * duration.
 */
export function filmTimeUs(tickUs: number, position: FilmPosition, durationUs: number): number {
  const sinceUs = Math.max(0, position.pausedAtUs ?? tickUs - position.originUs);
  return position.loop ? sinceUs : Math.min(sinceUs, durationUs);
}

/** Splits a film time that was counted through the loops into the run and the time in it. */
export function filmRun(timeUs: number, durationUs: number): { run: number; withinUs: number } {
  if (!(durationUs > 0)) return { run: 0, withinUs: 0 };
  const run = Math.floor(timeUs / durationUs);
  return { run, withinUs: timeUs - run * durationUs };
}

/**
 * Whether the decoder must seek to show `timeUs`: it is behind the picture on stage, or so
 * far ahead of what was decoded that decoding through would take longer.
 * @param shownUs time of the picture on stage; null when there is none.
 * @param aheadUs time of the newest decoded picture.
 */
export function mustSeek(timeUs: number, shownUs: number | null, aheadUs: number): boolean {
  if (shownUs !== null && timeUs < shownUs) return true;
  return timeUs > aheadUs + 1_000_000;
}
