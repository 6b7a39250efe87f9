import { toStudioError } from '../../../../contract/errors';
import type { EngineReport } from '../engine';
import { checkJob } from './check-job';
import { CPU_BACKEND } from './cpu-backend';
import type { GpuBackend } from './gpu/gpu-backend';
import { openGuardedGpu } from './gpu/guarded-gpu';
import type { ImageJobs, ImageOp } from './image-ops';
import { tryOut } from './try-out';

/** What the image path needs of a GPU. */
export type Gpu = Pick<GpuBackend, 'name' | 'deviceName' | 'lost' | 'fits' | 'run' | 'close'>;

/** Where pictures are made, and why, in words. */
export type ImageStatus = NonNullable<EngineReport['images']>;

/** What a test may put in place of the machine. */
export type ImagePathOptions = {
  openGpu?: () => Promise<Gpu>;
  /** A monotonic clock, in milliseconds. */
  now?: () => number;
  /** First wait before a lost device is opened again; each further one is twice as long. */
  retryMs?: number;
};

const FIRST_RETRY_MS = 500;
/** Longest wait; a device that lived longer than this begins anew with the first. */
const MAX_RETRY_MS = 60_000;
/** Choices are forgotten beyond so many: a size that changes all the time must not fill memory. */
const MAX_CHOICES = 64;

/**
 * The operations on pictures, each where this machine does it faster [I11]: the first job of an
 * operation and size is done on both backends, checked and timed; the choice holds for the run.
 * A GPU that fails, differs or is lost is left for the CPU within the same job, and opened
 * again later [I12].
 */
export class ImagePath {
  readonly #openGpu: () => Promise<Gpu>;
  readonly #now: () => number;
  readonly #firstRetryMs: number;
  readonly #choices = new Map<string, 'cpu' | 'webgpu'>();
  #gpu: Gpu | null = null;
  #reason = '';
  #retryMs: number;
  #openedAtMs = 0;
  #retry: NodeJS.Timeout | undefined;
  #isClosed = false;

  private constructor(user: string, { openGpu, now, retryMs }: ImagePathOptions) {
    this.#openGpu = openGpu ?? (() => openGuardedGpu(user));
    this.#now = now ?? (() => performance.now());
    this.#firstRetryMs = retryMs ?? FIRST_RETRY_MS;
    this.#retryMs = this.#firstRetryMs;
  }

  /**
   * Never fails: without a GPU there is the CPU.
   * @param user the engine whose pictures these are
   */
  static async open(user: string, options: ImagePathOptions = {}): Promise<ImagePath> {
    const path = new ImagePath(user, options);
    await path.#tryOpen();
    return path;
  }

  get status(): ImageStatus {
    if (!this.#gpu) return { backend: 'cpu', reason: this.#reason };
    const { deviceName } = this.#gpu;
    const chosen = [...this.#choices].filter(([, backend]) => backend === 'webgpu').map(([job]) => job);
    if (chosen.length > 0) {
      return { backend: 'webgpu', reason: `Measured faster on "${deviceName}": ${chosen.join(', ')}.` };
    }
    const measured = this.#choices.size > 0;
    const reason = measured
      ? `Measured faster than "${deviceName}".`
      : `"${deviceName}" is not measured yet.`;
    return { backend: 'cpu', reason };
  }

  /**
   * Does a job.
   * @returns how many pixels held a value that is not finite (`pack`), 0 for the others.
   * @throws StudioError `argument.invalid` before anything is done.
   */
  async run<Op extends ImageOp>(op: Op, job: ImageJobs[Op]): Promise<number> {
    checkJob(op, job);
    const gpu = this.#gpu;
    if (!gpu) return CPU_BACKEND.run(op, job);
    const key = describe(op, job);
    try {
      const choice = this.#choices.get(key);
      if (choice === 'webgpu') return await gpu.run(op, job);
      if (choice === 'cpu') return CPU_BACKEND.run(op, job);
      return await this.#choose(gpu, key, op, job);
    } catch (error) {
      this.#giveUp(gpu, toStudioError(error, 'engine', 'gpu.failed').message);
      return CPU_BACKEND.run(op, job);
    }
  }

  /** Frees the GPU after the job under way; nothing may be run afterwards. */
  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#retry);
    const gpu = this.#gpu;
    this.#gpu = null;
    await gpu?.close();
  }

  async #choose<Op extends ImageOp>(gpu: Gpu, key: string, op: Op, job: ImageJobs[Op]): Promise<number> {
    const { winner, broken } = gpu.fits(op, job)
      ? await tryOut(op, job, gpu, this.#now)
      : { winner: 'cpu' as const, broken: CPU_BACKEND.run(op, job) };
    if (this.#choices.size >= MAX_CHOICES) this.#choices.clear();
    if (gpu === this.#gpu) this.#choices.set(key, winner);
    return broken;
  }

  async #tryOpen(): Promise<boolean> {
    try {
      const gpu = await this.#openGpu();
      if (this.#isClosed) {
        await gpu.close();
        return false;
      }
      this.#gpu = gpu;
      this.#openedAtMs = this.#now();
      void gpu.lost.then((words) => this.#giveUp(gpu, `The graphics device was lost: ${words}`));
      return true;
    } catch (error) {
      this.#reason = toStudioError(error, 'engine', 'gpu.unavailable').message;
      return false;
    }
  }

  #giveUp(gpu: Gpu, why: string): void {
    if (gpu !== this.#gpu) return;
    this.#gpu = null;
    this.#choices.clear();
    void gpu.close();
    if (this.#now() - this.#openedAtMs > MAX_RETRY_MS) this.#retryMs = this.#firstRetryMs;
    this.#retryLater(why);
  }

  #retryLater(why: string): void {
    const waitMs = this.#retryMs;
    this.#retryMs = Math.min(MAX_RETRY_MS, 2 * waitMs);
    const sentence = /[.!?]$/.test(why) ? why : `${why}.`;
    this.#reason = `${sentence} Pictures are made on the CPU; it is tried again in ${waitMs / 1000} s.`;
    this.#retry = setTimeout(() => void this.#reopen(), waitMs);
    this.#retry.unref();
  }

  async #reopen(): Promise<void> {
    if (!(await this.#tryOpen()) && !this.#isClosed) this.#retryLater(this.#reason);
  }
}

/** An operation and its sizes, in elements. */
function describe<Op extends ImageOp>(op: Op, job: ImageJobs[Op]): string {
  const read = 'source' in job ? `${job.source.width}×${job.source.height} ` : '';
  const size = 'width' in job ? `${job.width}×${job.height} ` : '';
  return `${op} ${read}${size}to ${job.out.length} values`;
}
