import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { OBSWebSocket } from 'obs-websocket-js/json';
import { freePort } from './nginx-rtmp';

const START_LIMIT_MS = 30_000;
const NAME = 'Peer';

/** Why OBS cannot be a peer here; null when it can. */
export function obsMissing(): string | null {
  const absent = ['obs', 'Xvfb'].filter((name) => !existsSync(`/usr/bin/${name}`));
  return absent.length === 0 ? null : `${absent.join(' and ')} not installed (Debian: obs-studio xvfb)`;
}

/** OBS Studio under Xvfb at 720p30 with a home folder of its own, which outlives a restart. */
export class ObsPeer {
  readonly password = 'peer-password';
  readonly home = mkdtempSync(join(tmpdir(), 'fantascope-obs-'));
  /** The peer's own line to OBS, made anew at each start. */
  socket = new OBSWebSocket();
  port = 0;
  #display = '';
  #xvfb: ChildProcess | null = null;
  #obs: ChildProcess | null = null;

  get pid(): number {
    return this.#obs!.pid!;
  }

  /** Starts it, or starts it again with the same settings and port. */
  async start(): Promise<void> {
    if (this.port === 0) await this.prepare();
    this.#xvfb ??= await this.#openDisplay();
    const env = {
      ...process.env,
      HOME: this.home,
      XDG_CONFIG_HOME: this.home,
      XDG_RUNTIME_DIR: this.home,
      LIBGL_ALWAYS_SOFTWARE: '1',
      QT_QPA_PLATFORM: 'xcb',
      DISPLAY: this.#display,
    };
    const still = ['--multi', '--disable-updater', '--disable-shutdown-check'];
    const args = [...still, '--collection', NAME, '--profile', NAME];
    this.#obs = await spawned(spawn('obs', args, { env, stdio: 'ignore' }));
    this.socket = new OBSWebSocket();
    await this.#connect();
  }

  /** Ends OBS as a crash does (`SIGKILL`) or as its user does (`SIGTERM`). */
  async end(signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    await gone(this.#obs, signal);
    this.#obs = null;
  }

  /** Ends OBS and its display and removes what it wrote. */
  async stop(): Promise<void> {
    await this.end('SIGTERM');
    await gone(this.#xvfb, 'SIGTERM');
    this.#xvfb = null;
    rmSync(this.home, { recursive: true, force: true, maxRetries: 5 });
  }

  /** Chooses the port and writes the settings; `start` does it where it was not done. */
  async prepare(): Promise<void> {
    this.port = await freePort();
    const config = join(this.home, 'obs-studio');
    mkdirSync(join(config, 'basic/profiles', NAME), { recursive: true });
    mkdirSync(join(config, 'basic/scenes'), { recursive: true });
    writeFileSync(join(config, 'global.ini'), globalIni(this.port, this.password));
    writeFileSync(join(config, 'basic/profiles', NAME, 'basic.ini'), basicIni(this.home));
    writeFileSync(join(config, 'basic/scenes', `${NAME}.json`), JSON.stringify(SCENES));
  }

  async #openDisplay(): Promise<ChildProcess> {
    this.#display = `:${90 + (process.pid % 900)}`;
    const args = ['-screen', '0', '1280x800x24', '+extension', 'GLX', '-nolisten', 'tcp'];
    const xvfb = await spawned(spawn('Xvfb', [this.#display, ...args], { stdio: 'ignore' }));
    await sleep(1000);
    return xvfb;
  }

  async #connect(): Promise<void> {
    const deadline = Date.now() + START_LIMIT_MS;
    for (;;) {
      try {
        await this.socket.connect(`ws://127.0.0.1:${this.port}`, this.password);
        await this.socket.call('GetSceneList');
        return;
      } catch (error) {
        if (Date.now() > deadline) throw error;
        await sleep(250);
      }
    }
  }
}

async function gone(child: ChildProcess | null, signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
  if (!child || child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((done) => child.once('exit', done));
  child.kill(signal);
  const timer = setTimeout(() => child.kill('SIGKILL'), 5000);
  await ended;
  clearTimeout(timer);
}

function spawned(child: ChildProcess): Promise<ChildProcess> {
  return new Promise((done, fail) => {
    child.once('spawn', () => done(child));
    child.once('error', fail);
  });
}

function globalIni(port: number, password: string): string {
  return `[General]
Pre19Defaults=false
Pre21Defaults=false
Pre23Defaults=false
Pre24.1Defaults=false
FirstRun=true
LastVersion=486539266
EnableAutoUpdates=false
ConfirmOnExit=false
Language=en-US

[Basic]
Profile=${NAME}
ProfileDir=${NAME}
SceneCollection=${NAME}
SceneCollectionFile=${NAME}
ConfigOnNewProfile=false

[OBSWebSocket]
FirstLoad=false
ServerEnabled=true
ServerPort=${port}
AlertsEnabled=false
AuthRequired=true
ServerPassword=${password}

[BasicWindow]
PreviewEnabled=false
SysTrayEnabled=false
`;
}

function basicIni(folder: string): string {
  return `[General]
Name=${NAME}
[Output]
Mode=Simple
[SimpleOutput]
FilePath=${folder}
RecFormat=mkv
RecQuality=Stream
StreamEncoder=x264
RecEncoder=x264
VBitrate=4500
ABitrate=160
UseAdvanced=true
Preset=ultrafast
[Video]
BaseCX=1280
BaseCY=720
OutputCX=1280
OutputCY=720
FPSType=0
FPSCommon=30
[Audio]
SampleRate=48000
ChannelSetup=Stereo
`;
}

const SCENES = {
  name: NAME,
  current_scene: 'Main',
  current_program_scene: 'Main',
  scene_order: [{ name: 'Main' }],
  sources: [
    {
      id: 'scene',
      name: 'Main',
      versioned_id: 'scene',
      settings: { items: [], id_counter: 0, custom_size: false },
    },
  ],
  groups: [],
  transitions: [],
  modules: {},
  quick_transitions: [],
  current_transition: 'Cut',
  transition_duration: 0,
};
