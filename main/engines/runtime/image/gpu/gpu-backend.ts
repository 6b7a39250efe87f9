import type { ImageBackend, ImageJobs, ImageOp } from '../image-ops';
import type { OpenedDevice } from './open-device';
import { GpuRunner } from './gpu-runner';
import { packProgram, unpackProgram } from './packing-kernels';
import type { Program } from './program';
import { resizeProgram } from './resize-kernel';
import { cutTilesProgram, joinTilesProgram } from './tile-kernels';
import { warpNoiseProgram } from './warp-kernels';
import { fromYuvProgram, toYuvProgram } from './yuv-kernels';

/** Builds a job's program; `broken` is where `pack` counts. */
type Builders = { [Op in ImageOp]: (job: ImageJobs[Op], broken: Uint32Array) => Program };

const PROGRAMS: Builders = {
  unpack: unpackProgram,
  pack: packProgram,
  resize: resizeProgram,
  toYuv: toYuvProgram,
  fromYuv: fromYuvProgram,
  cutTiles: cutTilesProgram,
  joinTiles: joinTilesProgram,
  warpNoise: warpNoiseProgram,
};

/** The operations as compute shaders on one device. */
export class GpuBackend implements ImageBackend {
  readonly name = 'webgpu';
  readonly deviceName: string;
  /** Settles with the driver's words when the device is gone. */
  readonly lost: Promise<string>;
  readonly #runner: GpuRunner;
  readonly #onClosed: () => void;

  /** @param onClosed called when the device is freed in good order */
  constructor({ device, name }: OpenedDevice, onClosed: () => void = () => {}) {
    this.#onClosed = onClosed;
    this.deviceName = name;
    this.#runner = new GpuRunner(device);
    this.lost = device.lost.then(({ message, reason }) => message || reason);
  }

  /** Whether a job's buffers are within what the device allows. */
  fits<Op extends ImageOp>(op: Op, job: ImageJobs[Op]): boolean {
    return this.#runner.fits(PROGRAMS[op](job, new Uint32Array(1)));
  }

  /** @throws StudioError `gpu.failed`; `out` is then of no use. */
  async run<Op extends ImageOp>(op: Op, job: ImageJobs[Op]): Promise<number> {
    const broken = new Uint32Array(1);
    await this.#runner.run(op, PROGRAMS[op](job, broken));
    return broken[0]!;
  }

  /** Frees the device after the job under way. */
  async close(): Promise<void> {
    await this.#runner.close();
    this.#onClosed();
  }
}
