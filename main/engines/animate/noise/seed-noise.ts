import { fillNormals } from '../../runtime/philox';
import { Lru } from '../../runtime/lru';

/** The noise stream of the sampler's start; others are for later uses of the same seed. */
const NOISE_STREAM = 0;
const KEPT_NOISES = 16;
/** Seeds that are heard at once while one fades into another; the faintest go first. */
const MOST_SEEDS = 8;

/** How much of the noise of a seed there is: amplitudes whose squares sum up to 1. */
export type SeedShare = { seed: number; amount: number };

/** The noise that seeds stand for, kept for each seed and length (16 of them) [A6]. */
export class SeedNoise {
  readonly #known = new Lru<string, Float32Array>(KEPT_NOISES);

  /** The noise of one seed; shared, not to be changed. */
  of(seed: number, length: number): Float32Array {
    const key = `${seed}:${length}`;
    const known = this.#known.get(key);
    if (known) return known;
    const values = new Float32Array(length);
    fillNormals({ low: seed, high: 0 }, NOISE_STREAM, values);
    this.#known.set(key, values);
    return values;
  }

  /** The noise of several seeds at once: normal again, because their noises are independent [S9]. */
  mixed(shares: readonly SeedShare[], length: number): Float32Array {
    const [first] = shares;
    if (shares.length === 1 && first) return this.of(first.seed, length);
    const out = new Float32Array(length);
    for (const { seed, amount } of shares) {
      const noise = this.of(seed, length);
      for (let i = 0; i < length; i++) out[i] = out[i]! + amount * noise[i]!;
    }
    return out;
  }
}

/** Shares on their way to a seed; `weight` from 0 to 1 goes a quarter of a circle, so that variance stays 1 [S9]. */
export function towardsSeed(from: readonly SeedShare[], seed: number, weight: number): SeedShare[] {
  const [kept, gained] = [Math.cos((weight * Math.PI) / 2), Math.sin((weight * Math.PI) / 2)];
  const shares = new Map<number, number>();
  for (const one of from) shares.set(one.seed, kept * one.amount);
  shares.set(seed, (shares.get(seed) ?? 0) + gained);
  const loudest = [...shares]
    .map(([of, amount]) => ({ seed: of, amount }))
    .filter(({ amount }) => Math.abs(amount) > 1e-3)
    .sort((a, b) => Math.abs(b.amount) - Math.abs(a.amount))
    .slice(0, MOST_SEEDS);
  const norm = Math.hypot(...loudest.map(({ amount }) => amount));
  return loudest.map(({ seed: of, amount }) => ({ seed: of, amount: amount / norm }));
}
