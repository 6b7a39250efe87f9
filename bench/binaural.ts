import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import * as v from 'valibot';
import { FlowStream, type PlacedBlocks } from '../main/engines/binaural/flow-stream';
import { planSolver, type SolverPlan } from '../main/engines/binaural/solver';
import { openVelocityNetwork, type VelocityNetwork } from '../main/engines/binaural/velocity-graph';
import { StageTimes } from '../main/engines/runtime/timing';
import { ParametricRender } from '../renderer/sound/binaural/parametric-render';
import {
  clickDb,
  dryPose,
  impulse,
  levelAt,
  measuredItdUs,
  play,
  spuriousDb,
  tone,
} from '../renderer/sound/binaural/testing/ear-measures';
import { figure, publish, type Figure } from './lib/figures';
import { secondsOf } from './lib/options';
import { runAgainstPanner } from './lib/panner';

const MODELS_DIR = resolve('native-models');
const QUALITY = resolve('native-models/models/binaural/quality.json');
const VECTORS = resolve('native-models/contracts/binaural-vectors.json');
const MODEL = 'binaural-mini';
const ROUNDS = 4;
const BLOCK = 128;
const RATE = 48_000;
const CHUNK_BLOCKS = 16;

const VectorsSchema = v.object({
  itdUs: v.array(v.object({ azimuth: v.number(), itd: v.number() })),
  ildDb: v.array(v.object({ azimuth: v.number(), hertz: v.array(v.number()), ild: v.array(v.number()) })),
});
const DistanceSchema = v.object({ lsdDb: v.number() });
const QualitySchema = v.object({
  heldOut: v.object({ scenes: v.number(), start: DistanceSchema, nfe1: DistanceSchema }),
});

/** The binaural render and its engine: what a place costs, and how true it is. */
export async function bench(args: readonly string[] = []): Promise<void> {
  const seconds = secondsOf(args, 10);
  const figures: Figure[] = [
    ...(await costAgainstPanner(seconds)),
    ...truth(),
    ...(await costOfNetwork(seconds)),
    ...networkQuality(),
  ];
  publish('binaural', 'cpu', figures);
}

async function costAgainstPanner(seconds: number): Promise<Figure[]> {
  const { ours, panner } = await runAgainstPanner(ROUNDS, seconds);
  const ratios = ours.map((ms, i) => ms / panner[i]!);
  return [
    figure('cpuRatioVsPanner', '×', 'lower', ratios, {
      against: 'PannerNode HRTF without a room; eight orbiting sources, offline, in turn',
    }),
    figure('renderMsPerSecond', 'ms', 'lower', ours, {
      against: 'a second of eight sources with their room',
    }),
    figure('renderedSourcesPerCore', 'sources', 'higher', renderedSources(seconds), {
      against: 'parametric render alone, in Node',
    }),
  ];
}

/** How many renders one core keeps up with. */
function renderedSources(seconds: number): number[] {
  const dry = new Float32Array(BLOCK).map((_, n) => Math.sin(n * n));
  const [left, right] = [new Float32Array(BLOCK), new Float32Array(BLOCK)];
  return Array.from({ length: ROUNDS }, () => {
    const render = new ParametricRender(dryPose(0));
    const blocks = Math.ceil((seconds * RATE) / BLOCK / ROUNDS);
    const start = process.cpuUsage();
    for (let block = 0; block < blocks; block++) {
      render.aim({ ...dryPose((block % 360) - 180), room: 0.5 });
      render.render(dry, left, right);
    }
    return (blocks * BLOCK * 1e6) / RATE / cpuUs(start);
  });
}

