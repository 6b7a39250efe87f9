import type { Command, CommandEnvelope } from '../../contract/commands';
import { StudioError, type StudioErrorShape } from '../../contract/errors';
import type { EngineName } from '../../contract/engine';
import type { CameraBackend, EngineLive, LiveState, Notice } from '../../contract/live';
import { emptyProject, type Layer, type Project } from '../../contract/project';
import { editProject, type EditCommand } from './edit';
import { History } from './history';
import { followLayers, followStrips, nextStreamId, resetGenerated, type Change } from './layers-live';
import { coalesceKey, undoLabel } from './undo-labels';

/** What the studio does beyond its own state; given by the program that assembles it. */
export type StudioActions = {
  startRecording(): void;
  pauseRecording(): void;
  resumeRecording(): void;
  stopRecording(): void;
  startLive(destinationId: string): void;
  stopLive(destinationId: string): void;
  restartEngine(engine: EngineName): void;
  startObs(): void;
  stopObs(): void;
  startCamera(backend: CameraBackend): void;
  stopCamera(): void;
};

export type StudioOptions = {
  project: Project;
  projectFile: string;
  shell: LiveState['shell'];
  ffmpeg: boolean;
  nowUs: () => number;
  /** Wall clock for undo coalescing, ms. */
  nowMs?: () => number;
  /** A path that no file has yet, for a new project of this name. */
  freshProjectFile: (name: string) => string;
  actions: StudioActions;
};

type StateListener = (state: LiveState, previous: LiveState) => void;
type CommandListener = (command: Command, version: number, inputUs: number) => void;

/**
 * The open project and its live state: one immutable snapshot with a rising version.
 * Commands are the only way in for people; `update` is the way in for the machinery.
 */
export class Studio {
  private current: LiveState;
  private readonly history = new History();
  private readonly stateListeners = new Set<StateListener>();
  private readonly untold: { state: LiveState; previous: LiveState }[] = [];
  private telling = false;
  private readonly commandListeners = new Set<CommandListener>();
  private readonly nowUs: () => number;
  private readonly nowMs: () => number;
  private readonly freshProjectFile: (name: string) => string;
  private readonly actions: StudioActions;

  constructor(options: StudioOptions) {
    this.nowUs = options.nowUs;
    this.nowMs = options.nowMs ?? Date.now;
    this.freshProjectFile = options.freshProjectFile;
    this.actions = options.actions;
    this.current = firstState(options);
  }

  get state(): LiveState {
    return this.current;
  }

  /**
   * Applies one command; returns the version that contains it.
   * @throws StudioError when the command does not fit the present state; nothing changes then.
   */
  command({ command, inputUs }: CommandEnvelope): number {
    switch (command.type) {
      case 'project.new':
        this.openProject(emptyProject(command.name), this.freshProjectFile(command.name));
        break;
      case 'history.undo':
        this.travel('undo');
        break;
      case 'history.redo':
        this.travel('redo');
        break;
      case 'layer.seek':
      case 'layer.pause':
        this.playback(command);
        break;
      case 'recording.start':
        this.actions.startRecording();
        break;
      case 'recording.pause':
        this.actions.pauseRecording();
        break;
      case 'recording.resume':
        this.actions.resumeRecording();
        break;
      case 'recording.stop':
        this.actions.stopRecording();
        break;
      case 'live.start':
        this.actions.startLive(this.requireDestination(command.destinationId));
        break;
      case 'live.stop':
        this.actions.stopLive(this.requireDestination(command.destinationId));
        break;
      case 'engine.restart':
        this.actions.restartEngine(command.engine);
        break;
      case 'generate.reset':
        this.resetGenerated(command.layerId, inputUs);
        break;
      case 'cue.play':
        this.playCue(command.cueId, command.layerId ?? null, inputUs);
        break;
      case 'cues.run':
        this.update({ cues: { startedUs: this.nowUs(), played: [] } });
        break;
      case 'cues.halt':
        this.update({ cues: { startedUs: null, played: [] } });
        break;
      case 'obs.start':
        this.actions.startObs();
        break;
      case 'obs.stop':
        this.actions.stopObs();
        break;
      case 'camera.start':
        this.actions.startCamera(command.backend);
        break;
      case 'camera.stop':
        this.actions.stopCamera();
        break;
      default:
        this.edit(command, inputUs);
    }
    const { version } = this.current;
    for (const listener of this.commandListeners) listener(command, version, inputUs);
    return version;
  }

  /**
   * Replaces the whole project: a file was opened or a new one begun. History starts over.
   * @throws StudioError while on air
   */
  openProject(project: Project, projectFile: string): void {
    this.refuseReplacingOnAir();
    this.history.clear();
    this.changeProject(project, 0, { projectFile, cues: { startedUs: null, played: [] } });
  }

  /** Changes live values; the version rises. */
  update(change: Partial<Omit<LiveState, 'version'>>): void {
    this.publish({ ...this.current, ...change, version: this.current.version + 1 });
  }

