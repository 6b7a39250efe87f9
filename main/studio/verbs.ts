import type { EngineName, EngineRun, KnownRun } from '../../contract/engine';
import type { Media } from '../../contract/project';
import type { ProjectList } from '../../contract/rpc';

/** What the interface may ask for beyond commands; implemented where the studio is assembled. */
export type StudioVerbs = {
  setStreamKey(destinationId: string, key: string): Promise<null>;
  setObsPassword(password: string): Promise<null>;
  engineRun(engine: EngineName): Promise<KnownRun>;
  setEngineRun(engine: EngineName, run: EngineRun): Promise<null>;
  setEngineToken(engine: EngineName, token: string): Promise<null>;
  chooseFile(purpose: 'media' | 'project' | 'folder'): Promise<string | null>;
  listProjects(): Promise<ProjectList>;
  openProject(path: string): Promise<null>;
  saveProjectAs(path: string): Promise<null>;
  addMedia(path: string): Promise<Media>;
  probeCameras(): Promise<null>;
  revealRecording(): Promise<null>;
};
