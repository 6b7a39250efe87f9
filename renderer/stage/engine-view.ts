/** How long the last good picture of an engine that went away is shown. */
const HOLD_US = 1_000_000;
/** An engine that leaves a picture unanswered for this long is treated as away. */
const STALLED_US = 3_000_000;

/** What decides whether a layer shows its engine's picture or its source. */
export type EngineSituation = {
  nowUs: number;
  /** The engine is ready and its socket is open. */
  reachable: boolean;
  /** When the last picture came; null when none came yet. */
  lastGoodUs: number | null;
  /** When the oldest unanswered picture was sent; null when none is. */
  oldestSentUs: number | null;
  /** When the layer's epoch last rose above that of the last picture; null when it is of this epoch. */
  outdatedSinceUs: number | null;
};

/** Whether the engine works for this layer at present: it is there and answers. */
export function engineAnswers(situation: EngineSituation): boolean {
  const { nowUs, reachable, lastGoodUs, oldestSentUs, outdatedSinceUs } = situation;
  if (!reachable || lastGoodUs === null || outdatedSinceUs !== null) return false;
  return oldestSentUs === null || nowUs - oldestSentUs < STALLED_US;
}

/**
 * Whether the last engine picture is to be shown: while the engine answers, and for 1 s
 * after it stopped or after a cut. Then the layer shows its source, so that the programme
 * goes on.
 */
export function showsEngine(situation: EngineSituation): boolean {
  if (engineAnswers(situation)) return true;
  const { nowUs, lastGoodUs, outdatedSinceUs } = situation;
  if (lastGoodUs === null) return false;
  return nowUs - (outdatedSinceUs ?? lastGoodUs) <= HOLD_US;
}
