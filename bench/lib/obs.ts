import { spawn, type ChildProcess } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { OBSWebSocket } from 'obs-websocket-js';

const PASSWORD = 'bench-password';
const START_LIMIT_MS = 20_000;

const GLOBAL_INI = (port: number) => `[General]
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
Profile=Bench
ProfileDir=Bench
SceneCollection=Bench
SceneCollectionFile=Bench
ConfigOnNewProfile=false

[OBSWebSocket]
FirstLoad=false
ServerEnabled=true
ServerPort=${port}
AlertsEnabled=false
AuthRequired=true
ServerPassword=${PASSWORD}

[BasicWindow]
PreviewEnabled=false
SysTrayEnabled=false
`;

const BASIC_INI = (folder: string) => `[General]
Name=Bench
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

const SCENES = {
  name: 'Bench',
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

/** OBS Studio under Xvfb with a film and a text in one 720p30 scene, recording with x264 ultrafast. */
export class ObsPeer {
  readonly socket = new OBSWebSocket();
  private readonly home = mkdtempSync(join(tmpdir(), 'fantascope-obs-'));
  private xvfb: ChildProcess | null = null;
  private obs: ChildProcess | null = null;

  get pid(): number {
    return this.obs!.pid!;
  }

  /** Starts it; rejects when OBS or Xvfb is not installed. */
  async start(film: string): Promise<void> {
    const port = await freePort();
    const config = join(this.home, 'obs-studio');
    mkdirSync(join(config, 'basic/profiles/Bench'), { recursive: true });
    mkdirSync(join(config, 'basic/scenes'), { recursive: true });
    writeFileSync(join(config, 'global.ini'), GLOBAL_INI(port));
    writeFileSync(join(config, 'basic/profiles/Bench/basic.ini'), BASIC_INI(this.home));
    writeFileSync(join(config, 'basic/scenes/Bench.json'), JSON.stringify(SCENES));
    const display = `:${90 + (process.pid % 100)}`;
    this.xvfb = await started(
      spawn('Xvfb', [display, '-screen', '0', '1280x800x24', '+extension', 'GLX', '-nolisten', 'tcp'], {
        stdio: 'ignore',
      }),
    );
    const env = {
      ...process.env,
      HOME: this.home,
      XDG_CONFIG_HOME: this.home,
      XDG_RUNTIME_DIR: this.home,
      LIBGL_ALWAYS_SOFTWARE: '1',
      QT_QPA_PLATFORM: 'xcb',
      DISPLAY: display,
    };
    await new Promise((done) => setTimeout(done, 1000));
    const args = [
      '--multi',
      '--disable-updater',
      '--disable-shutdown-check',
      '--collection',
      'Bench',
      '--profile',
      'Bench',
      '--scene',
      'Main',
    ];
    this.obs = await started(spawn('obs', args, { env, stdio: 'ignore' }));
    await this.connect(port);
    await this.socket.call('CreateInput', {
      sceneName: 'Main',
      inputName: 'Film',
      inputKind: 'ffmpeg_source',
      inputSettings: { local_file: film, is_local_file: true, looping: true },
    });
    const { sceneItemId } = await this.socket.call('GetSceneItemId', {
      sceneName: 'Main',
      sourceName: 'Film',
    });
    await this.socket.call('SetSceneItemTransform', {
      sceneName: 'Main',
      sceneItemId,
      sceneItemTransform: { boundsType: 'OBS_BOUNDS_STRETCH', boundsWidth: 1280, boundsHeight: 720 },
    });
    await this.socket.call('CreateInput', {
      sceneName: 'Main',
      inputName: 'Title',
      inputKind: 'text_ft2_source_v2',
      inputSettings: { text: 'Fantascope', font: { face: 'DejaVu Sans', size: 96, style: 'Bold' } },
    });
  }

  /** Ends OBS and its display and removes what it wrote. */
  async stop(): Promise<void> {
    await this.socket.disconnect().catch(() => {});
    for (const child of [this.obs, this.xvfb]) {
      if (!child || child.exitCode !== null) continue;
      const ended = new Promise((done) => child.once('exit', done));
      child.kill('SIGTERM');
      const timer = setTimeout(() => child.kill('SIGKILL'), 5000);
      await ended;
      clearTimeout(timer);
    }
    rmSync(this.home, { recursive: true, force: true, maxRetries: 5 });
  }

  private async connect(port: number): Promise<void> {
    const deadline = Date.now() + START_LIMIT_MS;
    for (;;) {
      try {
        await this.socket.connect(`ws://127.0.0.1:${port}`, PASSWORD);
        return;
      } catch (error) {
        if (Date.now() > deadline) throw error;
        await new Promise((done) => setTimeout(done, 250));
      }
    }
  }
}

function started(child: ChildProcess): Promise<ChildProcess> {
  return new Promise((done, fail) => {
    child.once('spawn', () => done(child));
    child.once('error', fail);
  });
}

function freePort(): Promise<number> {
  return new Promise((done) => {
    const probe = createServer();
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as AddressInfo;
      probe.close(() => done(port));
    });
  });
}
