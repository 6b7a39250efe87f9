import { resolve } from 'node:path';
import { MovingNoise } from '../../main/engines/animate/noise/moving-noise';
import { SeedNoise } from '../../main/engines/animate/noise/seed-noise';
import { AnimatePipeline, type SourcePicture } from '../../main/engines/animate/pipeline';
import { lookOf } from '../../main/engines/animate/testing';
import { StageTimes } from '../../main/engines/runtime/timing';
import { figure, type Figure } from '../lib/figures';
import { filmFrames, panFrames } from './film';

const SIZE = { width: 256, height: 256 };
const SEED = 2;
const FRAMES = 12;
/** Pixels a picture: within a cell of the latent, and a whole one. */
const PANS = [2, 8];
/** Looks whose texture comes from noise. */
const LOOKS = ['sketch', 'ink', 'mosaic', 'comic', 'poster', 'bronze'];
/** Pixels at the edges are left out: what comes in there was never seen before. */
const EDGE = 16;

/**
 * What noise that moves with its source does to flicker: the difference of a result and the one before
 * along the flow of a pan, against noise that stands still; and what a picture of it costs.
 */
export async function measureFlicker(): Promise<Figure[]> {
  const pipeline = await AnimatePipeline.open(resolve('native-models'), 'animate-mini', 2, new StageTimes());
  const shape = pipeline.latentShape(SIZE);
  const fixed = new SeedNoise().of(SEED, shape.channels * shape.rows * shape.columns);
  const costs: number[] = [];
  const figures: Figure[] = [];

  async function results(
    prompt: string,
    pan: readonly SourcePicture[],
    noiseOf: (frame: SourcePicture) => Promise<Float32Array>,
  ) {
    const made: Uint8ClampedArray[] = [];
    const look = await lookOf(pipeline, { prompt: pipeline.tokenize(prompt), strength: 1, seed: SEED }, SIZE);
    for (const frame of pan) {
      const out = new Uint8ClampedArray(4 * SIZE.width * SIZE.height);
      await pipeline.enter(null, frame, SIZE, { ...look, noise: await noiseOf(frame) });
      await pipeline.step(() => out);
      made.push(out);
    }
    return made;
  }

  try {
    for (const pixels of PANS) {
      const pan = panFrames(FRAMES, pixels);
      const ratios: number[] = [];
      for (const prompt of LOOKS) {
        const moving = new MovingNoise(pipeline.warp);
        const still = flickerOf(await results(prompt, pan, async () => fixed), pixels);
        const move = (frame: SourcePicture) => moving.next(frame, SIZE, shape, SEED, 0);
        ratios.push(flickerOf(await results(prompt, pan, move), pixels) / still);
      }
      figures.push(
        figure(`movingNoiseFlicker${pixels}`, 'ratio', 'lower', ratios, {
          against: `noise that stands still, along the flow of a pan of ${pixels} pixels a picture, ${LOOKS.length} looks`,
        }),
      );
    }
    const film = filmFrames(60);
    const moving = new MovingNoise(pipeline.warp);
    for (const frame of film) {
      const startMs = performance.now();
      await moving.next(frame, SIZE, shape, SEED, 0);
      costs.push(performance.now() - startMs);
    }
  } finally {
    await pipeline.release();
  }
  figures.push(
    figure('warpMs', 'ms', 'lower', costs.slice(2), {
      against: 'one picture of the film: flow, warp and reduction, 16 channels',
    }),
  );
  return figures;
}

/** Mean difference of each result and the one before, moved by the pan; 0 … 255. */
function flickerOf(results: readonly Uint8ClampedArray[], pixels: number): number {
  let [sum, count] = [0, 0];
  for (let k = 1; k < results.length; k++) {
    for (let y = EDGE; y < SIZE.height - EDGE; y++) {
      for (let x = EDGE; x < SIZE.width - EDGE - pixels; x++) {
        const at = 4 * (y * SIZE.width + x);
        for (let c = 0; c < 3; c++) {
          sum += Math.abs(results[k]![at + c]! - results[k - 1]![at + 4 * pixels + c]!);
          count++;
        }
      }
    }
  }
  return sum / count;
}
