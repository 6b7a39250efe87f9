import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { until } from '../helpers/until';

const PROGRAMS = ['pipewire', 'wireplumber', 'dbus-daemon', 'gst-launch-1.0'];

/** Why PipeWire cannot be a peer here; null when it can. */
export function pipewireMissing(): string | null {
  const absent = PROGRAMS.filter((name) => !existsSync(`/usr/bin/${name}`));
  const hasSink =
    absent.length === 0 && spawnSync('gst-inspect-1.0', ['pipewiresink'], { timeout: 60_000 }).status === 0;
  return hasSink
    ? null
    : `${absent.join(', ') || 'pipewiresink'} not installed (Debian: pipewire wireplumber dbus gstreamer1.0-tools gstreamer1.0-pipewire gstreamer1.0-plugins-bad)`;
}

/** A PipeWire with session manager and bus of its own, in a runtime folder of its own. */
export class PipewirePeer {
  readonly folder = mkdtempSync(join(tmpdir(), 'fantascope-pw-'));
  readonly env: NodeJS.ProcessEnv = {
    ...process.env,
    XDG_RUNTIME_DIR: this.folder,
    PIPEWIRE_RUNTIME_DIR: this.folder,
    XDG_STATE_HOME: this.folder,
    XDG_CONFIG_HOME: this.folder,
    DBUS_SESSION_BUS_ADDRESS: `unix:path=${join(this.folder, 'bus')}`,
  };
  readonly #children: ChildProcess[] = [];

  /** Starts bus, PipeWire and WirePlumber; rejects when PipeWire does not come up. */
  async start(): Promise<void> {
    this.#spawn('dbus-daemon', ['--session', '--nofork', `--address=unix:path=${join(this.folder, 'bus')}`]);
    await until('the bus', () => existsSync(join(this.folder, 'bus')), 10_000);
    this.#spawn('pipewire', []);
    await until('PipeWire', () => existsSync(join(this.folder, 'pipewire-0')), 10_000);
    this.#spawn('wireplumber', []);
  }

  /** Reads frames from a camera as another program does: I420 pictures of this size, at most `frames`. */
  async read(node: string, frames: number, size: { width: number; height: number }): Promise<Buffer[]> {
    const caps = `video/x-raw,format=I420,width=${size.width},height=${size.height}`;
    const pipeline = [
      'pipewiresrc',
      `target-object=${node}`,
      `num-buffers=${frames}`,
      '!',
      'videoconvert',
      '!',
    ];
    const args = ['-q', ...pipeline, 'videoscale', '!', caps, '!', 'fdsink', 'fd=1'];
    const child = spawn('gst-launch-1.0', args, {
      env: this.env,
      stdio: ['ignore', 'pipe', 'ignore'],
      timeout: 30_000,
    });
    const chunks: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
    await new Promise((resolve) => child.once('close', resolve));
    const bytes = Buffer.concat(chunks);
    const frame = (size.width * size.height * 3) / 2;
    return Array.from({ length: Math.floor(bytes.length / frame) }, (_, index) =>
      bytes.subarray(index * frame, (index + 1) * frame),
    );
  }

  async stop(): Promise<void> {
    for (const child of this.#children.reverse()) {
      if (child.exitCode !== null || child.signalCode !== null) continue;
      const gone = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGKILL');
      await gone;
    }
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 5 });
  }

  #spawn(command: string, args: string[]): void {
    this.#children.push(spawn(command, args, { env: this.env, stdio: 'ignore' }));
  }
}
