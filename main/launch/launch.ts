import { resolve } from 'node:path';
import type { EngineName } from '../../contract/engine';
import { StudioError } from '../../contract/errors';
import type { DestinationLive, LiveState } from '../../contract/live';
import { EngineProcess } from '../engines/runtime/engine-process';
import { TurnTable } from '../engines/runtime/turns/turn-table';
import { readModel, type ModelPlaces } from '../engines/runtime/model-catalogue';
import { findFfmpeg, type FfmpegInfo } from '../outputs/ffmpeg';
import { BUS_TICK_MS, ProgrammeBus } from '../outputs/programme-bus';
import { redact } from '../outputs/redact';
import { StudioServer } from '../server/server';
import { describeMedia } from '../server/uploads';
import { ProgrammeClock } from '../studio/programme-clock';
import { freshProjectFile } from '../studio/project-list';
import { Autosave, openFirstProject } from '../studio/project-store';
import type { LaunchOptions, RunningStudio, Shell } from '../studio/shell';
import { Studio } from '../studio/studio';
import type { StudioVerbs } from '../studio/verbs';
import { CameraDesk } from './camera-desk';
import { CaptionFilesDesk } from './caption-files-desk';
import { CaptionsDesk } from './captions-desk';
import { CuesDesk } from './cues-desk';
import { EngineDesk } from './engine-desk';
import { EngineSessions } from './engine-sessions';
import { ENGINE_RUNS } from './engine-streams';
import { claimInstance } from './instance';
import { LiveDesk } from './live-desk';
import { openModelShelf, userModelsFolder } from './model-desk';
import { openLog } from './log';
import { ObsDesk } from './obs-desk';
import { ProjectDesk } from './project-desk';
import { RecordingDesk } from './recording-desk';
import { StageDesk } from './stage-desk';

const PROGRESS_MS = 500;
const BUSY: readonly DestinationLive['state'][] = ['connecting', 'live', 'reconnecting'];

/** A running studio with the handles that a show and the tests need. */
export type LaunchedStudio = RunningStudio & {
  studio: Studio;
  recording: RecordingDesk;
  stage: StageDesk;
  engines: Readonly<Record<EngineName, EngineDesk>>;
  nowUs: () => number;
  ffmpeg: FfmpegInfo | null;
  modelPlaces: ModelPlaces;
  /** Settles when the engine, if any layer wants it, is ready or has failed, and the window is connected. */
  whenReady(timeoutMs: number): Promise<void>;
};

/**
 * Puts a studio together and opens its door: clock, project, engine, outputs, server.
 * @throws StudioError `instance.second` when another one already runs on these user data
 */
