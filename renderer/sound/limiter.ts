/** −1 dBFS: what is not louder passes bit for bit. */
export const LIMITER_THRESHOLD = Math.fround(10 ** (-1 / 20));
const ROOM = 1 - LIMITER_THRESHOLD;

/**
 * Soft clipper of the programme, without look-ahead and without memory:
 *
 *     y = x                                   for |x| ≤ T
 *     y = sign(x) · (T + (1 − T) · tanh((|x| − T) / (1 − T)))   above
 *
 * T is −1 dBFS. Value and slope are continuous at T, and |y| never exceeds 1. Not-a-number,
 * which would otherwise spread through the whole mix, becomes silence.
 */
export function limitSample(x: number): number {
  if (x <= LIMITER_THRESHOLD && x >= -LIMITER_THRESHOLD) return x;
  if (x > 0) return LIMITER_THRESHOLD + ROOM * Math.tanh((x - LIMITER_THRESHOLD) / ROOM);
  if (x < 0) return -LIMITER_THRESHOLD - ROOM * Math.tanh((-x - LIMITER_THRESHOLD) / ROOM);
  return 0;
}
