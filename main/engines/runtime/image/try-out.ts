import { StudioError } from '../../../../contract/errors';
import { CPU_BACKEND } from './cpu-backend';
import type { ImageBackend, ImageJobs, ImageOp } from './image-ops';

/** Timed runs of each backend, in turn, after one that is not. */
const ROUNDS = 3;
/** A GPU must take at most this share of the CPU's time: an even race is no reason to leave the CPU. */
const CLEARLY_FASTER = 0.8;
/** How far floats may be apart, of values within ±1 absolutely, of larger ones relatively [I10]. */
const TOLERANCE = 1e-5;

/** How an operation went on both backends; `broken` is its own answer. */
export type TryOut = { winner: 'cpu' | 'webgpu'; broken: number };

/**
 * Does a job on the CPU and on a GPU, in turn, and says which is faster here [I11]. The job's
 * `out` is left as the CPU made it.
 * @param now a monotonic clock, in milliseconds
 * @throws StudioError `gpu.failed` when the results differ, or as the GPU does.
 */
export async function tryOut<Op extends ImageOp>(
  op: Op,
  job: ImageJobs[Op],
  gpu: ImageBackend,
  now: () => number,
): Promise<TryOut> {
  const leastMs = { cpu: Infinity, gpu: Infinity };
  const broken = CPU_BACKEND.run(op, job);
  const wanted = job.out.slice();
  for (let round = 0; round <= ROUNDS; round++) {
    const startMs = now();
    const counted = await gpu.run(op, job);
    const gpuMs = now() - startMs;
    if (round === 0) checkAlike(op, wanted, job.out, broken, counted);
    const cpuStartMs = now();
    CPU_BACKEND.run(op, job);
    const cpuMs = now() - cpuStartMs;
    if (round === 0) continue;
    leastMs.gpu = Math.min(leastMs.gpu, gpuMs);
    leastMs.cpu = Math.min(leastMs.cpu, cpuMs);
  }
  return { winner: leastMs.gpu <= CLEARLY_FASTER * leastMs.cpu ? 'webgpu' : 'cpu', broken };
}

function checkAlike(
  op: ImageOp,
  wanted: ImageJobs[ImageOp]['out'],
  got: ImageJobs[ImageOp]['out'],
  broken: number,
  counted: number,
): void {
  const isExact = !(wanted instanceof Float32Array);
  const at = wanted.findIndex((value, i) => !isAlike(value, got[i]!, isExact));
  if (at < 0 && broken === counted) return;
  const difference =
    at < 0
      ? `${counted} broken pixels instead of ${broken}`
      : `${got[at]} instead of ${wanted[at]} at element ${at}`;
  throw new StudioError(
    'engine',
    'gpu.failed',
    `The graphics device must give the CPU's results and gave ${difference} in "${op}".`,
  );
}

/** What is not finite may become anything on a GPU, and says nothing of it. */
function isAlike(wanted: number, got: number, isExact: boolean): boolean {
  if (wanted === got || !Number.isFinite(wanted)) return true;
  return !isExact && Math.abs(wanted - got) <= TOLERANCE * Math.max(1, Math.abs(wanted));
}
