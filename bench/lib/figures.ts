import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join, resolve } from 'node:path';

/** One measured number. `n`, `min`, `median`, `max` describe the samples it comes from. */
export type Figure = {
  id: string;
  value: number;
  unit: string;
  better: 'higher' | 'lower' | 'target';
  /** What the figure is a ratio to, or what it is held against. */
  against?: string;
  n: number;
  min: number;
  median: number;
  max: number;
};

/** The result file of one bench. */
export type BenchResult = {
  name: string;
  date: string;
  machine: { cpu: string; cores: number; gpu: string; node: string; provider: string };
  figures: Figure[];
};

/** A figure from samples; its value is their median unless another is given. */
export function figure(
  id: string,
  unit: string,
  better: Figure['better'],
  samples: readonly number[],
  extra: { against?: string; value?: number } = {},
): Figure {
  const sorted = [...samples].sort((a, b) => a - b);
  if (sorted.length === 0) throw new Error(`Figure "${id}" has no samples.`);
  const median = sorted[Math.floor(sorted.length / 2)]!;
  return {
    id,
    value: extra.value ?? median,
    unit,
    better,
    ...(extra.against ? { against: extra.against } : {}),
    n: sorted.length,
    min: sorted[0]!,
    median,
    max: sorted.at(-1)!,
  };
}

/** Prints the table and its one-line summary and writes `out/bench/NAME.json`. */
export function publish(name: string, provider: string, figures: Figure[]): void {
  const result: BenchResult = {
    name,
    date: new Date().toISOString(),
    machine: {
      cpu: cpus()[0]?.model ?? 'unknown',
      cores: cpus().length,
      gpu: gpuName(),
      node: process.version,
      provider,
    },
    figures,
  };
  const folder = resolve('out', 'bench');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, `${name}.json`), `${JSON.stringify(result, null, 2)}\n`);
  console.log(`\n${name} on ${result.machine.cpu}, ${result.machine.cores} cores, ${result.machine.gpu}`);
  for (const f of figures) {
    const spread = f.n > 1 ? `  (n ${f.n}, ${round(f.min)} … ${round(f.max)})` : '';
    console.log(
      `  ${f.id.padEnd(24)} ${String(round(f.value)).padStart(10)} ${f.unit}${spread}${f.against ? `  against ${f.against}` : ''}`,
    );
  }
  console.log(`${name}: ${figures.map((f) => `${f.id} ${round(f.value)} ${f.unit}`).join(' · ')}`);
}

function round(value: number): number {
  return Number(value.toPrecision(4));
}

function gpuName(): string {
  try {
    return execFileSync('nvidia-smi', ['--query-gpu=name', '--format=csv,noheader'], {
      encoding: 'utf8',
      timeout: 5000,
    }).trim();
  } catch {
    return 'no NVIDIA GPU';
  }
}