/** What the ears get, against the tables of the reference. */
function truth(): Figure[] {
  const { itdUs, ildDb } = v.parse(VectorsSchema, JSON.parse(readFileSync(VECTORS, 'utf8')));
  const itd = itdUs.map((row) => Math.abs(measuredItdUs(row.azimuth) - row.itd));
  const ild = ildDb.flatMap(({ azimuth, hertz, ild: table }) => {
    const [left, right] = play(impulse, 8, dryPose(azimuth));
    return hertz.map((f, i) => Math.abs(20 * Math.log10(levelAt(left, f) / levelAt(right, f)) - table[i]!));
  });
  const every = 24;
  const places = [dryPose(80, 0.5), dryPose(-80, 2), dryPose(170, 0.3), dryPose(0, 1.5)];
  const jumps = play(tone(440), every * 13, places[0]!, (block) => ({
    ...places[Math.floor(block / every) % places.length]!,
    room: 1,
  }));
  const clicks = jumps.flatMap((ear) =>
    Array.from({ length: 12 }, (_, jump) => clickDb(ear, (jump + 1) * every * BLOCK)),
  );
  const perBlock = (2 * 360 * BLOCK) / RATE;
  const orbit = play(tone(2000), 96 + 128, dryPose(0, 1.2), (block) =>
    dryPose(turned(block * perBlock), 1.2),
  );
  const spurious = orbit.map((ear) => spuriousDb(ear.subarray(96 * BLOCK), 2000, 250));
  return [
    worst('clickDb', 'dB', clicks, 'energy above 4 kHz around a teleport of a 440 Hz sine'),
    worst('orbitSpuriousDb', 'dB', spurious, 'outside 1.75–2.25 kHz, a 2 kHz sine at 2 rev/s'),
    worst('itdErrorUs', 'µs', itd, 'Woodworth, five azimuths'),
    worst('ildErrorDb', 'dB', ild, 'the matched shelf, three azimuths, four frequencies'),
  ];
}

function turned(degrees: number): number {
  return ((degrees + 180) % 360) - 180;
}

function worst(id: string, unit: string, samples: readonly number[], against: string): Figure {
  return figure(id, unit, 'lower', samples, { value: Math.max(...samples), against: `${against}; worst` });
}

/** CPU time of the whole engine for one voice, and what early skip saves. */
async function costOfNetwork(seconds: number): Promise<Figure[]> {
  const network = await openVelocityNetwork(MODELS_DIR, MODEL, 1);
  const one = planSolver(1, network.contract.t0);
  const whole = planSolver(4, 0);
  const skipped = planSolver(2, 0.5);
  const share = seconds / ROUNDS / 3;
  const sources: number[] = [];
  const speedups: number[] = [];
  await cpuPerSecond(network, one, 0.2);
  for (let round = 0; round < ROUNDS; round++) {
    sources.push(1 / (await cpuPerSecond(network, one, share)));
    speedups.push(
      (await cpuPerSecond(network, whole, share)) / (await cpuPerSecond(network, skipped, share)),
    );
  }
  await network.release();
  return [
    figure('sourcesRealTimePerCore', 'sources', 'higher', sources, {
      against: 'the network with one evaluation, transforms and all',
    }),
    figure('earlySkipSpeedup', '×', 'higher', speedups, {
      against: 'four evaluations from 0; with skip two from 0.5, the same step',
    }),
  ];
}

async function cpuPerSecond(network: VelocityNetwork, plan: SolverPlan, seconds: number): Promise<number> {
  const stream = new FlowStream(network, plan, new StageTimes());
  const pieces = Math.max(2, Math.ceil((seconds * RATE) / BLOCK / CHUNK_BLOCKS));
  const piece = noisePiece();
  const start = process.cpuUsage();
  for (let i = 0; i < pieces; i++) await stream.push(piece, 1);
  return cpuUs(start) / ((pieces * CHUNK_BLOCKS * BLOCK * 1e6) / RATE);
}

function noisePiece(): PlacedBlocks {
  const stereo = new Float32Array(CHUNK_BLOCKS * BLOCK * 2).map((_, n) => 0.1 * Math.sin(n * n));
  const poses = new Float32Array(CHUNK_BLOCKS * 4).map((_, i) => [0.8, 0.6, 0, 1.5][i % 4]!);
  return { blocks: CHUNK_BLOCKS, poses, stereo };
}

/** What training measured on held-out speech and directions. */
function networkQuality(): Figure[] {
  if (!existsSync(QUALITY)) return [];
  const { heldOut } = v.parse(QualitySchema, JSON.parse(readFileSync(QUALITY, 'utf8')));
  const gain = heldOut.start.lsdDb - heldOut.nfe1.lsdDb;
  return [
    figure('networkVsDspSpectralDb', 'dB', 'higher', [gain], {
      against: `how much nearer (log-spectral distance) to the measured head than the render's ${heldOut.start.lsdDb} dB, ${heldOut.scenes} held-out scenes`,
    }),
  ];
}

function cpuUs(since: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(since);
  return user + system;
}
