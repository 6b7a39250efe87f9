/**
 * Counter-based noise, the same numbers in TypeScript and in the trainer's Python.
 *
 * Philox 4×32-10: Salmon et al., "Parallel Random Numbers: As Easy as 1, 2, 3" (SC 2011).
 * Convention of this project: key = (seed low, seed high), counter = (block low, block
 * high, stream, 0); a block gives four u32 words and, by Box–Muller, four normals.
 */

const MULTIPLIER_0 = 0xd2511f53;
const MULTIPLIER_1 = 0xcd9e8d57;
const WEYL_0 = 0x9e3779b9;
const WEYL_1 = 0xbb67ae85;
const ROUNDS = 10;
const TO_UNIT = 2 ** -32;

/** A 64-bit seed as two u32 halves. */
export type Seed64 = { low: number; high: number };

/** Four u32 words in counter order. */
export type PhiloxWords = [number, number, number, number];

/** One Philox 4×32-10 block: the four output words of a counter under a key; all u32. */
export function philoxBlock(counter: Readonly<PhiloxWords>, key: Seed64): PhiloxWords {
  const words = new Uint32Array(counter);
  philoxRounds(words, key.low, key.high);
  return [words[0]!, words[1]!, words[2]!, words[3]!];
}

/**
 * Fills `out` with standard normals of a stream, from block `firstBlock` on.
 * Box and Muller (1958) in float64, rounded to float32: with u₁ = (x₀+1)·2⁻³² and
 * u₂ = x₁·2⁻³², n₀ = √(−2 ln u₁)·cos 2πu₂ and n₁ = √(−2 ln u₁)·sin 2πu₂; n₂, n₃ from x₂, x₃.
 */
export function fillNormals(seed: Seed64, stream: number, out: Float32Array, firstBlock = 0): void {
  const words = new Uint32Array(4);
  const pair = new Float64Array(4);
  for (let start = 0, block = firstBlock; start < out.length; start += 4, block++) {
    words[0] = block;
    words[1] = Math.floor(block * TO_UNIT);
    words[2] = stream;
    words[3] = 0;
    philoxRounds(words, seed.low, seed.high);
    boxMuller(words[0], words[1], pair, 0);
    boxMuller(words[2], words[3], pair, 2);
    const end = Math.min(4, out.length - start);
    for (let i = 0; i < end; i++) out[start + i] = pair[i]!;
  }
}

/** The rounds of one block in place: `words` holds the counter and then the output, four u32. */
export function philoxRounds(words: Uint32Array, keyLow: number, keyHigh: number): void {
  let c0 = words[0]!;
  let c1 = words[1]!;
  let c2 = words[2]!;
  let c3 = words[3]!;
  let k0 = keyLow >>> 0;
  let k1 = keyHigh >>> 0;
  for (let round = 0; round < ROUNDS; round++) {
    const high0 = multiplyHigh(MULTIPLIER_0, c0);
    const low0 = Math.imul(MULTIPLIER_0, c0);
    const high1 = multiplyHigh(MULTIPLIER_1, c2);
    const low1 = Math.imul(MULTIPLIER_1, c2);
    c0 = (high1 ^ c1 ^ k0) >>> 0;
    c1 = low1 >>> 0;
    c2 = (high0 ^ c3 ^ k1) >>> 0;
    c3 = low0 >>> 0;
    k0 = (k0 + WEYL_0) >>> 0;
    k1 = (k1 + WEYL_1) >>> 0;
  }
  words[0] = c0;
  words[1] = c1;
  words[2] = c2;
  words[3] = c3;
}

/** Upper 32 bits of the 64-bit product of two u32; each partial product is exact in a double. */
function multiplyHigh(a: number, b: number): number {
  const aLow = a & 0xffff;
  const aHigh = a >>> 16;
  const bLow = b & 0xffff;
  const bHigh = b >>> 16;
  const middle = aHigh * bLow + ((aLow * bLow) >>> 16);
  const cross = aLow * bHigh + (middle & 0xffff);
  return aHigh * bHigh + (middle >>> 16) + (cross >>> 16);
}

function boxMuller(x: number, y: number, out: Float64Array, at: number): void {
  const radius = Math.sqrt(-2 * Math.log((x + 1) * TO_UNIT));
  const angle = 2 * Math.PI * (y * TO_UNIT);
  out[at] = radius * Math.cos(angle);
  out[at + 1] = radius * Math.sin(angle);
}
