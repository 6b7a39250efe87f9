import { SAMPLE_RATE } from '../schedule';

/** Speed of sound, m/s, and radius of the head, m. */
export const SPEED_MS = 343;
const RADIUS_M = 0.0875;
/** Brown and Duda's shelf: β = 2c/a, least α, and the angle of least α in degrees. */
const BETA = (2 * SPEED_MS) / RADIUS_M;
const ALPHA_MIN = 0.1;
const THETA_MIN_DEG = 150;
/** The bilinear transform is matched to the analogue shelf here, Hz. */
const MATCHED_HZ = 5000;
const WARP = (2 * Math.PI * MATCHED_HZ) / Math.tan((Math.PI * MATCHED_HZ) / SAMPLE_RATE);

/** a₁ of the head shadow, the same for every angle: y[n] = b₀ x[n] + b₁ x[n−1] − a₁ y[n−1]. */
export const SHADOW_POLE = (BETA - WARP) / (BETA + WARP);

/**
 * Woodworth's delay of one ear in samples, 0 and more: (a/c)(1 − cos θ) for θ < 90°, else
 * (a/c)(1 + θ − π/2) [B3].
 * @param theta angle between the source's direction and the ear's axis, rad.
 */
export function earDelayFrames(theta: number): number {
  const way = theta < Math.PI / 2 ? -Math.cos(theta) : theta - Math.PI / 2;
  return SAMPLE_RATE * (RADIUS_M / SPEED_MS) * (1 + way);
}

/**
 * α of Brown and Duda's head shadow (αs + β)/(s + β): 1.05 + 0.95 cos(θ · 180°/150°) [B4]
 * (Brown and Duda, "A structural model for binaural sound synthesis", 1998).
 */
export function shadowAlpha(theta: number): number {
  const turn = (theta * 180) / THETA_MIN_DEG;
  return 1 + ALPHA_MIN / 2 + (1 - ALPHA_MIN / 2) * Math.cos(turn);
}

/** b₀ of the shadow for an α. */
export function shadowB0(alpha: number): number {
  return (BETA + alpha * WARP) / (BETA + WARP);
}

/** b₁ of the shadow for an α. */
export function shadowB1(alpha: number): number {
  return (BETA - alpha * WARP) / (BETA + WARP);
}

/** k of the one-pole low-pass y += k (x − y): 1 − exp(−2π f / 48 000). */
export function onePole(hertz: number): number {
  return 1 - Math.exp((-2 * Math.PI * hertz) / SAMPLE_RATE);
}
