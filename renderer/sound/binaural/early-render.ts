import { onePole, SHADOW_POLE } from './head';
import { PATHS, PathValues, reflectionsOf, tracePaths } from './paths';
import type { Position, Room } from './room';

/** Samples of a render quantum, the step of everything that moves. */
export const BLOCK_FRAMES = 128;
/** What was heard so far, for the delayed paths: any room up to 57 m across. */
const RING_FRAMES = 8192;
const MASK = RING_FRAMES - 1;
/** What walls take from the treble, Hz. */
const WALL_K = onePole(8000);

/** The sound of a source as it left it, newest sample last. */
export class SourceRing {
  readonly samples = new Float32Array(RING_FRAMES);
  /** Number of the first sample of the newest block. */
  start = -BLOCK_FRAMES;

  /** Takes the next 128 samples. */
  write(block: Float32Array): void {
    this.start += BLOCK_FRAMES;
    this.samples.set(block, this.start & MASK);
  }
}

/**
 * Direct sound and first reflections of one source: per-sample delays read with third-order
 * Lagrange interpolation, head shadow and distance with coefficients that go in straight lines
 * from block end to block end [B2]–[B4]. Without allocation; every block costs the same.
 */
export class EarlyRender {
  readonly #room: Room;
  readonly #reflections: Float64Array;
  #from = new PathValues();
  #to = new PathValues();
  readonly #before = new Float64Array(2 * PATHS);
  readonly #walls = new Float64Array(2);
  readonly #ears = new Float64Array(2);
  readonly #direct = new Float64Array(BLOCK_FRAMES);
  readonly #reflected = new Float64Array(BLOCK_FRAMES);

  constructor(room: Room) {
    this.#room = room;
    this.#reflections = reflectionsOf(room);
  }

  /** Stands at a position inside the room as if nothing had been heard before. */
  place(position: Position): void {
    tracePaths(this.#room, this.#reflections, position, this.#to);
    this.#before.fill(0);
    this.#walls.fill(0);
    this.#ears.fill(0);
  }

  /** Lets the block before the newest one run through the filters, so that they are not cold. */
  warmUp(ring: SourceRing, position: Position, roomAmount: number, scratch: Float32Array): void {
    this.place(position);
    this.#run(ring, ring.start - BLOCK_FRAMES, position, roomAmount, roomAmount, scratch, scratch);
  }

  /**
   * Renders the newest block of the ring while the source moves to `position` (inside the room).
   * @param roomFrom, roomTo how much of the reflections is heard, before the block and at its end.
   */
  render(
    ring: SourceRing,
    position: Position,
    roomFrom: number,
    roomTo: number,
    left: Float32Array,
    right: Float32Array,
  ): void {
    this.#run(ring, ring.start, position, roomFrom, roomTo, left, right);
  }

  #run(
    ring: SourceRing,
    start: number,
    position: Position,
    roomFrom: number,
    roomTo: number,
    left: Float32Array,
    right: Float32Array,
  ): void {
    const past = this.#from;
    this.#from = this.#to;
    this.#to = past;
    tracePaths(this.#room, this.#reflections, position, this.#to);
    for (let ear = 0; ear < 2; ear++) {
      this.#direct.fill(0);
      this.#reflected.fill(0);
      this.#addPath(ring, start, ear, this.#direct);
      for (let path = 1; path < PATHS; path++) this.#addPath(ring, start, 2 * path + ear, this.#reflected);
      this.#finish(ear, roomFrom, roomTo, ear === 0 ? left : right);
    }
  }

  /** s[n] = B0[n] u[n] + B1[n] u[n−1], added to `into`; `at` is 2 × path + ear. */
  #addPath(ring: SourceRing, start: number, at: number, into: Float64Array): void {
    const { samples } = ring;
    const delay = this.#from.delay[at]!;
    const b0 = this.#from.b0[at]!;
    const b1 = this.#from.b1[at]!;
    const delayStep = (this.#to.delay[at]! - delay) / BLOCK_FRAMES;
    const b0Step = (this.#to.b0[at]! - b0) / BLOCK_FRAMES;
    const b1Step = (this.#to.b1[at]! - b1) / BLOCK_FRAMES;
    let before = this.#before[at]!;
    for (let j = 0; j < BLOCK_FRAMES; j++) {
      const steps = j + 1;
      const exact = delay + delayStep * steps;
      const base = Math.floor(exact) - 1;
      const q = exact - base;
      const newest = start + j - base;
      const q1 = q - 1;
      const q2 = q - 2;
      const q3 = q - 3;
      const late =
        (q1 * q2 * q3 * -samples[newest & MASK]!) / 6 +
        (q * q2 * q3 * samples[(newest - 1) & MASK]!) / 2 -
        (q * q1 * q3 * samples[(newest - 2) & MASK]!) / 2 +
        (q * q1 * q2 * samples[(newest - 3) & MASK]!) / 6;
      into[j]! += (b0 + b0Step * steps) * late + (b1 + b1Step * steps) * before;
      before = late;
    }
    this.#before[at] = before;
  }

  /** The walls' low-pass, then the pole that all paths share. */
  #finish(ear: number, roomFrom: number, roomTo: number, out: Float32Array): void {
    const roomStep = (roomTo - roomFrom) / BLOCK_FRAMES;
    let wall = this.#walls[ear]!;
    let heard = this.#ears[ear]!;
    for (let j = 0; j < BLOCK_FRAMES; j++) {
      wall += WALL_K * (this.#reflected[j]! * (roomFrom + roomStep * (j + 1)) - wall);
      heard = this.#direct[j]! + wall - SHADOW_POLE * heard;
      out[j] = heard;
    }
    // Subnormal numbers, which a filter dies away into, are slow.
    this.#walls[ear] = Math.abs(wall) < 1e-30 ? 0 : wall;
    this.#ears[ear] = Math.abs(heard) < 1e-30 ? 0 : heard;
  }
}
