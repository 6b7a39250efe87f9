import { existsSync } from 'node:fs';
import { CPU_BACKEND } from '../../main/engines/runtime/image/cpu-backend';
import { GpuBackend } from '../../main/engines/runtime/image/gpu/gpu-backend';
import { openDevice } from '../../main/engines/runtime/image/gpu/open-device';
import type { ImageJobs, ImageOp } from '../../main/engines/runtime/image/image-ops';
import { openTestDevice } from '../../main/engines/testing/software-gpu';
import { figure, type Figure } from '../lib/figures';
import { imageCases, type ImageCase } from './image-cases';
import { packPlain, unpackPlain } from './plain-packing';

/** Runs that are not counted: compilation, and the first use of memory. */
const WARM_UPS = 3;
const MIN_ROUNDS = 5;

/**
 * The image path: each operation and size on the CPU and on Dawn, and packing in WASM SIMD
 * against plain TypeScript; always in turn, as ratios of one round.
 */
export async function measureImages(seconds: number): Promise<Figure[]> {
  const gpu = await openGpu();
  const figures: Figure[] = [];
  for (const one of imageCases()) {
    figures.push(...(await measureCase(one, gpu, seconds)));
  }
  await gpu?.close();
  return figures;
}

async function measureCase(
  { id, op, job }: ImageCase,
  gpu: GpuBackend | null,
  seconds: number,
): Promise<Figure[]> {
  const onCpu = () => void CPU_BACKEND.run(op, job);
  const figures: Figure[] = [];
  if (gpu) {
    const { firstMs, ratios } = await inTurn(onCpu, () => gpu.run(op, job), seconds);
    figures.push(figure(`${id}CpuMs`, 'ms', 'lower', firstMs));
    figures.push(figure(`${id}DawnSpeedup`, '×', 'higher', ratios, { against: `CPU, by ${gpu.deviceName}` }));
  } else {
    const { firstMs } = await inTurn(onCpu, onCpu, seconds);
    figures.push(figure(`${id}CpuMs`, 'ms', 'lower', firstMs));
  }
  const plain = plainOf(op, job);
  if (plain) {
    const { ratios } = await inTurn(plain, onCpu, seconds);
    figures.push(
      figure(`${id}WasmSpeedup`, '×', 'higher', ratios, { against: 'the same in plain TypeScript' }),
    );
  }
  return figures;
}

/** Milliseconds of the first, and how many times as long it takes as the second, round by round. */
async function inTurn(
  first: () => void,
  second: () => unknown,
  seconds: number,
): Promise<{ firstMs: number[]; ratios: number[] }> {
  const firstMs: number[] = [];
  const ratios: number[] = [];
  const endMs = performance.now() + 1000 * seconds;
  for (let round = 0; round < WARM_UPS + MIN_ROUNDS || performance.now() < endMs; round++) {
    const startMs = performance.now();
    first();
    const betweenMs = performance.now();
    await second();
    if (round < WARM_UPS) continue;
    firstMs.push(betweenMs - startMs);
    ratios.push((betweenMs - startMs) / (performance.now() - betweenMs));
  }
  return { firstMs, ratios };
}

function plainOf<Op extends ImageOp>(op: Op, job: ImageJobs[Op]): (() => void) | null {
  if (op === 'pack') return () => packPlain(job as ImageJobs['pack']);
  if (op === 'unpack') return () => unpackPlain(job as ImageJobs['unpack']);
  return null;
}

/** The machine's own device, or SwiftShader where it has none. */
async function openGpu(): Promise<GpuBackend | null> {
  const isBare = process.platform === 'linux' && !['/dev/dri', '/dev/nvidiactl'].some(existsSync);
  const opened = await (isBare ? openTestDevice() : openDevice()).catch((error: Error) => error.message);
  if (typeof opened !== 'string') return new GpuBackend(opened);
  console.log(`Dawn is not measured. ${opened}`);
  return null;
}
