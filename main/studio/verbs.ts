import type { Media } from '../../contract/project';

/** What the interface may ask for beyond commands; implemented where the studio is assembled. */
export type StudioVerbs = {
  setStreamKey(destinationId: string, key: string): Promise<null>;
  chooseFile(purpose: 'media' | 'project' | 'folder'): Promise<string | null>;
  openProject(path: string): Promise<null>;
  saveProjectAs(path: string): Promise<null>;
  addMedia(path: string): Promise<Media>;
  revealRecording(): Promise<null>;
};
