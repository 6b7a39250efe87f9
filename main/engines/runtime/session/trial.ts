import type { Tensors } from './backend';
import { compareResults } from './provider-check';

const RUNS = 3;
/** A provider that takes so many times as long is not timed again. */
const HOPELESS = 4;

/** How long a model takes on a provider and on the processor, in milliseconds, all its graphs together. */
export type TrialTimes = { providerMs: number; cpuMs: number };

/**
 * Tries a provider on the graphs of one model: each must agree with the processor, and the
 * shortest of three runs counts, after one that is not counted, in turn with the processor's.
 */
export class Trial {
  readonly times: TrialTimes = { providerMs: 0, cpuMs: 0 };

  /** @throws StudioError `provider.refused`. */
  async compare(
    subject: string,
    onProvider: () => Promise<Tensors>,
    onCpu: () => Promise<Tensors>,
  ): Promise<void> {
    compareResults(subject, await onProvider(), await onCpu());
    let [providerMs, cpuMs] = [Infinity, Infinity];
    for (let run = 0; run < RUNS; run++) {
      providerMs = Math.min(providerMs, await timed(onProvider));
      cpuMs = Math.min(cpuMs, await timed(onCpu));
      if (providerMs > HOPELESS * cpuMs) break;
    }
    this.times.providerMs += providerMs;
    this.times.cpuMs += cpuMs;
  }
}

async function timed(run: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await run();
  return performance.now() - start;
}
