/**
 * Programme time of an input event, in µs, from its `timeStamp`: when the hand moved, not
 * when a handler, a debounce or a queue came to it. 0 while the programme clock is unknown.
 * @param inputMs `timeStamp` of the event, on the clock of `performance.now()`; now when left
 * out, and when it is none of that clock's past times.
 * @param nowMs `performance.now()` and `programmeUs`, the programme time, of the same moment.
 */
export function inputTimeUs(inputMs: number | undefined, nowMs: number, programmeUs: number): number {
  if (!(programmeUs > 0)) return 0;
  const known = inputMs !== undefined && inputMs > 0 && inputMs <= nowMs;
  return Math.max(0, programmeUs - (known ? (nowMs - inputMs) * 1000 : 0));
}