export async function launchStudio(shell: Shell, options: LaunchOptions): Promise<LaunchedStudio> {
  const releaseInstance = await claimInstance(options.userDataDir);
  const { log, close: closeLog } = openLog(options.userDataDir);
  const places = { modelsDir: options.modelsDir, userModelsDir: userModelsFolder(options.userDataDir) };
  const clock = new ProgrammeClock();
  const nowUs = () => clock.nowUs();
  const ffmpeg = await findFfmpeg({ packageRoot: options.appDir });
  const opened = await openFirstProject(options.userDataDir, options.projectFile, options.project);

  const studio: Studio = new Studio({
    project: opened.project,
    projectFile: opened.file,
    shell: { kind: shell.kind, secretStore: shell.secrets.kind },
    ffmpeg: ffmpeg !== null,
    nowUs,
    freshProjectFile: (name) => freshProjectFile(options.userDataDir, name, studio.state.projectFile),
    actions: {
      startRecording: () => {
        stage.requireEncoder();
        recording.start();
      },
      pauseRecording: () => recording.pause(),
      resumeRecording: () => recording.resume(),
      stopRecording: () => void recording.stop(),
      startLive: (id) => {
        stage.requireEncoder();
        liveDesk.start(id);
      },
      stopLive: (id) => void liveDesk.stop(id),
      restartEngine: (name) => engines[name].restart(),
      startObs: () => {
        stage.requireEncoder();
        obs.start();
      },
      stopObs: () => void obs.stop(),
      startCamera: (backend) => {
        stage.requireEncoder();
        camera.start(backend);
      },
      stopCamera: () => void camera.stop(),
    },
  });
  if (opened.problem) studio.notify('project', opened.problem);
  if (!ffmpeg) {
    studio.notify('ffmpeg', {
      origin: 'output',
      code: 'ffmpeg.missing',
      message: 'ffmpeg was not found: recordings stay MKV files, and going live is not possible.',
    });
  }

  const bus = new ProgrammeBus({
    nowUs,
    onKeyFrameNeeded: () => stage.requestKeyFrame(),
    onSinkError: (sink, error) => log.error({ sink: sink.name, code: error.code }, error.message),
  });
  const stage = new StageDesk(studio, bus, clock);
  const refresh = () => refreshOutputs(studio, recording, liveDesk, obs, camera);
  const recording: RecordingDesk = new RecordingDesk({
    studio,
    bus,
    ffmpeg,
    nowUs,
    onChange: refresh,
    describe: async () => ({
      ffmpeg: ffmpeg?.version ?? null,
      node: process.version,
      shell: shell.kind,
      models: await modelsInUse(places, studio.state),
    }),
  });
  const liveDesk: LiveDesk = new LiveDesk({
    studio,
    bus,
    ffmpeg,
    secrets: shell.secrets,
    nowUs,
    onChange: refresh,
    onLog: (line) => log.info({ from: 'ffmpeg' }, line),
  });
  const outputOptions = {
    bus,
    ffmpeg,
    onChange: refresh,
    onLog: (line: string) => log.info({ from: 'output' }, line),
  };
  const obs: ObsDesk = new ObsDesk({ ...outputOptions, studio, stage, nowUs, secrets: shell.secrets });
  const camera: CameraDesk = new CameraDesk({ ...outputOptions, obs: () => obs.access() });
  stage.onStats((stats) => recording.noteStats(stats));

  const autosave = new Autosave(studio);
  const projects = new ProjectDesk({
    studio,
    autosave,
    userDataDir: options.userDataDir,
    onLog: (line) => log.warn(line),
  });
  const sessions = await EngineSessions.open({
    shell,
    paths: options,
    holders: () => Object.values(engines).map((desk) => desk.holder),
    onChange: (name) => engines[name].reload(),
    onQuality: (name, tier) => engines[name].process.pin(tier),
    onLog: (line) => log.info({ from: 'engines' }, line),
  });
  const shelf = await openModelShelf({
    shell,
    options,
    studio,
    onLog: (line) => log.info({ from: 'models' }, line),
  });
  const verbs: StudioVerbs = {
    models: shelf.verbs,
    setStreamKey: async (id, key) => {
      await liveDesk.setKey(id, key);
      return null;
    },
    setObsPassword: async (password) => {
      await obs.setPassword(password);
      void camera.probe();
      return null;
    },
    chooseFile: (purpose) => shell.chooseFile(purpose),
    openExternal: async (address) => {
      await shell.openExternal(address);
      return null;
    },
    listProjects: () => projects.list(),
    openProject: async (path) => {
      await projects.open(path);
      await liveDesk.findKeys();
      void recording.recover();
      return null;
    },
    saveProjectAs: async (path) => {
      await projects.saveAs(path);
      return null;
    },
    addMedia: async (path) => {
      const media = await describeMedia(resolve(path));
      studio.command({ command: { type: 'media.add', media }, inputUs: 0 });
      return media;
    },
    probeCameras: async () => {
      await camera.probe();
      return null;
    },
    engineRun: (engine) => sessions.run(engine),
    setEngineRun: async (engine, run) => {
      await sessions.setRun(engine, run);
      return null;
    },
    setEngineToken: async (engine, token) => {
      await sessions.setToken(engine, token);
      return null;
    },
    revealRecording: async () => {
      const { file } = studio.state.recording;
      if (!file) throw new StudioError('studio', 'media.missing', 'There is no recording to show yet.');
      await shell.revealFile(file);
      return null;
    },
  };
  const server = await StudioServer.start({
    rendererDir: options.rendererDir,
    userDataDir: options.userDataDir,
    studio,
    stage: stage.link,
    verbs,
  });

  if (server.portWasTaken) {
    const message = `The usual port was taken; this time the studio is at ${server.door.origin}. Cameras may ask for permission again.`;
    studio.notify('port', { origin: 'server', code: 'server.port-in-use', message });
  }

  const turns = new TurnTable();
  const startEngine = (name: EngineName) =>
    new EngineDesk(
      studio,
      name,
      new EngineProcess({
        spawn: shell.spawnChild,
        entryFile: options.engineEntry,
        init: {
          type: 'init',
          engine: name,
          token: server.door.token,
          origin: server.door.origin,
          modelsDir: options.modelsDir,
          userModelsDir: shelf.folder,
          model: ENGINE_RUNS[name].defaultModel,
          threads: ENGINE_RUNS[name].threads,
        },
        prepare: (init) => sessions.prepare(init),
        turns,
        onLog: (line) => log.info({ from: `${name} engine` }, line),
      }),
      sessions,
    );
  const captions = new CaptionsDesk(studio, nowUs);
  const captionFiles = new CaptionFilesDesk(studio, nowUs);
  const cues = new CuesDesk(studio, nowUs);
  const engines: Record<EngineName, EngineDesk> = {
    binaural: startEngine('binaural'),
    captions: startEngine('captions'),
    animate: startEngine('animate'),
    generate: startEngine('generate'),
  };
  engines.captions.process.onCaption((update) => {
    if (!captions.heard(update)) return;
    captionFiles.heard(update);
    stage.link.send({ type: 'captions', update });
    recording.note('caption', { update });
  });

  const ticking = setInterval(() => bus.tick(), BUS_TICK_MS);
  const progress = setInterval(() => {
    if (studio.state.onAir) refresh();
  }, PROGRESS_MS);
  const stopWatching = studio.onState((state, previous) => {
    if (state.onAir !== previous.onAir) shell.setOnAir(state.onAir);
    const { destinations, obs: obsAddress } = previous.project;
    if (state.project.destinations !== destinations || state.project.obs !== obsAddress) refresh();
    if (state.project.obs !== previous.project.obs || state.obs.state !== previous.obs.state)
      void camera.probe();
    tellOutputTroubles(studio, state, previous);
    for (const notice of state.notices) {
      if (!previous.notices.includes(notice)) log.warn({ ...notice.error }, notice.key);
    }
  });
  await liveDesk.findKeys();
  await obs.findPassword();
  void recording.recover();
  log.info({ origin: server.door.origin, shell: shell.kind, ffmpeg: ffmpeg?.version }, 'studio started');

  return {
    origin: server.door.origin,
    url: server.url,
    windowUrl: () => server.windowUrl(),
    studio,
    recording,
    stage,
    engines,
    nowUs,
    ffmpeg,
    modelPlaces: places,
    isOnAir: () => studio.state.onAir,
    windowGone: (reason) => {
      log.error({ reason: redact(reason) }, 'window gone');
      const message = 'The window ended unexpectedly and is opened again; outputs go on with a slate.';
      studio.notify('stage', { origin: 'shell', code: 'stage.lost', message });
    },
    whenReady: (timeoutMs) => whenReady(studio, stage, Object.values(engines), timeoutMs),
    stop: async () => {
      // The bus goes on ticking until the last packet is where it belongs.
      cues.stop();
      await Promise.all([liveDesk.stopAll(), recording.close(), obs.close(), camera.close()]);
      await captionFiles.close();
      await shelf.close();
      clearInterval(ticking);
      clearInterval(progress);
      stopWatching();
      stage.stop();
      await autosave.stop();
      await projects.stop();
      await server.stop();
      captions.stop();
      await Promise.all(Object.values(engines).map((engine) => engine.stop()));
      log.info('studio stopped');
      closeLog();
      await releaseInstance();
    },
  };
}

