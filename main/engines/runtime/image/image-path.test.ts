import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { openTestDevice } from '../../testing/software-gpu';
import { StudioError } from '../../../../contract/errors';
import { CPU_BACKEND } from './cpu-backend';
import { GpuBackend } from './gpu/gpu-backend';
import type { ImageJobs, ImageOp } from './image-ops';
import { ImagePath, type Gpu } from './image-path';

/** Every look at the clock takes 10 ms, so the CPU seems to take 10; a GPU moves the clock itself. */
class StepClock {
  #ms = 0;
  readonly now = () => (this.#ms += 10);
  move(ms: number): void {
    this.#ms += ms;
  }
}

/** Does jobs like the CPU, in `ms` by the clock. */
class TwinGpu implements Gpu {
  readonly name = 'webgpu';
  readonly deviceName = 'Twin';
  readonly close = vi.fn(async () => {});
  lose!: (words: string) => void;
  readonly lost = new Promise<string>((resolve) => (this.lose = resolve));
  runs = 0;
  holds = true;
  failure: Error | null = null;
  after: (job: ImageJobs[ImageOp]) => void = () => {};
  readonly #clock: StepClock;
  readonly #ms: number;

  constructor(clock: StepClock, ms: number) {
    this.#clock = clock;
    this.#ms = ms;
  }
  fits(): boolean {
    return this.holds;
  }
  async run<Op extends ImageOp>(op: Op, job: ImageJobs[Op]): Promise<number> {
    this.runs++;
    if (this.failure) throw this.failure;
    this.#clock.move(this.#ms - 10);
    const broken = CPU_BACKEND.run(op, job);
    this.after(job);
    return broken;
  }
}

const LINE = { scale: 2, offset: 1 };
const unpackJob = (pixels = 2) => ({
  rgba: new Uint8Array(4 * pixels).fill(9),
  line: LINE,
  out: new Float32Array(3 * pixels),
});

async function expectRight(path: ImagePath, pixels?: number): Promise<void> {
  const job = unpackJob(pixels);
  expect(await path.run('unpack', job)).toBe(0);
  expect(job.out.every((value) => value === 19)).toBe(true);
}

describe('image path', () => {
  let clock: StepClock;
  beforeEach(() => {
    vi.useFakeTimers();
    clock = new StepClock();
  });
  afterEach(() => vi.useRealTimers());

  async function open(...gpus: (TwinGpu | Error)[]) {
    const openGpu = vi.fn(async () => {
      const next = gpus.shift();
      if (!next || next instanceof Error) throw next ?? new Error('no more devices');
      return next;
    });
    const path = await ImagePath.open('animate', { openGpu, now: clock.now });
    return { path, openGpu };
  }

  it('[I11] a GPU that is clearly faster is taken, and the reason says for what', async () => {
    const gpu = new TwinGpu(clock, 5);
    const { path } = await open(gpu);
    await expectRight(path);
    expect(path.status).toEqual({
      backend: 'webgpu',
      reason: 'Measured faster on "Twin": unpack to 6 values.',
    });
    const tried = gpu.runs;
    await expectRight(path);
    expect(gpu.runs).toBe(tried + 1);
  });

  it('[I11] one that is hardly faster is not, and is not asked again', async () => {
    const gpu = new TwinGpu(clock, 9);
    const { path } = await open(gpu);
    await expectRight(path);
    const tried = gpu.runs;
    await expectRight(path);
    expect(gpu.runs).toBe(tried);
    expect(path.status).toEqual({ backend: 'cpu', reason: 'Measured faster than "Twin".' });
  });

  it('[I11] each size is measured by itself', async () => {
    const gpu = new TwinGpu(clock, 9);
    const { path } = await open(gpu);
    await expectRight(path, 2);
    const tried = gpu.runs;
    await expectRight(path, 3);
    expect(gpu.runs).toBe(2 * tried);
  });

  it('[I11] a GPU that gives other results is not used, and the words say where', async () => {
    const gpu = new TwinGpu(clock, 1);
    gpu.after = (job) => (job.out[4] = 20);
    const { path } = await open(gpu);
    await expectRight(path);
    expect(gpu.close).toHaveBeenCalledOnce();
    expect(path.status.backend).toBe('cpu');
    expect(path.status.reason).toContain('gave 20 instead of 19 at element 4 in "unpack"');
  });

  it('[I11] a job that the device cannot hold is done on the CPU, and the device stays', async () => {
    const gpu = new TwinGpu(clock, 1);
    gpu.holds = false;
    const { path } = await open(gpu);
    await expectRight(path);
    expect([gpu.runs, gpu.close.mock.calls.length]).toEqual([0, 0]);
  });

  it('[I12] without a GPU the CPU works, and the reason is there in words', async () => {
    const { path, openGpu } = await open(new StudioError('engine', 'gpu.unavailable', 'No adapter.'));
    await expectRight(path);
    expect(path.status).toEqual({ backend: 'cpu', reason: 'No adapter.' });
    await vi.advanceTimersByTimeAsync(600_000);
    expect(openGpu).toHaveBeenCalledOnce();
  });

  it('[I12] a job that fails on the GPU is done on the CPU, and the device is opened again', async () => {
    const [first, second] = [new TwinGpu(clock, 1), new TwinGpu(clock, 1)];
    const { path } = await open(first, second);
    await expectRight(path);
    first.failure = new Error('hung');
    await expectRight(path);
    expect(first.close).toHaveBeenCalledOnce();
    expect(path.status.reason).toBe('hung. Pictures are made on the CPU; it is tried again in 0.5 s.');
    await vi.advanceTimersByTimeAsync(500);
    await expectRight(path);
    expect(second.runs).toBeGreaterThan(1);
    expect(path.status.backend).toBe('webgpu');
  });

  it('[I12] a lost device is tried again after waits that double', async () => {
    const gpu = new TwinGpu(clock, 1);
    const { path, openGpu } = await open(gpu, new Error('gone'), new Error('gone'), new TwinGpu(clock, 1));
    gpu.lose('driver reset');
    await vi.advanceTimersByTimeAsync(0);
    expect(path.status.reason).toContain('The graphics device was lost: driver reset');
    const openings: number[] = [];
    for (let ms = 0; ms < 4000; ms += 100) {
      await vi.advanceTimersByTimeAsync(100);
      if (openGpu.mock.calls.length > openings.length + 1) openings.push(ms + 100);
    }
    expect(openings).toEqual([500, 1500, 3500]);
    await expectRight(path);
    expect(path.status.backend).toBe('webgpu');
  });

  it('[I12] once closed nothing is opened again', async () => {
    const gpu = new TwinGpu(clock, 1);
    const { path, openGpu } = await open(gpu);
    gpu.lose('driver reset');
    await vi.advanceTimersByTimeAsync(0);
    await path.close();
    await vi.advanceTimersByTimeAsync(600_000);
    expect(openGpu).toHaveBeenCalledOnce();
  });

  it('[I1] a job that does not fit is refused before any backend sees it', async () => {
    const gpu = new TwinGpu(clock, 1);
    const { path } = await open(gpu);
    await expect(path.run('unpack', { ...unpackJob(), out: new Float32Array(5) })).rejects.toMatchObject({
      code: 'argument.invalid',
    });
    expect(gpu.runs).toBe(0);
  });
});

it(
  '[I12] a real device that is lost gives way to the CPU and comes back',
  { timeout: 60_000 },
  async (context) => {
    const devices: GPUDevice[] = [];
    const probe = await openTestDevice();
    if (typeof probe === 'string') return context.skip(probe);
    probe.device.destroy();
    const openGpu = async () => {
      const opened = await openTestDevice();
      if (typeof opened === 'string') throw new Error(opened);
      devices.push(opened.device);
      return new GpuBackend(opened);
    };
    const path = await ImagePath.open('animate', { openGpu, retryMs: 1 });
    await expectRight(path, 100);
    devices[0]!.destroy();
    await expectRight(path, 100);
    await vi.waitFor(() => expect(devices).toHaveLength(2), { timeout: 30_000 });
    await expectRight(path, 100);
    await path.close();
  },
);
