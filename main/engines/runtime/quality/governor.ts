import type { EngineReport } from '../engine';

/** A way of making results: what it is called, and its cost over that of the first one. */
export type QualityTier = { label: string; cost: number };

/** What a governor says of itself. */
export type QualityStatus = NonNullable<EngineReport['quality']>;

const WINDOW_MS = 2000;
const MIN_RESULTS = 4;
/** Results before a break this long tell nothing of the present. */
const BREAK_MS = 10_000;
const HIGHEST_LOAD = 1;
const LOAD_AFTER_DOWN = 0.9;
const LOAD_AFTER_UP = 0.75;
const FIRST_PATIENCE_MS = 5000;
const MOST_PATIENCE_MS = 300_000;
/** A way up that is taken back within this time was a mistake. */
const REGRET_MS = 20_000;
/** So long without a change, and the patience becomes less. */
const CALM_MS = 60_000;

type Sample = { atMs: number; load: number };

/** Finds the best tier that keeps up, and commits to it (spec.md, [Q1]–[Q7]). */
export class Governor {
  readonly #tiers: readonly QualityTier[];
  /** As far as measured; estimates at first. */
  #costs: readonly number[];
  readonly #now: () => number;
  #tier = 0;
  #pinned: number | null = null;
  #reason = 'There is time for the best.';
  #samples: Sample[] = [];
  #fresh = true;
  /** The load under the tier before, until the change's effect is measured. */
  #before: { tier: number; load: number } | null = null;
  #roomSinceMs: number | null = null;
  #patienceMs = FIRST_PATIENCE_MS;
  #wentUpMs = -Infinity;
  #calmSinceMs: number;

  /**
   * @param tiers the best first; at least one.
   * @param now a monotonic clock in milliseconds.
   */
  constructor(tiers: readonly QualityTier[], now: () => number) {
    this.#tiers = tiers;
    this.#costs = tiers.map(({ cost }) => cost);
    this.#now = now;
    this.#calmSinceMs = now();
  }

  /** Place of the tier in force. */
  get tier(): number {
    return this.#tier;
  }

  get status(): QualityStatus {
    const labels = this.#tiers.map(({ label }) => label);
    return { tier: this.#tier, labels, pinned: this.#pinned !== null, reason: this.#reason };
  }

  /** Stays at a tier, the nearest there is, or chooses again when given null [Q6]. */
  pin(tier: number | null): void {
    this.#pinned = tier === null ? null : Math.max(0, Math.min(this.#tiers.length - 1, Math.round(tier)));
    if (this.#pinned === null) this.#reason = 'Chosen by the time there is.';
    else this.#change(this.#pinned, 'Chosen by you.');
  }

  /** One result took `costMs` of the `budgetMs` it may take; may change the tier. */
  note(costMs: number, budgetMs: number): void {
    const atMs = this.#now();
    const last = this.#samples.at(-1);
    if (last && atMs - last.atMs > BREAK_MS) this.#forget();
    if (this.#fresh) {
      this.#fresh = false;
      return;
    }
    this.#samples.push({ atMs, load: costMs / budgetMs });
    const kept = this.#samples.findIndex((sample) => sample.atMs > atMs - WINDOW_MS);
    this.#samples.splice(0, Math.min(kept, Math.max(0, this.#samples.length - MIN_RESULTS)));
    if (this.#samples.length < MIN_RESULTS) return;
    const load = this.#samples.reduce((sum, sample) => sum + sample.load, 0) / this.#samples.length;
    this.#learn(load);
    if (this.#pinned === null) this.#govern(load, atMs);
  }

  #govern(load: number, atMs: number): void {
    if (atMs - this.#calmSinceMs > CALM_MS) {
      this.#patienceMs = Math.max(FIRST_PATIENCE_MS, this.#patienceMs / 2);
      this.#calmSinceMs = atMs;
    }
    if (load > HIGHEST_LOAD) {
      this.#down(load, atMs);
      return;
    }
    const above = this.#tier - 1;
    if (above < 0 || this.#foreseen(load, above) > LOAD_AFTER_UP) {
      this.#roomSinceMs = null;
      return;
    }
    this.#roomSinceMs ??= atMs;
    if (atMs - this.#roomSinceMs < this.#patienceMs) return;
    this.#before = { tier: this.#tier, load };
    this.#wentUpMs = atMs;
    this.#change(above, above === 0 ? 'There is time for the best.' : 'There is time for more.');
  }

  #down(load: number, atMs: number): void {
    const cheapest = this.#tiers.length - 1;
    if (this.#tier === cheapest) return;
    if (atMs - this.#wentUpMs < REGRET_MS)
      this.#patienceMs = Math.min(MOST_PATIENCE_MS, 2 * this.#patienceMs);
    let next = this.#tier + 1;
    while (next < cheapest && this.#foreseen(load, next) > LOAD_AFTER_DOWN) next++;
    this.#before = { tier: this.#tier, load };
    this.#change(next, `${this.#tiers[this.#tier]!.label} took ${percent(load)} of the time there is.`);
  }

  #foreseen(load: number, tier: number): number {
    return (load * this.#costs[tier]!) / this.#costs[this.#tier]!;
  }

  /** The first mean after a change tells what the tier really costs beside the one before [Q4]. */
  #learn(load: number): void {
    const before = this.#before;
    if (!before) return;
    this.#before = null;
    const [from, to] = [this.#costs[before.tier]!, this.#costs[this.#tier]!];
    const measured = (from * load) / before.load;
    const higher = this.#tier < before.tier;
    const learnt = (to + measured) / 2;
    // Load from elsewhere that came or went meanwhile must not turn the order of the tiers.
    const cost = higher ? Math.max(learnt, from * 1.05) : Math.min(learnt, from / 1.05);
    this.#costs = this.#costs.map((old, tier) => {
      if (tier === before.tier) return old;
      const between = (tier - before.tier) * (tier - this.#tier) < 0;
      // What lies between keeps its place there, by orders of magnitude; what lies beyond its distance.
      if (between) return from * (cost / from) ** (Math.log(old / from) / Math.log(to / from));
      const beyond = (tier - this.#tier) * (this.#tier - before.tier) >= 0;
      return beyond ? (old * cost) / to : old;
    });
  }

  #change(tier: number, reason: string): void {
    this.#reason = reason;
    if (tier === this.#tier) return;
    this.#tier = tier;
    this.#calmSinceMs = this.#now();
    this.#forget();
  }

  #forget(): void {
    this.#samples = [];
    this.#fresh = true;
    this.#roomSinceMs = null;
  }
}

function percent(load: number): string {
  return `${Math.round(100 * load)} %`;
}
