import { join } from 'node:path';
import type { StudioErrorShape } from '../../contract/errors';
import { lookAtMachine } from '../engines/runtime/provider-machine';
import { MachineSpeed } from '../models/machine-speed';
import { ModelShelf, lookAtMemory } from '../models/model-shelf';
import type { LaunchOptions, Shell } from '../studio/shell';
import type { Studio } from '../studio/studio';
import type { ModelVerbs } from '../studio/verbs';
import { availableBytes } from './engine-memory';
import { ENGINE_RUNS, wantedStreams } from './engine-streams';
import { ENGINES } from '../../contract/engine';

/** Where the models lie that the user fetched or took in. */
export function userModelsFolder(userDataDir: string): string {
  return join(userDataDir, 'models');
}

export type ModelDeskOptions = {
  shell: Pick<Shell, 'spawnChild'>;
  options: Pick<LaunchOptions, 'userDataDir' | 'modelsDir' | 'engineEntry'>;
  studio: Studio;
  onLog: (line: string) => void;
};

/** The model shelf of a running studio: failures become notices, and what engines run stays. */
export async function openModelShelf({ shell, options, studio, onLog }: ModelDeskOptions) {
  const { userDataDir, modelsDir, engineEntry } = options;
  const folder = userModelsFolder(userDataDir);
  const speed = await MachineSpeed.open({
    file: join(userDataDir, 'machine-speed.json'),
    modelsDir,
    threads: ENGINE_RUNS.animate.threads,
    spawn: shell.spawnChild,
    entryFile: engineEntry,
  });
  const shelf = await ModelShelf.open({
    modelsDir,
    folder,
    machine: lookAtMemory(availableBytes, lookAtMachine().candidates.length > 0),
    speed,
    inUse: () => modelsInUse(studio),
    onFailed: (model, error) => {
      const words: StudioErrorShape = { ...error, message: `${model.name}: ${error.message}`.slice(0, 2000) };
      studio.notify(`model-${model.id}`, words);
    },
    onLog,
  });
  const verbs: ModelVerbs = {
    shelf: () => shelf.shelf,
    onChange: (listener) => shelf.onChange(listener),
    download: async (modelId, acceptLicence) => {
      studio.dismiss(`model-${modelId}`);
      await shelf.download(modelId, acceptLicence);
    },
    pause: (modelId) => shelf.pause(modelId),
    cancel: (modelId) => shelf.cancel(modelId),
    delete: (modelId) => shelf.delete(modelId),
    verify: (modelId) => shelf.verify(modelId),
    import: (path, modelId) => shelf.import(path, modelId),
    measure: () => shelf.measure(),
  };
  return { folder, verbs, close: () => shelf.close() };
}

/** Models that an engine runs now, or that the open project asks for. */
function modelsInUse(studio: Studio): ReadonlySet<string> {
  const { state } = studio;
  const wanted = ENGINES.flatMap((engine) => wantedStreams(engine, state).map(({ model }) => model));
  const running = Object.values(state.engines).flatMap(({ state: now, model }) =>
    model !== null && now !== 'stopped' ? [model] : [],
  );
  return new Set([...wanted, ...running]);
}
