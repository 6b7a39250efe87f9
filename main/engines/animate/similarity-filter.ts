import type { Filter } from '../../../contract/animate';
import { philoxBlock } from '../runtime/philox';
import type { SourcePicture } from './pipeline';

/** Side of the thumbnail that pictures are held against each other in, in pixels. */
const SIDE = 64;
const TO_UNIT = 2 ** -32;
/** Rec. 601 luma of byte values. */
const LUMA = [0.299, 0.587, 0.114] as const;

/**
 * The stochastic similarity filter (StreamDiffusion §3.6) [S7]: a picture that is nearly the last
 * one that was made is left out with the probability max(0, (S − η)/(1 − η)), S being the cosine of
 * the two, in luma from −1 to 1.
 */
export class SimilarityFilter {
  readonly #key: { low: number; high: number };
  #filter: Filter | null = null;
  #reference: Float32Array<ArrayBuffer> | null = null;
  #thumbnail = new Float32Array(SIDE * SIDE);
  #version = -1;
  #skipped = 0;
  #draws = 0;

  /** `seed`: what is left out is drawn from it. */
  constructor(seed: number) {
    this.#key = { low: seed, high: 0x5f17 };
  }

  /** Sets the filter; null lets every picture through. */
  set(filter: Filter | null): void {
    this.#filter = filter;
    if (!filter) this.#reference = null;
  }

  /**
   * Whether a picture is to be left out. One that is not becomes the one that others are held against.
   * @param version of the settings it would be made with: other ones make another picture.
   */
  skips(picture: SourcePicture, version: number): boolean {
    if (!this.#filter) return false;
    const { threshold, maxSkip } = this.#filter;
    const thumbnail = shrink(picture, this.#thumbnail);
    const alike = this.#reference && version === this.#version ? cosine(thumbnail, this.#reference) : -1;
    const probability = Math.max(0, (alike - threshold) / (1 - threshold));
    if (this.#draw() < probability && this.#skipped < maxSkip) {
      this.#skipped++;
      return true;
    }
    this.#skipped = 0;
    this.#version = version;
    this.#thumbnail = this.#reference ?? new Float32Array(SIDE * SIDE);
    this.#reference = thumbnail;
    return false;
  }

  /** Evenly from 0 to 1, without 1. */
  #draw(): number {
    return philoxBlock([this.#draws++, 0, 0, 0], this.#key)[0] * TO_UNIT;
  }
}

/** Luma of a picture from −1 to 1, each value the mean of four points of its cell. */
function shrink(
  { width, height, rgba }: SourcePicture,
  out: Float32Array<ArrayBuffer>,
): Float32Array<ArrayBuffer> {
  for (let y = 0; y < SIDE; y++) {
    for (let x = 0; x < SIDE; x++) {
      let sum = 0;
      for (let point = 0; point < 4; point++) {
        const px = Math.floor(((x + 0.25 + 0.5 * (point & 1)) * width) / SIDE);
        const py = Math.floor(((y + 0.25 + 0.5 * (point >> 1)) * height) / SIDE);
        const at = 4 * (py * width + px);
        sum += LUMA[0] * rgba[at]! + LUMA[1] * rgba[at + 1]! + LUMA[2] * rgba[at + 2]!;
      }
      out[y * SIDE + x] = sum / 510 - 1;
    }
  }
  return out;
}

/** Of two pictures without any light or shade, the same one is alike. */
function cosine(a: Float32Array, b: Float32Array): number {
  let [dot, ofA, ofB] = [0, 0, 0];
  for (let i = 0; i < a.length; i++) {
    dot += a[i]! * b[i]!;
    ofA += a[i]! * a[i]!;
    ofB += b[i]! * b[i]!;
  }
  const norms = Math.sqrt(ofA * ofB);
  if (norms < 1e-6) return ofA === ofB ? 1 : 0;
  return Math.min(1, dot / norms);
}
