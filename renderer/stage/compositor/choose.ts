import { CANVAS2D } from './canvas2d';
import type { CompositorChoice } from './compositor';
import { probe, type ProbeResult } from './probe';

/** Another backend must be this much faster to be worth leaving the one that cannot be lost. */
const WORTH_IT = 0.8;
/** A way whose second picture takes this many times the best one's is not timed further. */
const HOPELESS = 3;

/** The compositor to use and how each way did. */
export type Choice = { choice: CompositorChoice; results: ProbeResult[] };

/** Tries each way on this machine and picks the fastest whose pixels are right. */
export async function chooseCompositor(ways: readonly CompositorChoice[]): Promise<Choice> {
  const results: ProbeResult[] = [];
  for (const way of ways) {
    const bestMs = Math.min(...results.filter(({ ok }) => ok).map(({ frameMs }) => frameMs));
    results.push(await probe(way, bestMs * HOPELESS));
  }
  const canvas2d = results[ways.indexOf(CANVAS2D)];
  const limitMs = canvas2d?.ok === true ? canvas2d.frameMs * WORTH_IT : Number.POSITIVE_INFINITY;
  let best: { choice: CompositorChoice; frameMs: number } = { choice: CANVAS2D, frameMs: limitMs };
  ways.forEach((choice, index) => {
    const result = results[index];
    if (choice === CANVAS2D || result?.ok !== true || result.frameMs >= best.frameMs) return;
    best = { choice, frameMs: result.frameMs };
  });
  return { choice: best.choice, results };
}
