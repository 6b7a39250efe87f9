import { SAMPLE_RATE } from '../schedule';
import { BLOCK_FRAMES } from './early-render';
import { onePole } from './head';
import { reverberationOf, type Room } from './room';

/** Lengths of the delay lines, samples; without common factors. */
const LINES = [1031, 1327, 1523, 1801, 2053, 2311, 2539, 2803] as const;
const LEFT_SIGNS = [1, 1, -1, -1, 1, 1, -1, -1] as const;
const RIGHT_SIGNS = [1, -1, -1, 1, 1, -1, -1, 1] as const;
const TAIL_HZ = 14_000;
/** When the tail takes over from single reflections, s. */
const TAIL_START_S = 0.02;
const INPUT_GAIN = 1 / Math.sqrt(8);

/** Gain of each line and of the output [B5]. */
export function tailGains(room: Room): { lines: number[]; level: number } {
  const { rt60S, roomConstantM2 } = reverberationOf(room);
  const lines = LINES.map((frames) => 10 ** ((-3 * frames) / (SAMPLE_RATE * rt60S)));
  const meanSquare = lines.reduce((sum, gain) => sum + gain * gain, 0) / lines.length;
  const energy = ((16 * Math.PI) / roomConstantM2) * 10 ** ((-6 * TAIL_START_S) / rt60S);
  return { lines, level: Math.sqrt(energy * (1 - meanSquare)) };
}

/**
 * The diffuse tail of a room: an eight-line feedback delay network (Jot 1991) with Sylvester's
 * Hadamard matrix; the same wherever the source is [B5]. Without allocation.
 */
export class RoomTail {
  readonly #gains: Float64Array;
  readonly #level: number;
  readonly #k = onePole(TAIL_HZ);
  readonly #rings = LINES.map((frames) => new Float64Array(frames));
  readonly #at = new Int32Array(8);
  readonly #soft = new Float64Array(8);
  readonly #mixed = new Float64Array(8);

  constructor(room: Room) {
    const { lines, level } = tailGains(room);
    this.#gains = Float64Array.from(lines);
    this.#level = level;
  }

  /**
   * Adds the tail of a dry block to both ears.
   * @param roomFrom, roomTo how much of it is heard, before the block and at its end.
   */
  add(dry: Float32Array, roomFrom: number, roomTo: number, left: Float32Array, right: Float32Array): void {
    const mixed = this.#mixed;
    const roomStep = (roomTo - roomFrom) / BLOCK_FRAMES;
    for (let n = 0; n < BLOCK_FRAMES; n++) {
      let toLeft = 0;
      let toRight = 0;
      for (let line = 0; line < 8; line++) {
        const out = this.#rings[line]![this.#at[line]!]!;
        toLeft += LEFT_SIGNS[line]! * out;
        toRight += RIGHT_SIGNS[line]! * out;
        const soft = this.#soft[line]! + this.#k * (out - this.#soft[line]!);
        this.#soft[line] = soft;
        mixed[line] = this.#gains[line]! * soft;
      }
      transform(mixed);
      const fresh = dry[n]! * INPUT_GAIN;
      for (let line = 0; line < 8; line++) this.#write(line, fresh + mixed[line]! * INPUT_GAIN);
      const level = this.#level * (roomFrom + roomStep * (n + 1));
      left[n]! += level * toLeft;
      right[n]! += level * toRight;
    }
  }

  #write(line: number, value: number): void {
    const at = this.#at[line]!;
    this.#rings[line]![at] = Math.abs(value) < 1e-30 ? 0 : value;
    this.#at[line] = at + 1 === LINES[line] ? 0 : at + 1;
  }
}

/** Sylvester's Hadamard matrix times v, in place: H_ij = (−1)^popcount(i AND j). */
function transform(v: Float64Array): void {
  for (let half = 1; half < 8; half *= 2) {
    for (let i = 0; i < 8; i++) {
      if ((i & half) !== 0) continue;
      const a = v[i]!;
      const b = v[i + half]!;
      v[i] = a + b;
      v[i + half] = a - b;
    }
  }
}
