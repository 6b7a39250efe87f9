import { fillNormals, type Seed64 } from '../runtime/philox';

/** Noise streams set aside for one chunk: as many levels as a contract may have. */
const STREAMS_PER_CHUNK = 16;

/**
 * The noise of a chunk at a level [G2]: Philox normals of stream 16·chunk + level, in the
 * order of the sample. A function of seed, chunk and level alone; the stream number is a u32,
 * so it repeats after 2^28 chunks.
 */
export function fillChunkNoise(seed: Seed64, chunk: number, level: number, out: Float32Array): void {
  fillNormals(seed, (chunk * STREAMS_PER_CHUNK + level) >>> 0, out);
}

/** ẑ = x − σ·v of rectified flow (Liu et al., 2022), written over x [G1]. */
export function estimateClean(sample: Float32Array, velocity: Float32Array, sigma: number): void {
  for (let i = 0; i < sample.length; i++) sample[i] = sample[i]! - sigma * velocity[i]!;
}

/** x = (1 − σ)·ẑ + σ·ε with fresh noise (Self-Forcing, algorithm 2), written over ẑ [G2]. */
export function addNoise(clean: Float32Array, noise: Float32Array, sigma: number): void {
  for (let i = 0; i < clean.length; i++) clean[i] = (1 - sigma) * clean[i]! + sigma * noise[i]!;
}

/** Whether every value is a finite number. */
export function isFiniteThroughout(values: Float32Array): boolean {
  let sum = 0;
  // x·0 is 0 for a finite x and NaN for the others, and NaN stays NaN in a sum.
  for (let i = 0; i < values.length; i++) sum += values[i]! * 0;
  return sum === 0;
}

/** So many of a model's noise levels, from the first on and evenly [G16]. */
export function someLevels(sigmas: readonly number[], count: number): readonly number[] {
  if (count >= sigmas.length) return sigmas;
  return Array.from({ length: count }, (_, i) => sigmas[Math.floor((i * sigmas.length) / count)]!);
}
