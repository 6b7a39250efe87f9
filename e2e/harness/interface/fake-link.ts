import type { Command, CommandEnvelope } from '../../../contract/commands';
import type { EngineRun } from '../../../contract/engine';
import { StudioError, type StudioErrorShape } from '../../../contract/errors';
import type { LiveState } from '../../../contract/live';
import type { ModelListing, ModelShelf } from '../../../contract/models';
import { emptyProject, projectFileStem, type Project } from '../../../contract/project';
import type { ProjectListing, Result, StudioFunctions } from '../../../contract/rpc';
import type { ControlLink, LinkListener, LinkState } from '../../../renderer/studio/control-link';
import { listing, shelfOf } from '../../../renderer/studio/models/testing/listing';
import { foresee } from '../../../renderer/studio/optimistic';
import type { Scenario } from './scenarios';

/** A link whose main lives in the page: it applies commands and notes them. */
export type FakeLink = ControlLink & {
  commands: Command[];
  /** Input times of the commands, µs. */
  inputsUs: number[];
  /** What engines are to run on. */
  engineRun: EngineRun;
  state: LiveState;
  shelf: ModelShelf;
  /** What was asked for models, verb first. */
  modelCalls: unknown[][];
  /** What the next model verb is refused with. */
  refusal: StudioErrorShape | null;
  /** Changes a model, or the shelf, and tells it. */
  tell(modelId: string | null, patch: Partial<ModelListing & ModelShelf>): void;
  /** The link is lost, or comes back. */
  goTo(link: LinkState): void;
};

const PROJECTS: readonly ProjectListing[] = [
  { path: '/home/me/show.json', name: 'Evening show', modifiedMs: Date.UTC(2026, 10, 23, 19, 4) },
  { path: '/home/me/projects/untitled.json', name: 'Untitled', modifiedMs: Date.UTC(2026, 10, 20, 9, 30) },
  {
    path: '/home/me/theatre/travelling lantern/second-night-of-the-players.json',
    name: 'The travelling lantern players, second night in the harbour hall',
    modifiedMs: Date.UTC(2026, 9, 2, 21, 15),
  },
];

const refusedOnAir = {
  ok: false as const,
  error: new StudioError(
    'studio',
    'air.refused',
    'Another project cannot be opened while on air. Stop all outputs first.',
  ).toShape(),
};

function notThere(path: string): StudioErrorShape {
  return new StudioError('studio', 'project.unreadable', `There is no project file "${path}".`).toShape();
}

/** Answers as main does, for the commands that the interface tests give. */
export function fakeLink({ state, link, shelf }: Scenario): FakeLink {
  let listener: LinkListener | null = null;
  const fake: FakeLink = {
    commands: [],
    inputsUs: [],
    engineRun: { provider: 'auto', remote: null },
    state,
    shelf: shelf && 'models' in shelf ? shelf : shelfOf([]),
    modelCalls: [],
    refusal: null,
    tell,
    goTo: (to) => listener?.onLink(to),
    studio: {} as StudioFunctions,
    open,
    close: () => {},
  };
  const done = async () => ({ ok: true as const, value: null });
  const studio: Partial<StudioFunctions> = {
    command: async (envelope: CommandEnvelope) => {
      const { command, inputUs } = structuredClone(envelope);
      fake.inputsUs.push(inputUs);
      if (command.type === 'project.new') {
        if (fake.state.onAir) return refusedOnAir;
        openProject(emptyProject(command.name), `/home/me/projects/${projectFileStem(command.name)}.json`);
      }
      fake.commands.push(command);
      const project = apply(fake.state.project, command);
      if (command.type === 'cues.run' || command.type === 'cues.halt') {
        const startedUs = command.type === 'cues.run' ? performance.now() * 1000 : null;
        fake.state = { ...fake.state, cues: { startedUs, played: [] } };
      }
      if (command.type === 'layer.seek' || command.type === 'layer.pause') playback(command);
      fake.state = { ...fake.state, project, version: fake.state.version + 1 };
      listener?.onState(fake.state);
      return { ok: true, value: { version: fake.state.version } };
    },
    listProjects: async () => ({ ok: true, value: { folder: '/home/me/projects', projects: [...PROJECTS] } }),
    openProject: async (path) => {
      if (fake.state.onAir) return refusedOnAir;
      const found = PROJECTS.find((one) => one.path === path);
      if (!found) return { ok: false, error: notThere(path) };
      openProject(emptyProject(found.name), path);
      return { ok: true, value: null };
    },
    saveProjectAs: async (path) => {
      openProject(fake.state.project, path);
      return { ok: true, value: null };
    },
    setStreamKey: done,
    setObsPassword: done,
    engineRun: async () => ({ ok: true, value: { ...fake.engineRun, hasToken: false, trials: [] } }),
    setEngineRun: async (_, run) => {
      fake.engineRun = run;
      return { ok: true, value: null };
    },
    setEngineToken: done,
    dismissNotice: async (key) => {
      fake.state = { ...fake.state, notices: fake.state.notices.filter((notice) => notice.key !== key) };
      listener?.onState(fake.state);
      return { ok: true, value: null };
    },
  };
  Object.assign(fake.studio, studio, modelVerbs(fake, shelf));
  function tell(modelId: string | null, patch: Partial<ModelListing & ModelShelf>) {
    const models = fake.shelf.models.map((model) => (model.id === modelId ? { ...model, ...patch } : model));
    fake.shelf = { ...fake.shelf, ...(modelId === null ? patch : {}), models: patch.models ?? models };
    listener?.onModels(fake.shelf);
  }
  function playback(command: Extract<Command, { type: 'layer.seek' | 'layer.pause' }>) {
    const live = fake.state.layers[command.layerId];
    if (!live) return;
    // The harness's programme clock is the page's own.
    const nowUs = performance.now() * 1000;
    const atUs =
      command.type === 'layer.seek' ? command.positionUs : (live.pausedAtUs ?? nowUs - live.originUs);
    const paused = command.type === 'layer.pause' ? command.paused : live.pausedAtUs !== null;
    const next = { ...live, originUs: nowUs - atUs, pausedAtUs: paused ? atUs : null };
    fake.state = { ...fake.state, layers: { ...fake.state.layers, [command.layerId]: next } };
  }
  function openProject(project: Project, projectFile: string) {
    fake.state = { ...fake.state, project, projectFile, version: fake.state.version + 1 };
    listener?.onState(fake.state);
  }
  function open(to: LinkListener) {
    listener = to;
    if (link !== 'connecting') to.onState(fake.state);
    to.onLink(link);
  }
  return fake;
}

