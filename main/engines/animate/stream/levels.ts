import { StudioError } from '../../../../contract/errors';

/** What a network's output is, of the noised sample x = a·z + b·ε [S2]. */
export type Prediction = 'epsilon' | 'v' | 'clean' | 'flow';

/** One noise level of a sampler: x = signal·z + noise·ε [S1]. */
export type Level = {
  /** What the network is told: a timestep of 1000, or σ. */
  time: number;
  signal: number;
  noise: number;
  /** The boundary of consistency models: ẑ = cOut·F + cSkip·x. */
  cSkip: number;
  cOut: number;
};

/** Steps that LCM schedulers choose from, of 1000 [S1]. */
const LCM_STEPS = 50;
const TRAINED_STEPS = 1000;
const BETA_START = 0.00085;
const BETA_END = 0.012;
const SIGMA_DATA = 0.5;
const TIMESTEP_SCALING = 10;

const ALPHAS = cumulativeAlphas();

/**
 * Levels of a latent consistency model on "scaled linear" betas (Luo et al., arXiv 2310.04378).
 * @param indices places in the list of 50 timesteps 999, 979, … 19, upwards: from noisy to clean.
 * @throws StudioError `argument.invalid`.
 */
export function lcmLevels(indices: readonly number[]): Level[] {
  return checkedList(indices, 'A timestep index', (i) => Number.isInteger(i) && i >= 0 && i < LCM_STEPS).map(
    (index) => {
      const time = TRAINED_STEPS - 1 - (TRAINED_STEPS / LCM_STEPS) * index;
      const scaled = TIMESTEP_SCALING * time;
      const spread = scaled * scaled + SIGMA_DATA * SIGMA_DATA;
      return {
        time,
        signal: Math.sqrt(ALPHAS[time]!),
        noise: Math.sqrt(1 - ALPHAS[time]!),
        cSkip: (SIGMA_DATA * SIGMA_DATA) / spread,
        cOut: scaled / Math.sqrt(spread),
      };
    },
  );
}

/** The same levels without a boundary, for models such as SD-Turbo whose estimate is taken as it is. */
export function turboLevels(indices: readonly number[]): Level[] {
  return lcmLevels(indices).map((level) => ({ ...level, cSkip: 0, cOut: 1 }));
}

/**
 * Levels of rectified flow: x = (1 − σ)·z + σ·ε (Liu et al., arXiv 2209.03003).
 * @param sigmas falling from at most 1, above 0.
 * @throws StudioError `argument.invalid`.
 */
export function flowLevels(sigmas: readonly number[]): Level[] {
  const falling = [...sigmas].map((sigma) => -sigma);
  checkedList(falling, 'A noise level', (negative) => negative >= -1 && negative < 0);
  return sigmas.map((sigma) => ({ time: sigma, signal: 1 - sigma, noise: sigma, cSkip: 0, cOut: 1 }));
}

function checkedList(
  list: readonly number[],
  subject: string,
  fits: (value: number) => boolean,
): readonly number[] {
  const rises = list.every((value, i) => i === 0 || value > list[i - 1]!);
  if (list.length > 0 && list.every(fits) && rises) return list;
  const message = `${subject} must lie within its range, and each step be less noisy than the one before; got [${list.join(', ')}].`;
  throw new StudioError('engine', 'argument.invalid', message);
}

/** ᾱ_t for each of the 1000 timesteps. */
function cumulativeAlphas(): Float64Array {
  const alphas = new Float64Array(TRAINED_STEPS);
  let product = 1;
  for (let k = 0; k < TRAINED_STEPS; k++) {
    const root =
      Math.sqrt(BETA_START) + ((Math.sqrt(BETA_END) - Math.sqrt(BETA_START)) * k) / (TRAINED_STEPS - 1);
    product *= 1 - root * root;
    alphas[k] = product;
  }
  return alphas;
}
