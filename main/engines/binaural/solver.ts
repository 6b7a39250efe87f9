/** The most evaluations of the network for one chunk. */
export const MAX_EVALUATIONS = 6;

/** How a flow is carried from t0 to 1: n equal steps of h by Euler's or the midpoint rule [B11]. */
export type SolverPlan = {
  readonly rule: 'euler' | 'midpoint';
  readonly t0: number;
  readonly h: number;
  /** Solver times of the evaluations, in the order in which they are made. */
  readonly times: readonly number[];
};

/**
 * The plan for a number of evaluations: an even one is spent on midpoint steps, an odd one on
 * Euler's. t0 above 0 is BinauralFlow's early skip: the first part of the way is left out.
 * @throws RangeError when there is no such plan.
 */
export function planSolver(evaluations: number, t0: number): SolverPlan {
  if (!Number.isInteger(evaluations) || evaluations < 1 || evaluations > MAX_EVALUATIONS) {
    throw new RangeError(`A solver must make 1 to ${MAX_EVALUATIONS} evaluations, got ${evaluations}.`);
  }
  if (!(t0 >= 0 && t0 < 1)) throw new RangeError(`A solver must begin at 0 up to below 1, got ${t0}.`);
  const rule = evaluations % 2 === 0 ? 'midpoint' : 'euler';
  const steps = rule === 'midpoint' ? evaluations / 2 : evaluations;
  const h = (1 - t0) / steps;
  const perStep = rule === 'midpoint' ? 2 : 1;
  const times = Array.from({ length: evaluations }, (_, i) => {
    const step = Math.floor(i / perStep);
    return t0 + step * h + (i % perStep) * (h / 2);
  });
  return { rule, t0, h, times };
}

/**
 * Carries a state from t0 to 1 in place.
 * @param state φ at t0 on entry, φ at 1 afterwards.
 * @param half scratch of the same length.
 * @param velocity v(φ, t_i), i the evaluation's number; its result is read before the next call.
 */
export async function solveFlow(
  plan: SolverPlan,
  state: Float32Array,
  half: Float32Array,
  velocity: (phi: Float32Array, evaluation: number) => Promise<Float32Array>,
): Promise<void> {
  const { rule, h, times } = plan;
  for (let i = 0; i < times.length; i++) {
    if (rule === 'midpoint') {
      const first = await velocity(state, i++);
      for (let n = 0; n < state.length; n++) half[n] = state[n]! + (h / 2) * first[n]!;
    }
    const slope = await velocity(rule === 'midpoint' ? half : state, i);
    for (let n = 0; n < state.length; n++) state[n]! += h * slope[n]!;
  }
}