function apply(project: Project, command: Command): Project {
  const scenes = project.scenes;
  switch (command.type) {
    case 'layer.add':
      return {
        ...project,
        scenes: scenes.map((scene) =>
          scene.id === command.sceneId
            ? {
                ...scene,
                layers: scene.layers.toSpliced(command.index ?? scene.layers.length, 0, command.layer),
              }
            : scene,
        ),
      };
    case 'layer.remove':
      return {
        ...project,
        scenes: scenes.map((scene) => ({
          ...scene,
          layers: scene.layers.filter((layer) => layer.id !== command.layerId),
        })),
      };
    case 'layer.move':
      return {
        ...project,
        scenes: scenes.map((scene) => {
          const layer = scene.layers.find((one) => one.id === command.layerId);
          if (!layer) return scene;
          const rest = scene.layers.filter((one) => one !== layer);
          return { ...scene, layers: rest.toSpliced(command.index, 0, layer) };
        }),
      };
    case 'cue.play':
      return playCue(project, command);
    case 'cue.remove':
      return { ...project, cues: project.cues.filter((cue) => cue.id !== command.cueId) };
    case 'strip.add':
      return { ...project, strips: [...project.strips, command.strip] };
    case 'scene.take':
      return { ...project, activeSceneId: command.sceneId };
    case 'scene.add':
      return { ...project, scenes: [...scenes, { id: command.sceneId, name: command.name, layers: [] }] };
    case 'destination.add':
      return { ...project, destinations: [...project.destinations, command.destination] };
    default:
      return foresee(project, command);
  }
}

function playCue(project: Project, { cueId, layerId }: Extract<Command, { type: 'cue.play' }>): Project {
  const cue = project.cues.find((one) => one.id === cueId);
  const id = cue?.layerId ?? layerId;
  const layer = project.scenes.flatMap((scene) => scene.layers).find((one) => one.id === id);
  if (!cue || !layer) return project;
  const type = layer.engine ? 'engine.update' : 'generate.update';
  return foresee(project, { type, layerId: layer.id, patch: { prompt: cue.prompt } });
}

/** The verbs for models, as main answers them, but that nothing comes by itself. */
function modelVerbs(fake: FakeLink, shelf: Scenario['shelf']): Partial<StudioFunctions> {
  const noted = async <T>(call: unknown[], value: T): Promise<Result<T>> => {
    fake.modelCalls.push(call);
    const error = fake.refusal;
    fake.refusal = null;
    return error ? { ok: false, error } : { ok: true, value };
  };
  const to = (state: ModelListing['state'], more: Partial<ModelListing> = {}) => ({ state, ...more });
  const doing = (verb: string, patch: (model: ModelListing) => Partial<ModelListing>) => {
    return async (modelId: string, ...more: unknown[]) => {
      const answer = await noted([verb, modelId, ...more], null);
      const model = fake.shelf.models.find((one) => one.id === modelId);
      if (answer.ok && model) fake.tell(modelId, patch(model));
      return answer;
    };
  };
  return {
    watchModels: async () => {
      fake.modelCalls.push(['watch']);
      return shelf && !('models' in shelf) ? { ok: false, error: shelf } : { ok: true, value: fake.shelf };
    },
    downloadModel: doing('download', (model) => {
      const [doneBytes, totalBytes] = [model.transfer?.doneBytes ?? model.haveBytes, model.bytes ?? 0];
      const still = { bytesPerSecond: 0, etaS: null, file: null, retrying: null };
      const licence = { ...model.licence, accepted: true };
      return to('downloading', { transfer: { doneBytes, totalBytes, ...still }, error: null, licence });
    }),
    pauseModel: doing('pause', () => to('paused')),
    cancelModel: doing('cancel', () => to('absent', { transfer: null, haveBytes: 0, error: null })),
    deleteModel: doing('delete', () => to('absent', { haveBytes: 0, error: null })),
    verifyModel: doing('verify', () => to('verifying')),
    importModels: async (path, modelId) => {
      const call = modelId === null ? ['import', path] : ['import', path, modelId];
      const answer = await noted(call, path.includes('models') ? ['taken-in'] : []);
      if (!answer.ok || answer.value.length === 0) return answer;
      const model = listing({ id: 'taken-in', name: 'Animate from a stick', state: 'installed' });
      fake.tell(null, { models: [...fake.shelf.models, model] });
      return answer;
    },
    chooseFile: (purpose) => noted(['choose', purpose], purpose === 'folder' ? '/media/stick/models' : null),
    openExternal: (address) => noted(['open', address], null),
    measureMachine: async () => {
      const answer = await noted(['measure'], null);
      if (answer.ok) fake.tell(null, { referenceMs: 14.2 });
      return answer;
    },
  };
}
