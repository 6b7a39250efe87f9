import { spawn } from 'node:child_process';
import { connect } from 'node:net';
import { isAbsolute, join } from 'node:path';
import { StudioError } from '../../../contract/errors';
import type { CameraCapability } from '../../../contract/live';
import type { CameraOptions, RunningCamera, VirtualCameraBackend } from './backend';
import { feedCamera, READ_PROGRAMME } from './camera-processes';

/** GStreamer reads all its plug-ins when it is asked for the first time. */
const PROBE_LIMIT_MS = 20_000;
const ELEMENTS = ['fdsrc', 'identity', 'rawvideoparse', 'pipewiresink'];

export type PipewireOptions = { platform: NodeJS.Platform; env?: NodeJS.ProcessEnv };

/** PipeWire's `Video/Source`, fed through GStreamer, for ffmpeg does not speak PipeWire. */
export class PipewireCamera implements VirtualCameraBackend {
  readonly backend = 'pipewire';
  readonly #platform: NodeJS.Platform;
  readonly #env: NodeJS.ProcessEnv;

  constructor({ platform, env = process.env }: PipewireOptions) {
    this.#platform = platform;
    this.#env = env;
  }

  async probe(): Promise<CameraCapability> {
    const { backend } = this;
    const no = (explanation: string): CameraCapability => ({ backend, available: false, explanation });
    if (this.#platform !== 'linux') return no('PipeWire is a part of Linux. Use OBS’s virtual camera here.');
    const socket = pipewireSocket(this.#env);
    if (socket === null || !(await answers(socket))) {
      return no(
        'PipeWire does not run for this user. Install pipewire and wireplumber, and log in to a desktop session that starts them.',
      );
    }
    for (const element of ELEMENTS) {
      // Not --exists: it wants plug-ins of GStreamer's own version, and PipeWire's has one of its own.
      if (await succeeds('gst-inspect-1.0', [element], this.#env)) continue;
      return no(
        `GStreamer's ${element} is missing. Install gstreamer1.0-tools, gstreamer1.0-plugins-base, ` +
          'gstreamer1.0-plugins-bad and gstreamer1.0-pipewire (Debian, Ubuntu).',
      );
    }
    const explanation =
      'Programs that take cameras from PipeWire list it as “Fantascope” (Firefox and Chromium with their PipeWire camera switched on, GNOME and GStreamer programs).';
    return { backend, available: true, explanation };
  }

  async start(options: CameraOptions): Promise<RunningCamera> {
    const capability = await this.probe();
    if (!capability.available) throw new StudioError('output', 'camera.unavailable', capability.explanation);
    if (options.ffmpeg === null) {
      throw new StudioError('output', 'ffmpeg.missing', 'A virtual camera needs ffmpeg; install it.');
    }
    const config = options.bus.videoConfig ?? { width: 1280, height: 720, fps: 30 };
    const { width, height, fps } = config;
    const gst = spawn('gst-launch-1.0', pipelineOf(width, height, fps), {
      stdio: ['pipe', 'ignore', 'pipe'],
      env: this.#env,
    });
    // YUY2 is what every reader of cameras knows. It goes from ffmpeg into GStreamer's own pipe: 55 MB a
    // second need not pass through this process.
    const raw = ['-s', `${width}x${height}`, '-pix_fmt', 'yuyv422', '-f', 'rawvideo', 'pipe:1'];
    const args = [...READ_PROGRAMME, ...raw];
    const ffmpeg = spawn(options.ffmpeg.path, args, { stdio: ['pipe', gst.stdin, 'pipe', 'pipe'] });
    gst.stdin.on('error', () => {});
    gst.stdin.destroy();
    return feedCamera('The PipeWire camera', [ffmpeg, gst], options);
  }
}

function pipelineOf(width: number, height: number, fps: number): string[] {
  const properties =
    'props,media.class=Video/Source,node.name=fantascope,node.description=Fantascope,media.role=Camera';
  return [
    ...['-q', 'fdsrc', 'fd=0', '!', 'rawvideoparse', 'format=yuy2', `width=${width}`, `height=${height}`],
    // Its own buffers, offered upstream before anybody reads, are empty and end in a crash (0.3.65).
    ...[`framerate=${Math.round(fps)}/1`, '!', 'identity', 'drop-allocation=true', '!'],
    ...['pipewiresink', 'mode=provide', 'sync=false', `stream-properties=${properties}`],
  ];
}

/** Where PipeWire listens; null where nothing says. */
export function pipewireSocket(env: NodeJS.ProcessEnv): string | null {
  const name = env['PIPEWIRE_REMOTE'] || 'pipewire-0';
  if (isAbsolute(name)) return name;
  const folder = env['PIPEWIRE_RUNTIME_DIR'] || env['XDG_RUNTIME_DIR'];
  return folder ? join(folder, name) : null;
}

function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    const done = (isUp: boolean) => () => {
      socket.destroy();
      resolve(isUp);
    };
    socket.once('connect', done(true));
    socket.once('error', done(false));
    socket.setTimeout(PROBE_LIMIT_MS, done(false));
  });
}

function succeeds(command: string, args: readonly string[], env: NodeJS.ProcessEnv): Promise<boolean> {
  return new Promise((resolve) => {
    const child = spawn(command, args, { stdio: 'ignore', env, timeout: PROBE_LIMIT_MS });
    child.once('error', () => resolve(false));
    child.once('close', (code) => resolve(code === 0));
  });
}
