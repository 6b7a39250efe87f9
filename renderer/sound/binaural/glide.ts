import type { Position } from './room';

/** How long a source takes to a new place near by, blocks of 128 samples (21 ms). */
export const GLIDE_BLOCKS = 8;
/** Farther than this a source does not glide but fades over to its new place, m and cos of the angle. */
const JUMP_M = 1;
const JUMP_COSINE = 0.5;

/** Whether the way between two places is too far to be travelled within a few blocks [B6]. */
export function isJump(from: Position, to: Position): boolean {
  let distance = 0;
  let product = 0;
  let fromSquare = 0;
  let toSquare = 0;
  for (let axis = 0; axis < 3; axis++) {
    const a = from[axis]!;
    const b = to[axis]!;
    distance += (a - b) * (a - b);
    product += a * b;
    fromSquare += a * a;
    toSquare += b * b;
  }
  if (distance > JUMP_M * JUMP_M) return true;
  return product < JUMP_COSINE * Math.sqrt(fromSquare * toSquare);
}

/**
 * The way of a source between the places it was told to be at: a straight line of eight blocks,
 * which a new place bends without a stop. Without allocation.
 */
export class Glide {
  readonly position: Position = new Float64Array(3);
  readonly #target: Position = new Float64Array(3);
  #blocks = 0;

  /** Is at a place at once. */
  jump(to: Position): void {
    this.position.set(to);
    this.#target.set(to);
    this.#blocks = 0;
  }

  /** Goes to a place from the next block on; the same place again changes nothing. */
  aim(to: Position): void {
    const target = this.#target;
    if (to[0] === target[0] && to[1] === target[1] && to[2] === target[2]) return;
    target.set(to);
    this.#blocks = GLIDE_BLOCKS;
  }

  /** Moves on to where the source is at the end of the next block. */
  step(): void {
    if (this.#blocks === 0) return;
    for (let axis = 0; axis < 3; axis++) {
      const here = this.position[axis]!;
      this.position[axis] = here + (this.#target[axis]! - here) / this.#blocks;
    }
    this.#blocks -= 1;
  }
}
