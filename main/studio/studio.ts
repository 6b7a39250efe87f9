import type { Command, CommandEnvelope } from '../../contract/commands';
import { StudioError, type StudioErrorShape } from '../../contract/errors';
import type { EngineLive, LiveState, Notice } from '../../contract/live';
import { emptyProject, type Project } from '../../contract/project';
import { editProject, type EditCommand } from './edit';
import { History } from './history';
import { followLayers, followStrips } from './layers-live';
import { coalesceKey, undoLabel } from './undo-labels';

/** What the studio does beyond its own state; given by the program that assembles it. */
export type StudioActions = {
  startRecording(): void;
  pauseRecording(): void;
  resumeRecording(): void;
  stopRecording(): void;
  startLive(destinationId: string): void;
  stopLive(destinationId: string): void;
  restartEngine(): void;
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
        this.actions.restartEngine();
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
    this.changeProject(project, 0, { projectFile });
  }

  /** Changes live values; the version rises. */
  update(change: Partial<Omit<LiveState, 'version'>>): void {
    this.publish({ ...this.current, ...change, version: this.current.version + 1 });
  }

  updateEngine(animate: EngineLive): void {
    this.update({ engines: { animate } });
  }

  /** Notes the words of a prompt that the engine did not know. */
  noteUnknownWords(streamId: number, unknownWords: readonly string[]): void {
    const entry = Object.entries(this.current.layers).find(([, live]) => live.streamId === streamId);
    if (!entry || entry[1].unknownWords.join() === unknownWords.join()) return;
    this.update({ layers: { ...this.current.layers, [entry[0]]: { ...entry[1], unknownWords } } });
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

  private changeProject(project: Project, inputUs: number, extra: Partial<LiveState> = {}): void {
    const before = this.current;
    const version = before.version + 1;
    const change = { version, nowUs: this.nowUs(), inputUs };
    this.publish({
      ...before,
      ...extra,
      version,
      project,
      layers: followLayers(before.project, project, before.layers, change),
      strips: followStrips(before.project, project, before.strips, change.nowUs),
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

  private publish(state: LiveState): void {
    const previous = this.current;
    this.current = state;
    for (const listener of this.stateListeners) listener(state, previous);
  }
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
    layers: followLayers(nothing, project, {}, change),
    strips: followStrips(nothing, project, {}, change.nowUs),
    engines: { animate: STOPPED_ENGINE },
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
  words: [],
  restarts: 0,
  error: null,
};

function invalid(message: string): StudioError {
  return new StudioError('studio', 'argument.invalid', message);
}

function onAirRefusal(message: string): StudioError {
  return new StudioError('studio', 'air.refused', message);
}
