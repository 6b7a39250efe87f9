import { spawn } from 'node:child_process';
import { readdir, readFile, realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { StudioError } from '../../../contract/errors';
import type { CameraCapability } from '../../../contract/live';
import { runFfmpeg, type FfmpegInfo } from '../ffmpeg';
import type { CameraOptions, RunningCamera, VirtualCameraBackend } from './backend';
import { feedCamera, READ_PROGRAMME } from './camera-processes';

/** A loopback device: its file, and the name under which programs list it. */
export type LoopbackDevice = { path: string; name: string };

export type LoopbackOptions = {
  platform: NodeJS.Platform;
  ffmpeg: FfmpegInfo | null;
  /** Where sysfs is mounted; tests give their own. */
  sysfs?: string;
};

/** Linux's v4l2loopback: a kernel module whose devices are cameras for every program. */
export class LoopbackCamera implements VirtualCameraBackend {
  readonly backend = 'v4l2loopback';
  readonly #options: LoopbackOptions;

  constructor(options: LoopbackOptions) {
    this.#options = options;
  }

  async probe(): Promise<CameraCapability> {
    const { platform, ffmpeg, sysfs = '/sys' } = this.#options;
    const { backend } = this;
    const no = (explanation: string): CameraCapability => ({ backend, available: false, explanation });
    if (platform !== 'linux') return no('v4l2loopback is a part of Linux. Use OBS’s virtual camera here.');
    if (!(await exists(join(sysfs, 'module', 'v4l2loopback')))) {
      return no(
        'The kernel module v4l2loopback is not loaded. Install v4l2loopback-dkms (Debian, Ubuntu) or akmod-v4l2loopback ' +
          '(Fedora), then run: sudo modprobe v4l2loopback card_label=Fantascope exclusive_caps=1',
      );
    }
    const [device] = await loopbackDevices(sysfs);
    if (device === undefined) {
      return no(
        'v4l2loopback is loaded but has no device. Run: sudo modprobe -r v4l2loopback && sudo modprobe v4l2loopback ' +
          'card_label=Fantascope exclusive_caps=1',
      );
    }
    if (ffmpeg === null || !(await writesV4l2(ffmpeg))) {
      return no(
        'ffmpeg must be able to write to video devices (v4l2). Install the ffmpeg of your distribution.',
      );
    }
    return {
      backend,
      available: true,
      explanation: `Programs list it as “${device.name}” (${device.path}).`,
    };
  }

  async start(options: CameraOptions): Promise<RunningCamera> {
    const capability = await this.probe();
    if (!capability.available) {
      throw new StudioError('output', 'camera.unavailable', capability.explanation);
    }
    const [device] = await loopbackDevices(this.#options.sysfs ?? '/sys');
    const args = [...READ_PROGRAMME, '-pix_fmt', 'yuv420p', '-f', 'v4l2', device!.path];
    const ffmpeg = spawn(options.ffmpeg!.path, args, { stdio: ['pipe', 'ignore', 'pipe', 'pipe'] });
    return feedCamera(`The camera at ${device!.path}`, [ffmpeg], options);
  }
}

/** The devices of v4l2loopback, lowest number first: virtual ones that know a limit of openers. */
export async function loopbackDevices(sysfs: string): Promise<LoopbackDevice[]> {
  const folder = join(sysfs, 'class', 'video4linux');
  const names = await readdir(folder).catch(() => []);
  const numbers = names
    .flatMap((name) => /^video(\d+)$/.exec(name)?.[1] ?? [])
    .map(Number)
    .sort((a, b) => a - b);
  const devices: LoopbackDevice[] = [];
  for (const number of numbers) {
    try {
      const entry = await realpath(join(folder, `video${number}`));
      const isLoopback = entry.includes('/virtual/') && (await exists(join(entry, 'max_openers')));
      if (!isLoopback) continue;
      const name = (await readFile(join(entry, 'name'), 'utf8')).trim();
      devices.push({ path: `/dev/video${number}`, name });
    } catch {
      // It was taken away while it was looked at.
    }
  }
  return devices;
}

async function writesV4l2(ffmpeg: FfmpegInfo): Promise<boolean> {
  const { stdout } = await runFfmpeg(ffmpeg.path, ['-devices'], { timeoutMs: 20_000 });
  return /^\s*D?E\s+(\S+,)?v4l2\b/m.test(stdout.toString('utf8'));
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false, // Absence is an answer here, not an error.
  );
}
