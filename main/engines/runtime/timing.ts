/** How far back the means reach. */
const WINDOW_MS = 1000;

type Sample = { atMs: number; ms: number };

/** Mean duration of each named stage over the last second. */
export class StageTimes {
  readonly #now: () => number;
  readonly #samples = new Map<string, Sample[]>();

  /** `now`: a monotonic clock in milliseconds. */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** The clock that durations are taken from, in milliseconds. */
  now(): number {
    return this.#now();
  }

  /** Notes that a stage took from `startMs` until now; answers with the time now. */
  since(stage: string, startMs: number): number {
    const atMs = this.#now();
    this.add(stage, atMs - startMs, atMs);
    return atMs;
  }

  /** Notes one duration in milliseconds. */
  add(stage: string, ms: number, atMs = this.#now()): void {
    let samples = this.#samples.get(stage);
    if (!samples) this.#samples.set(stage, (samples = []));
    samples.push({ atMs, ms });
    forgetOld(samples, atMs - WINDOW_MS);
  }

  /** Stage name → mean milliseconds; a stage that did not run in the last second is left out. */
  means(): Record<string, number> {
    const oldest = this.#now() - WINDOW_MS;
    const means: Record<string, number> = {};
    for (const [stage, samples] of this.#samples) {
      forgetOld(samples, oldest);
      if (samples.length === 0) continue;
      means[stage] = samples.reduce((sum, sample) => sum + sample.ms, 0) / samples.length;
    }
    return means;
  }
}

function forgetOld(samples: Sample[], oldestMs: number): void {
  let old = 0;
  while (old < samples.length && samples[old]!.atMs < oldestMs) old++;
  if (old > 0) samples.splice(0, old);
}
