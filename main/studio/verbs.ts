import type { EngineName, EngineRun, KnownRun } from '../../contract/engine';
import type { ModelShelf } from '../../contract/models';
import type { Media } from '../../contract/project';
import type { FilePurpose, ProjectList } from '../../contract/rpc';

/** The model shelf, as the interface may ask for it. */
export type ModelVerbs = {
  shelf(): ModelShelf;
  /** @returns a function that takes the listener out. */
  onChange(listener: (shelf: ModelShelf) => void): () => void;
  download(modelId: string, acceptLicence: boolean): Promise<void>;
  pause(modelId: string): Promise<void>;
  cancel(modelId: string): Promise<void>;
  delete(modelId: string): Promise<void>;
  verify(modelId: string): Promise<void>;
  import(path: string, modelId: string | null): Promise<string[]>;
  measure(): Promise<void>;
};

/** What the interface may ask for beyond commands; implemented where the studio is assembled. */
export type StudioVerbs = {
  setStreamKey(destinationId: string, key: string): Promise<null>;
  setObsPassword(password: string): Promise<null>;
  engineRun(engine: EngineName): Promise<KnownRun>;
  setEngineRun(engine: EngineName, run: EngineRun): Promise<null>;
  setEngineToken(engine: EngineName, token: string): Promise<null>;
  chooseFile(purpose: FilePurpose): Promise<string | null>;
  openExternal(address: string): Promise<null>;
  listProjects(): Promise<ProjectList>;
  openProject(path: string): Promise<null>;
  saveProjectAs(path: string): Promise<null>;
  addMedia(path: string): Promise<Media>;
  probeCameras(): Promise<null>;
  models: ModelVerbs;
  revealRecording(): Promise<null>;
};