  updateEngine(name: EngineName, live: EngineLive): void {
    this.update({ engines: { ...this.current.engines, [name]: live } });
  }

  /** Notes the words of a layer's prompt that the engine did not know. */
  noteUnknownWords(engine: EngineName, streamId: number, unknownWords: readonly string[]): void {
    const entry = Object.entries(this.current.layers).find(([, live]) => live.streamId === streamId);
    if (!entry) return;
    const [layerId, live] = entry;
    const stream = engine === 'generate' ? live.generated : live;
    if (!stream || stream.unknownWords.join() === unknownWords.join()) return;
    const next =
      engine === 'generate' ? { ...live, generated: { ...stream, unknownWords } } : { ...live, unknownWords };
    this.update({ layers: { ...this.current.layers, [layerId]: next } });
  }

  /** Counts a cue as played while the cues run. */
  skipCue(cueId: string): void {
    const { startedUs, played } = this.current.cues;
    if (startedUs !== null) this.update({ cues: { startedUs, played: [...played, cueId] } });
  }

  /** Tells the user something until it is dismissed; a later one with the same key replaces it. */
  notify(key: string, error: StudioErrorShape): void {
    const notice: Notice = { key, error, atUs: this.nowUs() };
    this.update({ notices: [...this.current.notices.filter((n) => n.key !== key), notice].slice(-20) });
  }

  dismiss(key: string): void {
    if (!this.current.notices.some((n) => n.key === key)) return;
    this.update({ notices: this.current.notices.filter((n) => n.key !== key) });
  }

  onState(listener: StateListener): () => void {
    this.stateListeners.add(listener);
    return () => this.stateListeners.delete(listener);
  }

  onCommand(listener: CommandListener): () => void {
    this.commandListeners.add(listener);
    return () => this.commandListeners.delete(listener);
  }

  private edit(command: EditCommand, inputUs: number): void {
    const before = this.current.project;
    const after = editProject(before, command);
    this.refuseWhileOnAir(before, after);
    const label = undoLabel(command);
    if (label) this.history.note(label, coalesceKey(command), before, after, this.nowMs());
    this.changeProject(after, inputUs);
  }

  private refuseReplacingOnAir(): void {
    if (this.current.onAir)
      throw onAirRefusal('Another project cannot be opened while on air. Stop all outputs first.');
  }

  private refuseWhileOnAir(before: Project, after: Project): void {
    if (!this.current.onAir) return;
    const sameSize =
      before.programme.width === after.programme.width && before.programme.height === after.programme.height;
    if (!sameSize) throw onAirRefusal('The picture size cannot change while on air. Stop all outputs first.');
    const live = this.current.destinations;
    for (const { id, name } of before.destinations) {
      const state = live[id]?.state ?? 'idle';
      const busy = state === 'connecting' || state === 'live' || state === 'reconnecting';
      if (busy && !after.destinations.some((d) => d.id === id)) {
        throw onAirRefusal(`Destination "${name}" is on air and cannot be removed. Stop it first.`);
      }
    }
  }

  private travel(direction: 'undo' | 'redo'): void {
    const project = this.history[direction]();
    if (!project) throw invalid(`There is nothing to ${direction}.`);
    const { activeSceneId, media } = this.current.project;
    const stays = project.scenes.some((scene) => scene.id === activeSceneId);
    const next = { ...project, media, activeSceneId: stays ? activeSceneId : project.activeSceneId };
    try {
      this.refuseWhileOnAir(this.current.project, next);
    } catch (error) {
      this.history[direction === 'undo' ? 'redo' : 'undo']();
      throw error;
    }
    this.changeProject(next, 0);
  }

  private playback(command: Extract<Command, { type: 'layer.seek' | 'layer.pause' }>): void {
    const live = Object.hasOwn(this.current.layers, command.layerId)
      ? this.current.layers[command.layerId]
      : undefined;
    if (!live) throw invalid(`Layer "${command.layerId}" is not in this project.`);
    const now = this.nowUs();
    const wasAtUs = live.pausedAtUs ?? now - live.originUs;
    const positionUs = command.type === 'layer.seek' ? command.positionUs : wasAtUs;
    const paused = command.type === 'layer.pause' ? command.paused : live.pausedAtUs !== null;
    const next = { ...live, originUs: now - positionUs, pausedAtUs: paused ? positionUs : null };
    this.update({ layers: { ...this.current.layers, [command.layerId]: next } });
  }

  private resetGenerated(layerId: string, inputUs: number): void {
    const live = Object.hasOwn(this.current.layers, layerId) ? this.current.layers[layerId] : undefined;
    if (!live?.generated) throw invalid(`Layer "${layerId}" has no made picture to begin anew.`);
    const change = { version: this.current.version + 1, nowUs: this.nowUs(), inputUs };
    this.update({ layers: { ...this.current.layers, [layerId]: resetGenerated(live, change) } });
  }

