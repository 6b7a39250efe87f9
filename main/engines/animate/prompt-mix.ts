import type { Blend, Fade } from '../../../contract/animate';

/** One prompt's embedding and how much it counts. */
export type Part = { hidden: Float32Array; weight: number };

/** Vectors that point so nearly the same way are mixed in a straight line. */
const PARALLEL = 0.9995;

/**
 * Several prompts as one embedding [S8]: their weighted mean, or a walk on the sphere from one to
 * the next by their shares. Without any weight the first is heard alone.
 */
export function mixPrompts(kind: Blend['kind'], parts: readonly Part[]): Float32Array {
  const heard = parts.filter(({ weight }) => weight > 0);
  const [first = parts[0]!, ...others] = heard;
  let [mixed, total] = [first.hidden, first.weight];
  for (const { hidden, weight } of others) {
    total += weight;
    mixed = kind === 'slerp' ? slerp(mixed, hidden, weight / total) : lerp(mixed, hidden, weight / total);
  }
  return mixed;
}

/** The straight line from a to b. */
export function lerp(a: Float32Array, b: Float32Array, t: number): Float32Array {
  return a.map((value, i) => value + t * (b[i]! - value));
}

/** From a to b along the sphere, their lengths in a straight line (Shoemake, 1985). */
export function slerp(a: Float32Array, b: Float32Array, t: number): Float32Array {
  let [dot, ofA, ofB] = [0, 0, 0];
  for (let i = 0; i < a.length; i++) {
    dot += a[i]! * b[i]!;
    ofA += a[i]! * a[i]!;
    ofB += b[i]! * b[i]!;
  }
  const [lengthA, lengthB] = [Math.sqrt(ofA), Math.sqrt(ofB)];
  const cosine = dot / (lengthA * lengthB);
  // An empty prompt has no direction.
  if (!(Math.abs(cosine) < PARALLEL)) return lerp(a, b, t);
  const angle = Math.acos(cosine);
  const length = lengthA + t * (lengthB - lengthA);
  const fromA = (length * Math.sin((1 - t) * angle)) / (Math.sin(angle) * lengthA);
  const fromB = (length * Math.sin(t * angle)) / (Math.sin(angle) * lengthB);
  return a.map((value, i) => fromA * value + fromB * b[i]!);
}

/** How far a fade is, 0 … 1, when `share` of its time is over. */
export function eased(easing: Fade['easing'], share: number): number {
  const t = Math.min(1, Math.max(0, share));
  switch (easing) {
    case 'linear':
      return t;
    case 'smooth':
      return t * t * (3 - 2 * t);
    case 'in':
      return t * t;
    case 'out':
      return t * (2 - t);
  }
}
