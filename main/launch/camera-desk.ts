import type { CameraBackend, VirtualCameraLive } from '../../contract/live';
import type { FfmpegInfo } from '../outputs/ffmpeg';
import type { ObsAddress } from '../outputs/obs/obs-connection';
import type { ProgrammeBus } from '../outputs/programme-bus';
import { LoopbackCamera } from '../outputs/virtual-camera/v4l2loopback';
import { ObsCamera } from '../outputs/virtual-camera/obs-camera';
import { PipewireCamera } from '../outputs/virtual-camera/pipewire';
import { VirtualCamera } from '../outputs/virtual-camera/virtual-camera';

/** The studio is up before it asks its surroundings; milliseconds. */
const PROBE_AFTER_MS = 800;

export type CameraDeskOptions = {
  bus: ProgrammeBus;
  ffmpeg: FfmpegInfo | null;
  /** Where OBS is, and its password. */
  obs: () => Promise<{ address: ObsAddress; password: string }>;
  onLog: (line: string) => void;
  onChange: () => void;
  platform?: NodeJS.Platform;
};

/** The virtual camera of the studio, and the table of the ways there are on this machine. */
export class CameraDesk {
  private readonly camera: VirtualCamera;
  private readonly probing: NodeJS.Timeout;

  constructor({ bus, ffmpeg, obs, onLog, onChange, platform = process.platform }: CameraDeskOptions) {
    this.camera = new VirtualCamera({
      bus,
      ffmpeg,
      onLog,
      onChange,
      backends: [
        new LoopbackCamera({ platform, ffmpeg }),
        new PipewireCamera({ platform }),
        new ObsCamera({ platform, access: obs }),
      ],
    });
    this.probing = setTimeout(() => void this.camera.probe(), PROBE_AFTER_MS);
  }

  /** Starts a camera in the background. @throws StudioError `argument.invalid` when one runs */
  start(backend: CameraBackend): void {
    this.camera.start(backend);
    // The table may be old: what was installed since then is seen when somebody asks.
    void this.camera.probe();
  }

  /** Takes the camera away. */
  async stop(): Promise<void> {
    await this.camera.stop();
    void this.camera.probe();
  }

  /** Asks anew which ways there are, for example when the address of OBS has changed. */
  async probe(): Promise<void> {
    await this.camera.probe();
  }

  /** The present state. */
  live(): VirtualCameraLive {
    return this.camera.live();
  }

  /** Stops for good. */
  async close(): Promise<void> {
    clearTimeout(this.probing);
    await this.camera.stop();
  }
}
