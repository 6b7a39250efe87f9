import type { Level, Prediction } from './levels';

/**
 * The clean estimate ẑ of one row [S2], into `out`.
 * @param output what the network gave for `sample` at `level`.
 */
export function estimateClean(
  prediction: Prediction,
  level: Level,
  sample: Float32Array,
  output: Float32Array,
  out: Float32Array,
): void {
  const { signal: a, noise: b, cSkip, cOut } = level;
  const [ofSample, ofOutput] = CLEAN[prediction](a, b);
  const x = cOut * ofSample + cSkip;
  const o = cOut * ofOutput;
  for (let i = 0; i < out.length; i++) out[i] = x * sample[i]! + o * output[i]!;
}

/**
 * What the network would have to give so that `sample` were explained by `reference`, a clean
 * latent: the virtual residual noise of RCFG (StreamDiffusion §3.3) in the network's own terms [S6].
 */
export function outputFor(
  prediction: Prediction,
  level: Level,
  sample: Float32Array,
  reference: Float32Array,
  out: Float32Array,
): void {
  const [ofSample, ofReference] = VIRTUAL[prediction](level.signal, level.noise);
  for (let i = 0; i < out.length; i++) out[i] = ofSample * sample[i]! + ofReference * reference[i]!;
}

/** Noises a clean latent to a level [S1], into `out`. */
export function noiseTo(level: Level, clean: Float32Array, noise: Float32Array, out: Float32Array): void {
  const { signal, noise: amount } = level;
  for (let i = 0; i < out.length; i++) out[i] = signal * clean[i]! + amount * noise[i]!;
}

type Coefficients = (a: number, b: number) => readonly [sample: number, other: number];

/** ẑ = c₀·x + c₁·output, with x = a·z + b·ε. */
const CLEAN: Record<Prediction, Coefficients> = {
  epsilon: (a, b) => [1 / a, -b / a],
  v: (a, b) => [a, -b],
  clean: () => [0, 1],
  flow: (_, b) => [1, -b],
};

/** output = c₀·x + c₁·ẑ: the same the other way round. */
const VIRTUAL: Record<Prediction, Coefficients> = {
  epsilon: (a, b) => [1 / b, -a / b],
  v: (a, b) => [a / b, -1 / b],
  clean: () => [0, 1],
  flow: (_, b) => [1 / b, -1 / b],
};