  /** A cue is an edit like typing its prompt, and undone like one. */
  private playCue(cueId: string, standInLayerId: string | null, inputUs: number): void {
    const { cues, scenes } = this.current.project;
    const cue = cues.find((other) => other.id === cueId);
    if (!cue) throw invalid(`Cue "${cueId}" is not in this project.`);
    const layerId = cue.layerId ?? standInLayerId ?? promptedLayer(this.current.project)?.id;
    const layer = scenes.flatMap((scene) => scene.layers).find((other) => other.id === layerId);
    if (!layer) throw invalid('A cue needs a layer with a prompt. Add a made picture, or animate a layer.');
    const seed = cue.seed === null ? {} : { seed: cue.seed };
    const blend = cue.blendMs === null ? {} : { blendMs: cue.blendMs };
    const { prompt } = cue;
    if (layer.engine && layer.source.kind !== 'generate')
      this.edit({ type: 'engine.update', layerId: layer.id, patch: { prompt, ...seed } }, inputUs);
    else {
      const patch = { prompt, ...seed, ...blend };
      this.edit({ type: 'generate.update', layerId: layer.id, patch }, inputUs);
    }
    this.skipCue(cueId);
  }

  private changeProject(project: Project, inputUs: number, extra: Partial<LiveState> = {}): void {
    const before = this.current;
    const version = before.version + 1;
    const change = { version, nowUs: this.nowUs(), inputUs };
    this.publish({
      ...before,
      ...extra,
      version,
      project,
      ...followStreams(before, project, change),
      canUndo: this.history.undoLabel,
      canRedo: this.history.redoLabel,
    });
  }

  private requireDestination(id: string): string {
    if (!this.current.project.destinations.some((d) => d.id === id)) {
      throw invalid(`Destination "${id}" is not in this project.`);
    }
    return id;
  }

  /**
   * What a listener changes is told after what it heard of, so that nobody sees the studio go
   * backwards: the newest snapshot may be newer than the one that is told.
   */
  private publish(state: LiveState): void {
    this.untold.push({ state, previous: this.current });
    this.current = state;
    if (this.telling) return;
    this.telling = true;
    try {
      for (let next = this.untold.shift(); next; next = this.untold.shift()) {
        for (const listener of this.stateListeners) listener(next.state, next.previous);
      }
    } finally {
      this.telling = false;
    }
  }
}

/** Layers and strips number their streams together: an engine tells them apart by nothing else. */
function followStreams(
  before: Pick<LiveState, 'project' | 'layers' | 'strips'>,
  after: Project,
  change: Change,
): Pick<LiveState, 'layers' | 'strips'> {
  const first = nextStreamId(before.layers, before.strips);
  const layers = followLayers(before.project, after, before.layers, change, first);
  const next = nextStreamId({ ...before.layers, ...layers }, before.strips);
  return { layers, strips: followStrips(before.project, after, before.strips, change, next) };
}

/** The first layer of the scene on air that has a prompt. */
function promptedLayer(project: Project): Layer | undefined {
  const scene = project.scenes.find(({ id }) => id === project.activeSceneId);
  return scene?.layers.findLast(
    ({ visible, engine, source }) => visible && (engine?.enabled || source.kind === 'generate'),
  );
}

function firstState(options: StudioOptions): LiveState {
  const { project } = options;
  const nothing: Project = { ...project, scenes: [], strips: [] };
  const change = { version: 1, nowUs: options.nowUs(), inputUs: 0 };
  return {
    version: 1,
    project,
    projectFile: options.projectFile,
    canUndo: null,
    canRedo: null,
    ...followStreams({ project: nothing, layers: {}, strips: {} }, project, change),
    engines: {
      animate: STOPPED_ENGINE,
      generate: STOPPED_ENGINE,
      captions: STOPPED_ENGINE,
      binaural: STOPPED_ENGINE,
    },
    captions: { streamId: null, epoch: 1, controlVersion: 1, words: [], latencyMs: null },
    cues: { startedUs: null, played: [] },
    obs: { state: 'idle', latencyMs: null, obsVersion: null, hasPassword: false, error: null },
    virtualCamera: { state: 'off', backend: null, capabilities: [], error: null },
    recording: { state: 'idle', startedUs: null, durationUs: 0, bytes: 0, file: null, error: null },
    destinations: {},
    onAir: false,
    shell: options.shell,
    ffmpeg: options.ffmpeg,
    notices: [],
  };
}

const STOPPED_ENGINE: EngineLive = {
  state: 'stopped',
  url: null,
  provider: null,
  model: null,
  loading: null,
  words: [],
  restarts: 0,
  quality: null,
  images: null,
  error: null,
};

function invalid(message: string): StudioError {
  return new StudioError('studio', 'argument.invalid', message);
}

function onAirRefusal(message: string): StudioError {
  return new StudioError('studio', 'air.refused', message);
}
