import { findMotion, makeMotionField, type MotionField } from '../../runtime/motion/block-motion';
import { blendBlocks } from './blend-blocks';
import { chooseVectors, makeBlockVectors, type BlockVectors } from './choose-vectors';
import { BLOCK, PaddedPicture } from '../../runtime/motion/padded-picture';

/** A block whose match differs more, in mean luma, was not found again. */
const LOST = 24;
/** When so many blocks were not found, in both directions, the pictures have nothing in common. */
const CUT_SHARE = 0.5;

/**
 * Makes pictures between the last two frames of a film [G11]: motion-compensated where their
 * parts are found again, cross-faded where not, and the nearer of both across a cut.
 */
export class Interpolator {
  #earlier: PaddedPicture;
  #later: PaddedPicture;
  readonly #forward: MotionField;
  readonly #backward: MotionField;
  readonly #vectors: BlockVectors;
  #frames = 0;
  #searched = false;

  /** Sides are multiples of 8 pixels. */
  constructor(width: number, height: number) {
    if (width % BLOCK !== 0 || height % BLOCK !== 0) {
      throw new Error(`Pictures must have sides that are multiples of ${BLOCK}, got ${width}×${height}.`);
    }
    this.#earlier = new PaddedPicture(width, height);
    this.#later = new PaddedPicture(width, height);
    this.#forward = makeMotionField(width, height);
    this.#backward = makeMotionField(width, height);
    this.#vectors = makeBlockVectors(this.#forward);
  }

  /** Whether the last two frames have less in common than not. */
  get isCut(): boolean {
    this.#search();
    return lostShare(this.#forward) > CUT_SHARE && lostShare(this.#backward) > CUT_SHARE;
  }

  /** Takes the next frame, width × height × 4 bytes; the one before the last is let go. */
  push(rgba: Uint8Array | Uint8ClampedArray): void {
    [this.#earlier, this.#later] = [this.#later, this.#earlier];
    this.#later.set(rgba);
    this.#frames++;
    this.#searched = false;
  }

  /** Forgets all frames: the next one follows none. */
  clear(): void {
    this.#frames = 0;
    this.#searched = false;
  }

  /**
   * Writes the picture at `share` from the earlier frame (0) to the later one (1); both ends
   * are the frames themselves, and before there are two the only one is.
   */
  between(share: number, out: Uint8ClampedArray): void {
    if (share >= 1 || this.#frames < 2) return this.#later.copyTo(out);
    if (share <= 0) return this.#earlier.copyTo(out);
    if (this.isCut) return (share < 0.5 ? this.#earlier : this.#later).copyTo(out);
    chooseVectors(this.#earlier, this.#later, this.#forward, this.#backward, share, this.#vectors);
    blendBlocks(this.#earlier, this.#later, this.#vectors, share, out);
  }

  #search(): void {
    if (this.#searched) return;
    findMotion(this.#earlier, this.#later, this.#forward);
    findMotion(this.#later, this.#earlier, this.#backward, this.#forward);
    this.#searched = true;
  }
}

function lostShare({ error }: MotionField): number {
  let lost = 0;
  for (const value of error) if (value > LOST) lost++;
  return lost / error.length;
}
