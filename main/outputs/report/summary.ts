import type { Spread, StageStats } from '../../../contract/stage';

/** A duration over the whole recording; null where it was never measured. */
export type Figure = {
  /** Median of the samples' own medians. */
  p50Ms: number;
  /** The worst of the samples' 95th percentiles. */
  worstP95Ms: number;
};

/** One engine-driven layer over the whole recording. */
export type EngineSummary = {
  layerId: string;
  /** Mean of distinct new pictures per second. */
  fps: number;
  /** Pictures superseded or never answered, in all. */
  dropped: number;
  knobToPixel: Figure | null;
  age: Figure | null;
  /** Stage name → mean milliseconds. */
  stagesMs: Record<string, number>;
};

/** What the stage's samples say together; null without samples. */
export type Summary = {
  samples: number;
  fps: { mean: number; lowest: number };
  /** Shares of all ticks of the recording. */
  lateTickShare: number;
  skippedTickShare: number;
  composite: Figure | null;
  encode: Figure | null;
  backend: string;
  encoder: string | null;
  soundJumps: number;
  engines: EngineSummary[];
};

/** Sums samples up. Counters since start become what was added during the samples. */
export function summarise(stats: readonly StageStats[]): Summary | null {
  const first = stats[0];
  const last = stats.at(-1);
  if (first === undefined || last === undefined) return null;
  const ticks = Math.max(1, last.ticks - first.ticks);
  const layers = [...new Set(stats.flatMap((sample) => sample.engines.map((engine) => engine.layerId)))];
  return {
    samples: stats.length,
    fps: {
      mean: mean(stats.map((sample) => sample.fps)),
      lowest: Math.min(...stats.map((sample) => sample.fps)),
    },
    lateTickShare: Math.max(0, last.lateTicks - first.lateTicks) / ticks,
    skippedTickShare: Math.max(0, last.skippedTicks - first.skippedTicks) / ticks,
    composite: figure(stats.map((sample) => sample.compositeMs)),
    encode: figure(stats.map((sample) => sample.encodeMs)),
    backend: last.backend,
    encoder: last.encoder,
    soundJumps: Math.max(0, last.soundJumps - first.soundJumps),
    engines: layers.map((layerId) => summariseEngine(stats, layerId)),
  };
}

function summariseEngine(stats: readonly StageStats[], layerId: string): EngineSummary {
  const samples = stats.flatMap((sample) => sample.engines.filter((engine) => engine.layerId === layerId));
  const stages = [...new Set(samples.flatMap((engine) => Object.keys(engine.stagesMs)))];
  return {
    layerId,
    fps: mean(samples.map((engine) => engine.fps)),
    dropped: samples.reduce((sum, engine) => sum + engine.dropped, 0),
    knobToPixel: figure(samples.map((engine) => engine.knobToPixelMs)),
    age: figure(samples.map((engine) => engine.ageMs)),
    stagesMs: Object.fromEntries(
      stages.map((name) => [name, mean(samples.flatMap((engine) => engine.stagesMs[name] ?? []))]),
    ),
  };
}

function figure(spreads: readonly (Spread | null)[]): Figure | null {
  const known = spreads.filter((spread) => spread !== null).filter((spread) => spread.n > 0);
  if (known.length === 0) return null;
  return {
    p50Ms: median(known.map((spread) => spread.p50)),
    worstP95Ms: Math.max(...known.map((spread) => spread.p95)),
  };
}

function mean(values: readonly number[]): number {
  return values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length;
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
