import { StudioError, toStudioError } from '../../../contract/errors';
import type { CameraCapability } from '../../../contract/live';
import { ObsConnection, ObsRequestError, STATUS, type ObsAddress } from '../obs/obs-connection';
import type { CameraOptions, RunningCamera, VirtualCameraBackend } from './backend';

/** The probe must not hold up the table of the others. */
const PROBE_PATIENCE = { connectMs: 2_000, answerMs: 2_000 };

export type ObsCameraOptions = {
  platform: NodeJS.Platform;
  /** Where OBS is now, and its password. */
  access: () => Promise<{ address: ObsAddress; password: string }>;
};

/**
 * OBS's own virtual camera. It shows what OBS has on air: the programme, if it is sent to OBS and its
 * scene is the one on air there.
 */
export class ObsCamera implements VirtualCameraBackend {
  readonly backend = 'obs';
  readonly #options: ObsCameraOptions;

  constructor(options: ObsCameraOptions) {
    this.#options = options;
  }

  async probe(): Promise<CameraCapability> {
    const { backend } = this;
    let obs: ObsConnection | null = null;
    try {
      const { address, password } = await this.#options.access();
      obs = await ObsConnection.open(address, password, PROBE_PATIENCE);
      await obs.call('GetVirtualCamStatus');
      const explanation =
        'Programs list it as “OBS Virtual Camera”. It shows what OBS has on air: send the programme to OBS and put its scene on air there.';
      return { backend, available: true, explanation };
    } catch (error) {
      return { backend, available: false, explanation: this.#explain(error) };
    } finally {
      obs?.close();
    }
  }

  async start({ onEnded, onLog }: CameraOptions): Promise<RunningCamera> {
    const { address, password } = await this.#options.access();
    const obs = await ObsConnection.open(address, password);
    /** A camera that its user had on stays on. */
    let wasOn = false;
    try {
      ({ outputActive: wasOn } = await obs.call('GetVirtualCamStatus'));
      if (!wasOn) await obs.call('StartVirtualCam');
    } catch (error) {
      obs.close();
      const code = isMissing(error) ? 'camera.unavailable' : 'camera.failed';
      throw new StudioError('output', code, this.#explain(error), { cause: error });
    }
    let isStopping = false;
    const ended = (why: string): void => {
      if (isStopping) return;
      isStopping = true;
      obs.close();
      onEnded(
        new StudioError('output', 'camera.failed', `OBS’s virtual camera must keep running, but ${why}.`),
      );
    };
    void obs.closed.then(() => ended('OBS went away'));
    obs.on('VirtualcamStateChanged', (event) => {
      if (!event.outputActive) ended('it was stopped in OBS');
    });
    return {
      pids: [],
      stop: async () => {
        isStopping = true;
        try {
          if (!wasOn) await obs.call('StopVirtualCam');
        } catch (error) {
          // An OBS that is gone has stopped its camera, too.
          onLog(toStudioError(error, 'output').message);
        }
        obs.close();
      },
    };
  }

  #explain(error: unknown): string {
    if (isMissing(error)) return MISSING[this.#options.platform] ?? MISSING_ELSEWHERE;
    return toStudioError(error, 'output').message;
  }
}

const MISSING_ELSEWHERE = 'This OBS has no virtual camera. Install OBS with its virtual camera.';
const MISSING: Partial<Record<NodeJS.Platform, string>> = {
  linux:
    'This OBS has no virtual camera: on Linux it needs the kernel module v4l2loopback. Install v4l2loopback-dkms and start OBS again.',
  win32:
    'This OBS has no virtual camera: run the OBS installer again with its virtual camera, or virtualcam-install.bat in its folder.',
  darwin:
    'This OBS has no virtual camera: it needs OBS 30 and macOS 13 or newer, and OBS’s camera extension allowed in System Settings.',
};

function isMissing(error: unknown): boolean {
  return error instanceof ObsRequestError && error.status === STATUS.cameraMissing;
}