function refreshOutputs(
  studio: Studio,
  recording: RecordingDesk,
  live: LiveDesk,
  obsDesk: ObsDesk,
  camera: CameraDesk,
): void {
  const destinations = live.live();
  const recorder = recording.recorder.live();
  const obs = obsDesk.live();
  const virtualCamera = camera.live();
  const onAir =
    recorder.state === 'recording' ||
    recorder.state === 'paused' ||
    obs.state !== 'idle' ||
    virtualCamera.state !== 'off' ||
    Object.values(destinations).some((d) => BUSY.includes(d.state));
  studio.update({ recording: recorder, destinations, obs, virtualCamera, onAir });
}

/** What ended for good is told where everybody looks, until it works again. */
function tellOutputTroubles(studio: Studio, state: LiveState, previous: LiveState): void {
  const outputs = [
    { key: 'obs', now: state.obs, before: previous.obs, idle: 'idle', works: 'live' },
    { key: 'camera', now: state.virtualCamera, before: previous.virtualCamera, idle: 'off', works: 'on' },
  ] as const;
  for (const { key, now, before, idle, works } of outputs) {
    if (now.state === before.state) continue;
    if (now.state === idle && now.error) studio.notify(key, now.error);
    if (now.state === works) studio.dismiss(key);
  }
}

/** The catalogue's entries of the models that the engines run, for the session log. */
async function modelsInUse(places: ModelPlaces, state: LiveState): Promise<Record<string, unknown>> {
  const entries = Object.entries(state.engines).flatMap(([name, { model }]) =>
    model ? [{ name, model }] : [],
  );
  const models = await Promise.all(entries.map(({ model }) => readModel(places, model)));
  return Object.fromEntries(entries.map(({ name }, i) => [name, models[i]]));
}

async function whenReady(
  studio: Studio,
  stage: StageDesk,
  engines: readonly EngineDesk[],
  timeoutMs: number,
): Promise<void> {
  const isReady = ({ engines: live }: LiveState): boolean => {
    const settled = ({ name }: EngineDesk) => live[name].state === 'ready' || live[name].state === 'failed';
    const waiting = engines.some((engine) => engine.wanted && !settled(engine));
    return stage.link.connected && stage.latestStats !== null && !waiting;
  };
  const deadline = Date.now() + timeoutMs;
  while (!isReady(studio.state)) {
    if (Date.now() > deadline) {
      const missing = stage.link.connected ? 'the engine' : 'the window';
      throw new StudioError(
        'show',
        'stage.lost',
        `The studio was not ready after ${timeoutMs / 1000} s: ${missing} did not answer.`,
      );
    }
    await new Promise((done) => setTimeout(done, 100));
  }
}
