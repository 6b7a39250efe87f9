import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { CausalStream } from '../../main/engines/generate/causal-stream';
import { latentSize } from '../../main/engines/generate/contract';
import { Film } from '../../main/engines/generate/film';
import { GeneratePipeline } from '../../main/engines/generate/pipeline';
import { fillChunkNoise } from '../../main/engines/generate/sampling';
import { StageTimes } from '../../main/engines/runtime/timing';
import { figure, type Figure } from './figures';

const MODELS = resolve('native-models');
const TINY = resolve('main/engines/testing/models/scenes-tiny');
/** What the shipped model's catalogue entry is named. */
export const SHIPPED = 'scenes';
const PAIRS = 10;
/** A long run is long enough when it has made so many frames. */
const LONG_FRAMES = 10_000;
const SEGMENT_SECONDS = 10;
const WARM_CHUNKS = 20;
const SEED = { low: 1, high: 0 };
const PROMPTS = ['mountains dusk', 'neon city night rain'];

const yes = async () => true;

/** Whether the shipped model is there. */
export function hasShipped(): boolean {
  const { models } = JSON.parse(readFileSync(join(MODELS, 'catalogue.json'), 'utf8')) as {
    models: { id: string }[];
  };
  return models.some(({ id }) => id === SHIPPED);
}

/**
 * What only the engine knows, measured in this process: what the cache saves, what a
 * re-cache costs, and whether cost and memory stay flat over 10,000 frames.
 * @param longestSeconds the long run ends here at the latest, after its warm-up
 */
export async function measureEngine(shipped: boolean, longestSeconds: number): Promise<Figure[]> {
  const [dir, id] = shipped ? [MODELS, SHIPPED] : [TINY, 'scenes-tiny'];
  const pipeline = await GeneratePipeline.open(dir, id, 2, new StageTimes());
  try {
    return [...(await measurePasses(pipeline)), ...(await measureLongRun(pipeline, longestSeconds))];
  } finally {
    await pipeline.release();
  }
}

/** One chunk with the cache against one without, and a re-cache against both, in turn. */
async function measurePasses(pipeline: GeneratePipeline): Promise<Figure[]> {
  const { contract, runner } = pipeline;
  const { chunk, window, sigmas, fps } = contract;
  const hidden = await pipeline.embed(pipeline.tokenize(PROMPTS[0]!).ids);
  const stream = new CausalStream(runner, contract, new StageTimes());
  const look = { hidden, seed: SEED, rewrite: false };
  for (let c = 0; c < window / chunk + 1; c++) await stream.advance(look, yes);
  const visible = new Float32Array(window * latentSize(contract));
  fillChunkNoise(SEED, 0, 0, visible);
  const levels = (sigma: number) =>
    Array.from({ length: window }, (_, i) => (i < window - chunk ? 0 : sigma));
  const speedups: number[] = [];
  const shares: number[] = [];
  for (let i = 0; i < PAIRS; i++) {
    const cachedMs = await timed(() => stream.advance(look, yes));
    const fullMs = await timed(async () => {
      for (const sigma of sigmas) await runner.maskedVelocity(visible, levels(sigma), hidden);
    });
    const recacheMs = await timed(() => runner.windowPass(hidden, stream.memory));
    speedups.push(fullMs / cachedMs);
    shares.push(recacheMs / (cachedMs * ((SEGMENT_SECONDS * fps) / chunk)));
  }
  return [
    figure('kvCacheSpeedup', '×', 'higher', speedups, {
      against: `the whole window of ${window} frames in every denoising pass, without a cache`,
    }),
    figure('recacheCostShare', 'of the network’s time', 'lower', shares, {
      against: `one prompt switch in ${SEGMENT_SECONDS} s of film`,
    }),
  ];
}

/** The last tenth of a long film, with a prompt switch every 25 chunks, against its first. */
async function measureLongRun(pipeline: GeneratePipeline, longestSeconds: number): Promise<Figure[]> {
  const film = new Film(pipeline, new StageTimes());
  film.begin(0);
  const memoryBytes = film.memoryBytes;
  const ids = PROMPTS.map((prompt) => pipeline.tokenize(prompt).ids);
  const cpuMs: number[] = [];
  const rss: number[] = [];
  let endMs = Number.POSITIVE_INFINITY;
  const chunks = Math.ceil(LONG_FRAMES / pipeline.chunk) + WARM_CHUNKS;
  for (let c = 0; c < chunks && performance.now() < endMs; c++) {
    const look = { ids: ids[Math.floor(c / 25) % ids.length]!, seed: 1, blendMs: 0, version: 1 };
    const before = process.cpuUsage();
    await film.advance(look, breath, () => {});
    const used = process.cpuUsage(before);
    if (c < WARM_CHUNKS) {
      endMs = performance.now() + 1000 * longestSeconds;
      continue;
    }
    cpuMs.push((used.user + used.system) / 1000 / pipeline.chunk);
    rss.push(process.memoryUsage.rss());
  }
  if (film.memoryBytes !== memoryBytes) throw new Error('A film must remember in constant memory and grew.');
  const frames = cpuMs.length * pipeline.chunk;
  const against = `last tenth against first of ${frames} frames`;
  return [
    figure('cpuMsPerFrame', 'ms', 'lower', cpuMs, { against: `one of ${frames} frames, all threads` }),
    figure('costGrowth', '×', 'target', [growth(cpuMs)], { against }),
    figure('rssGrowth', '×', 'target', [growth(rss)], { against }),
    figure('rememberedMiB', 'MiB', 'lower', [memoryBytes / 2 ** 20], {
      against: 'keys, values and latents of a stream',
    }),
  ];
}

async function breath(): Promise<boolean> {
  await new Promise((resolve) => setImmediate(resolve));
  return true;
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const startMs = performance.now();
  await work();
  return performance.now() - startMs;
}

/** Median of the last tenth over that of the first. */
function growth(samples: readonly number[]): number {
  const tenth = Math.ceil(samples.length / 10);
  if (tenth === 0) throw new Error('The long run was too short to measure; give it more --seconds.');
  return median(samples.slice(-tenth)) / median(samples.slice(0, tenth));
}

function median(samples: readonly number[]): number {
  return [...samples].sort((a, b) => a - b)[Math.floor(samples.length / 2)]!;
}
