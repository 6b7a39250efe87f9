import { StudioError, toStudioError } from '../../../contract/errors';
import type { CameraBackend, CameraCapability, VirtualCameraLive } from '../../../contract/live';
import type { CameraOptions, RunningCamera, VirtualCameraBackend } from './backend';

/** Before the one try that follows a failure; a camera that ran so long earns another; milliseconds. */
const RETRY_MS = 1_500;
const PROVEN_MS = 30_000;

export type VirtualCameraOptions = Omit<CameraOptions, 'onEnded'> & {
  backends: readonly VirtualCameraBackend[];
  onChange: () => void;
  retryMs?: number;
};

/** The virtual camera: at most one at a time. One that fails is tried once more, then off. */
export class VirtualCamera {
  readonly #options: VirtualCameraOptions;
  #state: VirtualCameraLive['state'] = 'off';
  #backend: CameraBackend | null = null;
  #capabilities: readonly CameraCapability[] = [];
  #error: StudioError | null = null;
  #camera: RunningCamera | null = null;
  #isSpare = true;
  #onSinceMs = 0;
  /** Rises with each start and stop, so that late answers of an old camera are not taken for the new. */
  #turn = 0;
  #retryTimer: NodeJS.Timeout | undefined;
  #work: Promise<void> = Promise.resolve();

  constructor(options: VirtualCameraOptions) {
    this.#options = options;
  }

  /** The present state. */
  live(): VirtualCameraLive {
    return {
      state: this.#state,
      backend: this.#backend,
      capabilities: this.#capabilities,
      error: this.#error?.toShape() ?? null,
    };
  }

  /** Processes that feed the camera. */
  get pids(): readonly number[] {
    return this.#camera?.pids ?? [];
  }

  /** Asks every way anew whether it works here. */
  async probe(): Promise<void> {
    this.#capabilities = await Promise.all(
      this.#options.backends.map((backend) =>
        backend.probe().catch((cause: unknown) => {
          const explanation = toStudioError(cause, 'output', 'camera.unavailable').message;
          return { backend: backend.backend, available: false, explanation };
        }),
      ),
    );
    this.#options.onChange();
  }

  /**
   * Starts a camera in the background; what comes of it is in `live()`.
   * @throws StudioError `argument.invalid` when one is running already
   */
  start(name: CameraBackend): void {
    if (this.#state !== 'off') {
      throw new StudioError(
        'output',
        'argument.invalid',
        `A virtual camera is ${this.#state} already; stop it first.`,
      );
    }
    this.#isSpare = true;
    this.#error = null;
    this.#backend = name;
    this.#begin();
  }

  /** Settles when no camera is left. */
  async stop(): Promise<void> {
    this.#turn += 1;
    clearTimeout(this.#retryTimer);
    this.#error = null;
    this.#off();
    await this.#work;
    await this.#release();
  }

  #begin(): void {
    this.#state = 'starting';
    this.#turn += 1;
    this.#options.onChange();
    const turn = this.#turn;
    this.#work = this.#work.then(() => this.#open(turn));
  }

  async #open(turn: number): Promise<void> {
    if (turn !== this.#turn) return;
    const { backends, bus, ffmpeg, onLog } = this.#options;
    const backend = backends.find((candidate) => candidate.backend === this.#backend)!;
    const onEnded = (error: StudioError): void => {
      if (turn === this.#turn) this.#failed(error);
    };
    try {
      const camera = await backend.start({ bus, ffmpeg, onLog, onEnded });
      if (turn !== this.#turn) return await camera.stop();
      this.#camera = camera;
      this.#state = 'on';
      this.#error = null;
      this.#onSinceMs = performance.now();
      this.#options.onChange();
    } catch (error) {
      if (turn === this.#turn) this.#failed(toStudioError(error, 'output', 'camera.failed'));
    }
  }

  #failed(error: StudioError): void {
    this.#camera = null;
    this.#error = error;
    this.#options.onLog(error.message);
    if (this.#onSinceMs > 0 && performance.now() - this.#onSinceMs > PROVEN_MS) this.#isSpare = true;
    this.#onSinceMs = 0;
    if (error.code !== 'camera.failed' || !this.#isSpare) return this.#off();
    this.#isSpare = false;
    this.#state = 'starting';
    this.#options.onChange();
    this.#retryTimer = setTimeout(() => this.#begin(), this.#options.retryMs ?? RETRY_MS);
  }

  async #release(): Promise<void> {
    const camera = this.#camera;
    this.#camera = null;
    await camera?.stop();
  }

  #off(): void {
    this.#state = 'off';
    this.#backend = null;
    this.#options.onChange();
  }
}
